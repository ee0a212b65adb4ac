/// log₂ by additions, multiplications and divisions alone.
///
/// Mathematical libraries differ in the last bit of their logarithms, and so would the patches of two machines. What
/// is used here gives the same bits on every machine (IEEE 754).
struct BinaryLogarithm {
  /// log₂ of 1, 1 + 1/128, … 2 - 1/128. It is looked up once for many logarithms.
  private let table = BinaryLogarithm.ofSteps

  private static let ofSteps = (0..<128).map { step in
    // (c - 1) / (c + 1) for c = 1 + step/128.
    twiceArtanh(Double(step) / Double(256 + step), terms: 20) * perNatural
  }

  /// 1 / ln 2.
  private static let perNatural = 1.4426950408889634

  /// ln((1 + x) / (1 - x)) as the beginning of its series 2·(x + x³/3 + x⁵/5 + …).
  private static func twiceArtanh(_ x: Double, terms: Int) -> Double {
    // The smallest terms first.
    let sum = (0..<terms).reversed().reduce(0) { $0 * x * x + 1 / Double(2 * $1 + 1) }
    return 2 * x * sum
  }

  /// log₂ of a number of at least 1, off by less than 1e-14.
  func callAsFunction(_ number: UInt64) -> Double {
    let value = Double(number)
    let bits = value.bitPattern
    let exponent = Int(bits >> 52) - 1023
    let mantissa = Double(bitPattern: bits & (1 << 52 - 1) | 1023 << 52)
    let step = Int(bits >> 45 & 127)
    let start = 1 + Double(step) * (1.0 / 128)
    // At most 1/256: three terms are enough.
    let x = (mantissa - start) / (mantissa + start)
    let square = x * x
    let rest = 2 * x * (1 + square * (1.0 / 3 + square * (1.0 / 5)))
    return Double(exponent) + (table[step] + rest * BinaryLogarithm.perNatural)
  }
}

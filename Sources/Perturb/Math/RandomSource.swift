import RealModule

/// A seeded stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014).
///
/// The same seed gives the same numbers on every machine; that is all it is for. Not for secrets.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A stream for one purpose: `stream` keeps the draws of different purposes independent.
  public init(seed: UInt64, stream: UInt64 = 0) {
    // The seed is mixed: a state that is only a multiple of the increment would make neighbouring
    // seeds the same sequence, one number apart.
    state = seed
    state = next() ^ stream &* 0xD1B5_4A32_D192_ED03
    _ = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// Uniform between 0 (included) and 1 (excluded).
  mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// So many normal numbers of this deviation, two at a time (Box and Muller 1958).
  mutating func normal(_ count: Int, deviation: Float) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count + 1)
    while values.count < count {
      let radius = Double.sqrt(-2 * .log(1 - uniform()))
      let angle = 2 * Double.pi * uniform()
      values.append(deviation * Float(radius * .cos(angle)))
      values.append(deviation * Float(radius * .sin(angle)))
    }
    if values.count > count { values.removeLast() }
    return values
  }
}

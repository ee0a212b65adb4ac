/// Floating-point numbers of 8 bits (Micikevicius et al. 2022, "FP8 formats for deep learning").
///
///     F8_E4M3  sign · 4 bits of exponent, bias 7 · 3 of fraction; no infinity, NaN 0x7F and 0xFF, up to 448
///     F8_E5M2  sign · 5 bits of exponent, bias 15 · 2 of fraction; as IEEE 754, up to 57344
///
/// A number is a code of its own; what it is multiplied by is in another tensor (`TensorScales`). −0 and what
/// is not finite are never written.
protocol Float8: MovableCodes {
  /// What a code stands for.
  static func value(_ code: UInt8) -> Float
}

extension Float8 {
  static var elements: Int { 1 }
  static var bytes: Int { 1 }

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    values.pointee = value(block.byte(0))
  }

  static func decode(_ codes: UnsafeRawBufferPointer, into values: inout MutableSpan<Float>) {
    precondition(values.count == codes.count)
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<codes.count { values[index] = value(codes[index]) }
    }
  }

  static func bits(of element: Int) -> CodeBits { CodeBits(byte: 0, shift: 0, width: 8) }

  fileprivate static var allLevels: [Float] { (0...255).map(value) }
  fileprivate static var unwritten: [UInt8] {
    (0...255).filter { $0 == 0x80 || !value($0).isFinite }
  }
}

enum F8_E4M3: Float8 {
  static let levels = allLevels
  static let spareCodes = unwritten

  @inline(__always)
  static func value(_ code: UInt8) -> Float {
    let magnitude = UInt32(code & 0x7F)
    // The bits at their places in a `Float`, whose exponent has another bias: exact, small ones included.
    let value = magnitude == 0x7F ? .nan : Float(bitPattern: magnitude << 20) * 0x1p120
    return Float(bitPattern: value.bitPattern | UInt32(code & 0x80) << 24)
  }
}

enum F8_E5M2: Float8 {
  static let levels = allLevels
  static let spareCodes = unwritten

  /// The upper half of an F16.
  @inline(__always)
  static func value(_ code: UInt8) -> Float { Float(Float16(bitPattern: UInt16(code) << 8)) }
}

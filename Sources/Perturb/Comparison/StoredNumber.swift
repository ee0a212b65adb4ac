import FormatIO

/// A floating-point type as files have it: sign, exponent and fraction in the bits of an unsigned number.
protocol StoredNumber: Sendable {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

  /// The number that the bits stand for.
  static func value(_ bits: Bits) -> Double
  /// The bits of the nearest number, ties to even.
  static func nearest(_ value: Double) -> Bits
  /// The bits of +∞; larger ones without the sign are not numbers.
  static var infinity: Bits { get }
}

extension StoredNumber {
  /// The bit of the sign.
  @inline(__always)
  static var sign: Bits { 1 << Bits(truncatingIfNeeded: Bits.bitWidth - 1) }

  /// The number's place in the order of all numbers of the type; both zeros have the same.
  @inline(__always)
  static func place(_ bits: Bits) -> Bits {
    let magnitude = bits & ~sign
    return bits >= sign ? sign &- magnitude : sign &+ magnitude
  }

  /// How many steps between neighbouring numbers lie between two of them.
  @inline(__always)
  static func steps(_ a: Bits, _ b: Bits) -> Bits {
    let (a, b) = (place(a), place(b))
    return max(a, b) &- min(a, b)
  }
}

/// BF16.
enum StoredBFloat16: StoredNumber {
  @inline(__always)
  static func value(_ bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }

  static func nearest(_ value: Double) -> UInt16 {
    // First to an odd fraction of single precision: rounding twice to even could end beside the nearest.
    var single = Float(value)
    if Double(single) != value, value.isFinite {
      if abs(Double(single)) > abs(value) { single = Float(bitPattern: single.bitPattern - 1) }
      single = Float(bitPattern: single.bitPattern | 1)
    }
    let bits = single.bitPattern
    guard !single.isNaN else { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }

  static var infinity: UInt16 { 0x7F80 }
}

/// F16.
enum StoredFloat16: StoredNumber {
  @inline(__always)
  static func value(_ bits: UInt16) -> Double { Double(Float(Float16(bitPattern: bits))) }
  static func nearest(_ value: Double) -> UInt16 { Float16(value).bitPattern }
  static var infinity: UInt16 { 0x7C00 }
}

/// F32.
enum StoredFloat32: StoredNumber {
  @inline(__always)
  static func value(_ bits: UInt32) -> Double { Double(Float(bitPattern: bits)) }
  static func nearest(_ value: Double) -> UInt32 { Float(value).bitPattern }
  static var infinity: UInt32 { 0x7F80_0000 }
}

/// F64.
enum StoredFloat64: StoredNumber {
  @inline(__always)
  static func value(_ bits: UInt64) -> Double { Double(bitPattern: bits) }
  static func nearest(_ value: Double) -> UInt64 { value.bitPattern }
  static var infinity: UInt64 { 0x7FF0_0000_0000_0000 }
}

extension ElementType {
  /// The floating-point types whose numbers stand for themselves, the coarsest first.
  static let storedNumbers: [(type: ElementType, number: any StoredNumber.Type)] = [
    (.bfloat16, StoredBFloat16.self), (.float16, StoredFloat16.self),
    (.float32, StoredFloat32.self), (.float64, StoredFloat64.self),
  ]

  /// The coarser of two floating-point types; nil if one of them is none.
  static func coarser(_ a: ElementType, _ b: ElementType) -> (any StoredNumber.Type)? {
    guard let first = storedNumbers.firstIndex(where: { $0.type == a }),
      let second = storedNumbers.firstIndex(where: { $0.type == b })
    else { return nil }
    return storedNumbers[min(first, second)].number
  }
}

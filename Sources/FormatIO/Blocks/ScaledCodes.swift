/// A block type whose groups of numbers lie on even grids: x = scale · (code − zero) + offset.
///
/// Product and sum are rounded to single precision one after the other, as `decode` does it.
protocol ScaledCodes: MovableCodes {
  /// How many numbers share a scale.
  static var groupSize: Int { get }
  /// The code whose number is the offset.
  static var zero: Int { get }
  /// What is turned in the stored bits of a code: the highest one, where they are a signed number.
  static var signBit: UInt8 { get }
  /// How the scales of a block follow from its numbers.
  static var scaleRule: ScaleRule { get }
  /// The grid of a group.
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float)
}

/// How a block's scales are guessed from numbers that are about the same.
enum ScaleRule {
  /// One in half precision: the number of largest magnitude divided by this.
  case extreme(dividedBy: Float)
  /// The same without the sign.
  case magnitude(dividedBy: Float)
  /// The distance of the largest and the smallest number divided by this, and the smallest one, both in half
  /// precision.
  case range(dividedBy: Float)
  /// The search is too long to be part of a format.
  case none
}

extension ScaledCodes {
  static var groupSize: Int { 32 }
  static var zero: Int { 0 }
  static var signBit: UInt8 { 0 }
  static var scaleRule: ScaleRule { .none }
}

extension ElementType {
  /// The packing of a type whose numbers lie on even grids.
  var scaledCodes: (any ScaledCodes.Type)? { blockCodec as? any ScaledCodes.Type }
}

// MARK: - The types

extension Q4_0: ScaledCodes {
  static let zero = 8
  static var scaleRule: ScaleRule { .extreme(dividedBy: -8) }
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(0), 0)
  }
}

extension Q5_0: ScaledCodes {
  static let zero = 16
  static var scaleRule: ScaleRule { .extreme(dividedBy: -16) }
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(0), 0)
  }
}

extension Q8_0: ScaledCodes {
  static let zero = 128
  static let signBit: UInt8 = 0x80
  static var scaleRule: ScaleRule { .magnitude(dividedBy: 127) }
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(0), 0)
  }
}

extension Q4_1: ScaledCodes {
  static var scaleRule: ScaleRule { .range(dividedBy: 15) }
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(0), block.half(2))
  }
}

extension Q5_1: ScaledCodes {
  static var scaleRule: ScaleRule { .range(dividedBy: 31) }
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(0), block.half(2))
  }
}

extension Q2_K: ScaledCodes {
  static let groupSize = 16
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    let packed = block.byte(group)
    return (block.half(80) * Float(packed & 15), -(block.half(82) * Float(packed >> 4)))
  }
}

extension Q3_K: ScaledCodes {
  static let groupSize = 16
  static let zero = 4
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(108) * Float(scale(block, group) &- 32), 0)
  }
}

extension Q4_K: ScaledCodes {
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    SixBitScales.grid(block, group)
  }
}

extension Q5_K: ScaledCodes {
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    SixBitScales.grid(block, group)
  }
}

extension Q6_K: ScaledCodes {
  static let groupSize = 16
  static let zero = 32
  static func grid(_ block: UnsafeRawPointer, _ group: Int) -> (scale: Float, offset: Float) {
    (block.half(208) * Float(Int8(bitPattern: block.byte(192 &+ group))), 0)
  }
}

extension SixBitScales {
  @inline(__always)
  fileprivate static func grid(
    _ block: UnsafeRawPointer, _ group: Int
  ) -> (scale: Float, offset: Float) {
    let (scale, minimum) = read(block + 4, group)
    return (block.half(0) * scale, -(block.half(2) * minimum))
  }
}

/// 256 numbers of −d, 0 and d.
///
///     TQ1_0  48 bytes of five numbers each · 4 bytes of four numbers each · d (2)
///     TQ2_0  64 bytes of four numbers each, two bits a number · d (2)
///
/// TQ1_0 writes five digits of base 3 as a fraction of 256, highest first: multiplied by 3 the next
/// digit falls out at the top. A byte's numbers are 32, 16 or 4 apart.
enum TQ1_0: BlockEncoder {
  static let elements = 256
  static let bytes = 54

  /// Which numbers share bytes: digits each, the first byte, how many bytes, the first number.
  private static let groups: [(digits: Int, byte: Int, count: Int, element: Int)] = [
    (5, 0, 32, 0), (5, 32, 16, 160), (4, 48, 4, 240),
  ]

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(52)
    for group in groups {
      var power: UInt8 = 1
      for digit in 0..<group.digits {
        let target = values + (group.element + digit * group.count)
        for index in 0..<group.count {
          let rest = block.byte(group.byte &+ index) &* power
          target[index] = Float(Int32((UInt16(rest) &* 3) >> 8) &- 1) * d
        }
        power &*= 3
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = abs(BlockValues.extreme(values, 256))
    let inverse = BlockValues.inverse(d)
    for group in groups {
      for index in 0..<group.count {
        var code: UInt16 = 0
        for digit in 0..<5 {
          code &*= 3
          guard digit < group.digits else { continue }
          code &+= ternary(values[group.element + digit * group.count + index] * inverse)
        }
        block.setByte(
          group.byte &+ index, UInt8(truncatingIfNeeded: (UInt32(code) &* 256 &+ 242) / 243))
      }
    }
    block.setHalf(52, d)
  }

  /// 0, 1 or 2 for −1, 0 or 1.
  @inline(__always)
  fileprivate static func ternary(_ x: Float) -> UInt16 {
    let rounded = x.rounded(.toNearestOrAwayFromZero)
    return UInt16(max(0, min(2, rounded + 1)))
  }
}

enum TQ2_0: BlockEncoder {
  static let elements = 256
  static let bytes = 66

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(64)
    for half in 0..<2 {
      for part in 0..<4 {
        let target = values + (128 * half + 32 * part)
        for index in 0..<32 {
          let code = block.byte(half &* 32 &+ index) &>> UInt8(truncatingIfNeeded: 2 &* part) & 3
          target[index] = Float(Int32(code) &- 1) * d
        }
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = abs(BlockValues.extreme(values, 256))
    let inverse = BlockValues.inverse(d)
    for half in 0..<2 {
      for index in 0..<32 {
        var byte: UInt8 = 0
        for part in 0..<4 {
          let code = TQ1_0.ternary(values[half &* 128 &+ part &* 32 &+ index] * inverse)
          byte |= UInt8(truncatingIfNeeded: code) << UInt8(2 * part)
        }
        block.setByte(half &* 32 &+ index, byte)
      }
    }
    block.setHalf(64, d)
  }
}

/// One bit a number, or two, over one scale.
///
///     Q1_0  d (2) · 128 bits, lowest first (16)                x = d or −d
///     Q2_0  d (2) · 64 codes of two bits, lowest first (16)    x = d · (q − 1)
enum Q1_0: BlockCodec {
  static let elements = 128
  static let bytes = 18

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for j in 0..<128 {
      let bit = block.byte(2 &+ j &>> 3) &>> UInt8(truncatingIfNeeded: j & 7) & 1
      values[j] = bit == 1 ? d : -d
    }
  }
}

enum Q2_0: BlockCodec {
  static let elements = 64
  static let bytes = 18

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for j in 0..<64 {
      let code = block.byte(2 &+ j &>> 2) &>> UInt8(truncatingIfNeeded: 2 &* (j & 3)) & 3
      values[j] = Float(Int32(code) &- 1) * d
    }
  }
}

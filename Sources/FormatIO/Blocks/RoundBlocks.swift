/// 32 numbers on a uniform grid, with one scale in half precision: x = d · (q − offset).
///
///     Q4_0  d (2) · q0|q16, q1|q17, … q15|q31 (16 bytes: low nibble | high nibble)      offset 8
///     Q5_0  d (2) · fifth bits of q0 … q31 (4) · nibbles as in Q4_0 (16)                offset 16
///     Q8_0  d (2) · q0 … q31, signed (32)                                               offset 0
///
/// The number of largest magnitude decides d and lands on the end of the grid.
enum Q4_0: BlockEncoder {
  static let elements = 32
  static let bytes = 18

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for j in 0..<16 {
      let pair = block.byte(2 &+ j)
      values[j] = d * Float(Int32(pair & 15) &- 8)
      values[j &+ 16] = d * Float(Int32(pair >> 4) &- 8)
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = BlockValues.extreme(values, 32) / -8
    let inverse = Double(BlockValues.inverse(d))
    block.setHalf(0, d)
    // The reference lets the compiler fuse product and sum; in double precision nothing is lost.
    func code(_ x: Float) -> UInt8 {
      UInt8(truncatingIfNeeded: BlockValues.truncated(Float(Double(x) * inverse + 8.5), 0, 15))
    }
    for j in 0..<16 {
      block.setByte(2 &+ j, code(values[j]) | code(values[j &+ 16]) << 4)
    }
  }
}

enum Q5_0: BlockEncoder {
  static let elements = 32
  static let bytes = 22

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    let high = FifthBits(block + 2)
    for j in 0..<16 {
      let pair = block.byte(6 &+ j)
      values[j] = d * Float((Int32(pair & 15) | high[j]) &- 16)
      values[j &+ 16] = d * Float((Int32(pair >> 4) | high[j &+ 16]) &- 16)
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = BlockValues.extreme(values, 32) / -16
    let inverse = Double(BlockValues.inverse(d))
    block.setHalf(0, d)
    FifthBits.store(into: block + 2) { j in
      BlockValues.truncated(Float(Double(values[j]) * inverse + 16.5), 0, 31)
    }
  }
}

enum Q8_0: BlockEncoder {
  static let elements = 32
  static let bytes = 34

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for j in 0..<32 {
      values[j] = d * Float(Int8(bitPattern: block.byte(2 &+ j)))
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = abs(BlockValues.extreme(values, 32)) / 127
    let inverse = BlockValues.inverse(d)
    block.setHalf(0, d)
    for j in 0..<32 {
      let scaled = (values[j] * inverse).rounded(.toNearestOrAwayFromZero)
      let code = Int32(max(-128, min(127, scaled)))
      block.setByte(2 &+ j, UInt8(truncatingIfNeeded: code))
    }
  }
}

// MARK: - With a minimum

/// The same with a minimum: x = d · q + m.
///
///     Q4_1  d (2) · m (2) · nibbles (16)
///     Q5_1  d (2) · m (2) · fifth bits (4) · nibbles (16)
enum Q4_1: BlockEncoder {
  static let elements = 32
  static let bytes = 20

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, m) = (block.half(0), block.half(2))
    for j in 0..<16 {
      let pair = block.byte(4 &+ j)
      values[j] = d * Float(pair & 15) + m
      values[j &+ 16] = d * Float(pair >> 4) + m
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let (low, high) = BlockValues.range(values, 32)
    let d = (high - low) / 15
    let inverse = BlockValues.inverse(d)
    block.setHalf(0, d)
    block.setHalf(2, low)
    func code(_ x: Float) -> UInt8 {
      UInt8(truncatingIfNeeded: BlockValues.truncated((x - low) * inverse + 0.5, 0, 15))
    }
    for j in 0..<16 {
      block.setByte(4 &+ j, code(values[j]) | code(values[j &+ 16]) << 4)
    }
  }
}

enum Q5_1: BlockEncoder {
  static let elements = 32
  static let bytes = 24

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, m) = (block.half(0), block.half(2))
    let high = FifthBits(block + 4)
    for j in 0..<16 {
      let pair = block.byte(8 &+ j)
      values[j] = d * Float(Int32(pair & 15) | high[j]) + m
      values[j &+ 16] = d * Float(Int32(pair >> 4) | high[j &+ 16]) + m
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let (low, high) = BlockValues.range(values, 32)
    let d = (high - low) / 31
    let inverse = BlockValues.inverse(d)
    block.setHalf(0, d)
    block.setHalf(2, low)
    FifthBits.store(into: block + 4) { j in
      BlockValues.truncated((values[j] - low) * inverse + 0.5, 0, 31)
    }
  }
}

/// The activation type of ggml; in files it is only ever carried.
///
///     Q8_1  d (2) · d · Σq (2) · q0 … q31, signed (32)          x = d · q
enum Q8_1: BlockCodec {
  static let elements = 32
  static let bytes = 36

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for j in 0..<32 {
      values[j] = d * Float(Int8(bitPattern: block.byte(4 &+ j)))
    }
  }
}

/// The highest bits of 32 codes of five bits, before their nibbles.
private struct FifthBits {
  private let bits: UInt32

  @inline(__always)
  init(_ source: UnsafeRawPointer) {
    bits = UInt32(littleEndian: source.loadUnaligned(as: UInt32.self))
  }

  /// 16 or 0.
  @inline(__always)
  subscript(index: Int) -> Int32 {
    Int32(truncatingIfNeeded: bits &>> UInt32(truncatingIfNeeded: index) & 1) << 4
  }

  /// Stores the codes of 32 numbers: four bytes of highest bits, sixteen of nibbles.
  @inline(__always)
  static func store(into target: UnsafeMutableRawPointer, _ code: (Int) -> Int32) {
    var bits: UInt32 = 0
    for j in 0..<16 {
      let (low, high) = (code(j), code(j &+ 16))
      bits |= UInt32(truncatingIfNeeded: low >> 4) << UInt32(j)
      bits |= UInt32(truncatingIfNeeded: high >> 4) << UInt32(j &+ 16)
      target.setByte(4 &+ j, UInt8(truncatingIfNeeded: low & 15 | (high & 15) << 4))
    }
    target.storeBytes(of: bits.littleEndian, as: UInt32.self)
  }
}

import Glibc

/// Blocks whose four-bit codes are looked up in a table of 16 numbers.
///
///     IQ4_NL  d (2) · nibbles of 32 codes (16)                                  x = d · table[q]
///     IQ4_XS  d (2) · high scale bits (2) · low scale bits (4) · nibbles (128)  x = d · (s − 32) · table[q]
///     MXFP4   exponent (1) · nibbles of 32 codes (16)                           x = 2^(e−128) · table[q]
///     NVFP4   scales of 16 codes each (4) · nibbles of 64 codes (32)            x = s · table[q]
///
/// In each group of codes the low nibbles come first, then the high ones.
enum CodeTable {
  /// ggml's 16 levels for weights that are denser around zero.
  static let nonlinear: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]
  /// Twice the numbers of E2M1: one sign, two exponent and one fraction bit (Open Compute Project, MX 1.0).
  static let e2m1: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
  /// Read as zero.
  static let minusZero: UInt8 = 8

  /// Unpacks a group: codes of both nibbles of each byte.
  @inline(__always)
  static func decode(
    _ nibbles: UnsafeRawPointer, _ count: Int, scale: Float, _ table: [Float],
    into values: UnsafeMutablePointer<Float>
  ) {
    table.withUnsafeBufferPointer { table in
      for j in 0..<count / 2 {
        let pair = nibbles.byte(j)
        values[j] = scale * table[Int(pair & 15)]
        values[j &+ count / 2] = scale * table[Int(pair >> 4)]
      }
    }
  }

  /// The code whose number is nearest, the first of several.
  @inline(__always)
  static func nearest(_ x: Float, scale: Float, _ table: [Float]) -> UInt8 {
    var (best, distance) = (0, Float.infinity)
    for code in 0..<16 {
      let error = abs(scale * table[code] - x)
      if error < distance { (best, distance) = (code, error) }
    }
    return UInt8(truncatingIfNeeded: best)
  }

  /// Packs the nearest codes of a group.
  @inline(__always)
  static func encode(
    _ values: UnsafePointer<Float>, _ count: Int, scale: Float, _ table: [Float],
    into nibbles: UnsafeMutableRawPointer
  ) {
    for j in 0..<count / 2 {
      let low = nearest(values[j], scale: scale, table)
      let high = nearest(values[j &+ count / 2], scale: scale, table)
      nibbles.setByte(j, low | high << 4)
    }
  }

  /// The scale that leaves the least error, weighed by the squares of the numbers: some scales around the
  /// one that maps the extreme onto an end of the table, each improved by least squares.
  static func bestScale(_ values: UnsafePointer<Float>, _ count: Int, _ table: [Float]) -> Float {
    let extreme = BlockValues.extreme(values, count)
    guard abs(extreme) >= 1e-15 else { return 0 }
    var (best, gain): (Float, Float) = (0, 0)
    for step in -7...7 {
      let start = extreme / (table[0] + Float(step))
      var (product, square): (Float, Float) = (0, 0)
      for index in 0..<count {
        let x = values[index]
        let level = table[Int(nearest(x, scale: start, table))]
        product += x * x * level * x
        square += x * x * level * level
      }
      if square > 0, product * product > gain * square {
        (best, gain) = (product / square, product * product / square)
      }
    }
    return best
  }
}

enum IQ4_NL: BlockEncoder {
  static let elements = 32
  static let bytes = 18

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    CodeTable.decode(block + 2, 32, scale: block.half(0), CodeTable.nonlinear, into: values)
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let d = block.setHalf(0, CodeTable.bestScale(values, 32, CodeTable.nonlinear))
    CodeTable.encode(values, 32, scale: d, CodeTable.nonlinear, into: block + 2)
  }
}

enum IQ4_XS: BlockCodec {
  static let elements = 256
  static let bytes = 136

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    let high = UInt16(littleEndian: block.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    for part in 0..<8 {
      let low = block.byte(4 &+ part / 2) >> UInt8(4 * (part % 2)) & 15
      let scale = Int32(low) | Int32(high >> UInt16(2 * part) & 3) << 4
      CodeTable.decode(
        block + 8 + 16 * part, 32, scale: d * Float(scale - 32), CodeTable.nonlinear,
        into: values + 32 * part)
    }
  }
}

enum MXFP4: BlockEncoder {
  static let elements = 32
  static let bytes = 17

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    CodeTable.decode(block + 1, 32, scale: scale(block.byte(0)), CodeTable.e2m1, into: values)
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let largest = abs(BlockValues.extreme(values, 32))
    let exponent = largest > 0 ? log2f(largest).rounded(.down) - 2 + 127 : 0
    let byte = UInt8(max(0, min(255, exponent)))
    block.setByte(0, byte)
    CodeTable.encode(values, 32, scale: scale(byte), CodeTable.e2m1, into: block + 1)
  }

  /// Half of 2^(e−127), since the table has twice the numbers.
  private static func scale(_ exponent: UInt8) -> Float {
    Float(
      bitPattern: exponent < 2 ? 0x0020_0000 << UInt32(exponent) : UInt32(exponent - 1) << 23)
  }
}

enum NVFP4: BlockCodec {
  static let elements = 64
  static let bytes = 36

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    for part in 0..<4 {
      CodeTable.decode(
        block + 4 + 8 * part, 16, scale: scale(block.byte(part)), CodeTable.e2m1,
        into: values + 16 * part)
    }
  }

  /// Half of an unsigned number with four exponent and three fraction bits; 0x7F is not used.
  private static func scale(_ byte: UInt8) -> Float {
    guard byte != 0, byte != 0x7F else { return 0 }
    let (exponent, fraction) = (Int(byte >> 3 & 15), Float(byte & 7))
    return exponent == 0
      ? fraction * 0x1p-10
      : Float(sign: .plus, exponent: exponent - 8, significand: 1 + fraction / 8)
  }
}

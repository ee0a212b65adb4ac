/// How one quantised type packs a block of numbers into bytes.
///
/// Blocks stand one after the other, row after row; a row holds whole blocks. All numbers are little
/// endian. The arithmetic is that of ggml's reference, operation by operation, so that decoding is
/// exact to the bit.
protocol BlockCodec: Sendable {
  /// Numbers in a block.
  static var elements: Int { get }
  /// Bytes of a block.
  static var bytes: Int { get }
  /// Unpacks one block at any address.
  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>)
  /// Unpacks whole blocks.
  static func decode(_ blocks: UnsafeRawBufferPointer, into values: inout MutableSpan<Float>)
}

/// A block type that can be written as well.
protocol BlockEncoder: BlockCodec {
  /// Packs one block.
  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer)
}

extension BlockCodec {
  static func decode(_ blocks: UnsafeRawBufferPointer, into values: inout MutableSpan<Float>) {
    precondition(blocks.count % bytes == 0 && values.count == blocks.count / bytes * elements)
    guard let source = blocks.baseAddress else { return }
    values.withUnsafeMutableBufferPointer { values in
      guard let target = values.baseAddress else { return }
      for block in 0..<blocks.count / bytes {
        decode(source + block &* bytes, into: target + block &* elements)
      }
    }
  }
}

extension BlockEncoder {
  /// Packs numbers that fill whole blocks.
  static func encode(_ values: Span<Float>, into blocks: UnsafeMutableRawBufferPointer) {
    precondition(values.count % elements == 0 && blocks.count == values.count / elements * bytes)
    guard let target = blocks.baseAddress else { return }
    values.withUnsafeBufferPointer { values in
      guard let source = values.baseAddress else { return }
      for block in 0..<values.count / elements {
        encode(source + block &* elements, into: target + block &* bytes)
      }
    }
  }
}

// MARK: - Parts of blocks

extension UnsafeRawPointer {
  /// The half-precision number at an offset.
  @inline(__always)
  func half(_ offset: Int) -> Float {
    let bits = loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return Float(Float16(bitPattern: UInt16(littleEndian: bits)))
  }

  /// The byte at an offset.
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}

extension UnsafeMutableRawPointer {
  /// Stores a number in half precision, rounded to nearest even, and returns what was stored.
  @discardableResult @inline(__always)
  func setHalf(_ offset: Int, _ value: Float) -> Float {
    let half = Float16(value)
    storeBytes(of: half.bitPattern.littleEndian, toByteOffset: offset, as: UInt16.self)
    return Float(half)
  }

  /// Stores a byte.
  @inline(__always)
  func setByte(_ offset: Int, _ value: UInt8) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }
}

/// Numbers of a block on their way into bits.
enum BlockValues {
  /// The number of largest magnitude, the first of several, with its sign.
  @inline(__always)
  static func extreme(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    var (extreme, magnitude): (Float, Float) = (0, 0)
    for index in 0..<count where abs(values[index]) > magnitude {
      (extreme, magnitude) = (values[index], abs(values[index]))
    }
    return extreme
  }

  /// The smallest and the largest number.
  @inline(__always)
  static func range(_ values: UnsafePointer<Float>, _ count: Int) -> (low: Float, high: Float) {
    var (low, high) = (values[0], values[0])
    for index in 1..<count {
      if values[index] < low { low = values[index] }
      if values[index] > high { high = values[index] }
    }
    return (low, high)
  }

  /// 1 / x, and 0 for 0.
  @inline(__always)
  static func inverse(_ x: Float) -> Float { x == 0 ? 0 : 1 / x }

  /// The nearest whole number, ties to even, within bounds. What is no number becomes the lower one.
  @inline(__always)
  static func nearest(_ x: Float, _ low: Int32, _ high: Int32) -> Int32 {
    let rounded = x.rounded(.toNearestOrEven)
    return Int32(max(Float(low), min(Float(high), rounded)))
  }

  /// Cuts off the fraction, within bounds. What is no number becomes the lower one.
  @inline(__always)
  static func truncated(_ x: Float, _ low: Int32, _ high: Int32) -> Int32 {
    Int32(max(Float(low), min(Float(high), x.rounded(.towardZero))))
  }
}

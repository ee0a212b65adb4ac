/// Conversion of stored elements to single precision.
///
/// F16 and BF16 widen exactly, F64 and whole numbers round to nearest even, blocks are unpacked as their
/// codec says.
/// Not-a-number stays not-a-number. The loops read unaligned and without branches, so they vectorise.
public enum FloatDecoding {
  /// Decodes the elements in `bytes` into `output`.
  ///
  /// - Parameters:
  ///   - bytes: whole blocks, at any address.
  ///   - type: a readable type.
  ///   - output: as many elements as `bytes` holds.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, into output: inout MutableSpan<Float>
  ) {
    precondition(type.isReadable && output.count == type.elementCount(bytes: bytes.count))
    if let codec = type.blockCodec { return codec.decode(bytes, into: &output) }
    switch type {
    case .bfloat16:
      convert(bytes, &output) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float16:
      convert(bytes, &output) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case .float32:
      convert(bytes, &output) { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64:
      convert(bytes, &output) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .int8: convert(bytes, &output) { (bits: UInt8) in Float(Int8(bitPattern: bits)) }
    case .int16: convert(bytes, &output) { (bits: UInt16) in Float(Int16(bitPattern: bits)) }
    case .int32: convert(bytes, &output) { (bits: UInt32) in Float(Int32(bitPattern: bits)) }
    default: convert(bytes, &output) { (bits: UInt64) in Float(Int64(bitPattern: bits)) }
    }
  }

  @inline(__always)
  private static func convert<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ output: inout MutableSpan<Float>,
    _ value: (Bits) -> Float
  ) {
    guard let source = bytes.baseAddress else { return }
    // Plain pointers: through the span and the buffer this loop ran four to ten times slower. The
    // caller has compared the counts.
    output.withUnsafeMutableBufferPointer { target in
      for index in 0..<target.count {
        let bits = source.loadUnaligned(
          fromByteOffset: index &* MemoryLayout<Bits>.stride, as: Bits.self)
        target[index] = value(Bits(littleEndian: bits))
      }
    }
  }
}

extension Checkpoint {
  /// Reads elements as `Float`.
  ///
  /// - Parameters:
  ///   - tensor: a tensor of this checkpoint, of a readable type.
  ///   - elements: the elements to read, in row-major order; all of them if nil. They are whole blocks.
  ///   - output: as many elements as are read.
  /// - Throws: `InputError` if the type is not readable, or if the file changed.
  public func readFloats(
    _ tensor: TensorInfo, elements: Range<Int>? = nil, into output: inout MutableSpan<Float>
  ) throws {
    try checkReadable(tensor)
    let elements = elements ?? 0..<tensor.elementCount
    precondition(elements.lowerBound >= 0 && elements.upperBound <= tensor.elementCount)
    let type = tensor.elementType
    precondition(
      elements.lowerBound % type.elementsPerBlock == 0
        && elements.count % type.elementsPerBlock == 0)
    let start =
      tensor.byteRange.lowerBound + elements.lowerBound / type.elementsPerBlock * type.bytesPerBlock
    let range = start..<start + elements.count / type.elementsPerBlock * type.bytesPerBlock
    try shards[tensor.shard].file.withBytes(range) { bytes in
      TensorScales.decode(
        bytes, tensor.elementType, from: elements.lowerBound, scales: scales[tensor.name],
        into: &output)
    }
    if let overlay, overlay.names.contains(tensor.name) {
      try overlay.change(tensor, elements, &output)
    }
  }

  /// Reads elements of 16 bits as they are stored, without a conversion; what an overlay changes is
  /// rounded.
  ///
  /// - Parameters:
  ///   - tensor: a tensor of this checkpoint whose elements have 16 bits.
  ///   - elements: the elements to read, in row-major order; all of them if nil.
  ///   - output: as many elements as are read.
  /// - Throws: `InputError` if the file changed.
  public func readBits(
    _ tensor: TensorInfo, elements: Range<Int>? = nil, into output: inout MutableSpan<UInt16>
  ) throws {
    let elements = elements ?? 0..<tensor.elementCount
    precondition(tensor.elementType.bits == 16 && elements.count == output.count)
    precondition(elements.lowerBound >= 0 && elements.upperBound <= tensor.elementCount)
    if isOverlaid(tensor.name) {
      return try readRoundedBits(tensor, elements: elements, into: &output)
    }
    try withBytes(of: tensor) { bytes in
      guard let source = bytes.baseAddress else { return }
      output.withUnsafeMutableBufferPointer { target in
        for index in 0..<target.count {
          let bits = source.loadUnaligned(
            fromByteOffset: 2 &* (elements.lowerBound &+ index), as: UInt16.self)
          target[index] = UInt16(littleEndian: bits)
        }
      }
    }
  }

  /// Reads a whole tensor as `Float`.
  ///
  /// - Throws: `InputError` if the type is not readable, or if the file changed.
  public func readFloats(_ tensor: TensorInfo) throws -> [Float] {
    try checkReadable(tensor)
    var values = [Float](repeating: 0, count: tensor.elementCount)
    var span = values.mutableSpan
    try readFloats(tensor, into: &span)
    return values
  }

  /// Throws `InputError` that names the tensor and its type if its elements cannot be read as numbers. FP8 is
  /// never read without its scales.
  func checkReadable(_ tensor: TensorInfo) throws {
    guard tensor.elementType.isReadable else {
      throw InputError(
        file: shards[tensor.shard].path, place: "tensor \(tensor.name.quoted)",
        expected: "elements that are numbers, or blocks with a known layout",
        found: tensor.elementType.name)
    }
    guard !tensor.elementType.isFloat8 || scales[tensor.name] != nil else {
      throw InputError(
        file: shards[tensor.shard].path, place: "tensor \(tensor.name.quoted)",
        expected: "numbers that stand for themselves, or a matrix of the model with its scales",
        found: tensor.elementType.name,
        fix: "use the checkpoint that it was quantised from")
    }
  }
}

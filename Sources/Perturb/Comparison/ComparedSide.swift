import FormatIO

/// One side of a pair: a tensor, or the part of one that a place in the model takes up, in an order of rows
/// that both sides share.
struct ComparedSide: Sendable {
  /// The files, which have scales for tensors of FP8.
  let checkpoint: Checkpoint
  /// The tensor.
  let tensor: TensorInfo
  /// Its elements that are compared, in the order of the file.
  var elements: Range<Int>
  /// For each row of the pair, the row here; nil if the order is the same.
  var rows: [Int]?
  /// The columns that are the rows of the pair, if the tensor is stored inputs × outputs.
  var columns: Range<Int>?
  /// What is added to the stored numbers: formats disagree on the weights of normalisations.
  var offset: Float = 0

  /// A whole tensor as it is.
  init(_ tensor: TensorInfo, of checkpoint: Checkpoint) {
    (self.tensor, self.checkpoint) = (tensor, checkpoint)
    elements = 0..<tensor.elementCount
  }

  /// The numbers in it.
  var count: Int {
    guard let columns, let width = tensor.shape.last, width > 0 else { return elements.count }
    return elements.count / width * columns.count
  }

  /// True if the numbers are those of the file, one after the other.
  var isAsStored: Bool {
    rows == nil && columns == nil && offset == 0 && checkpoint.scales[tensor.name] == nil
  }

  /// True if the numbers can be unpacked.
  var isDecodable: Bool {
    let type = tensor.elementType
    if PlainDecoding.reader(of: type) != nil { return true }
    return type.isReadable && (!type.isFloat8 || checkpoint.scales[tensor.name] != nil)
  }

  /// Where bytes of an element start in those of the tensor; the element starts a block.
  func byteOffset(of element: Int) -> Int {
    let type = tensor.elementType
    return (elements.lowerBound + element) / type.elementsPerBlock * type.bytesPerBlock
  }

  /// Lets pages go that hold the bytes of these elements.
  func release(_ range: Range<Int>) {
    guard columns == nil, rows == nil else { return }
    let start = tensor.byteRange.lowerBound
    checkpoint.shards[tensor.shard].file.advise(
      start + byteOffset(of: range.lowerBound)..<start + byteOffset(of: range.upperBound),
      .mayBeDropped)
  }

  /// Unpacks a run of numbers.
  ///
  /// - Parameters:
  ///   - range: which of the pair's numbers; it starts at a multiple of the run's length.
  ///   - bytes: the bytes of the whole tensor.
  ///   - output: as many numbers.
  func read(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    if let columns, let width = tensor.shape.last {
      let inputs = elements.count / width
      forEachRow(of: range, width: inputs) { row, part, place in
        decode(
          from: part.lowerBound * width + columns.lowerBound + row, step: width, bytes,
          into: output.extracting(place..<place + part.count))
      }
    } else if let rows {
      let width = count / rows.count
      forEachRow(of: range, width: width) { row, part, place in
        decode(
          from: elements.lowerBound + rows[row] * width + part.lowerBound, bytes,
          into: output.extracting(place..<place + part.count))
      }
    } else {
      decode(from: elements.lowerBound + range.lowerBound, bytes, into: output)
    }
    guard offset != 0 else { return }
    // In single precision, as conversions between the formats add it.
    for index in 0..<output.count { output[index] = Double(Float(output[index]) + offset) }
  }

  /// Calls `body` for each row that has a part in the range: the row, the columns of the part, its place in the
  /// range.
  private func forEachRow(
    of range: Range<Int>, width: Int, _ body: (_ row: Int, _ part: Range<Int>, _ place: Int) -> Void
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let (row, column) = start.quotientAndRemainder(dividingBy: width)
      let end = min(width, column + range.upperBound - start)
      body(row, column..<end, start - range.lowerBound)
      start += end - column
    }
  }

  /// Unpacks elements that are `step` apart.
  private func decode(
    from first: Int, step: Int = 1, _ bytes: UnsafeRawBufferPointer,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    let type = tensor.elementType
    guard let base = bytes.baseAddress, !output.isEmpty else { return }
    if let reader = PlainDecoding.reader(of: type) {
      return reader(base + first * type.bytesPerBlock, step, output)
    }
    let start = first / type.elementsPerBlock * type.bytesPerBlock
    let length = output.count / type.elementsPerBlock * type.bytesPerBlock
    withUnsafeTemporaryAllocation(of: Float.self, capacity: output.count) { values in
      values.initialize(repeating: 0)
      var target = values.mutableSpan
      TensorScales.decode(
        UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), type, from: first,
        scales: checkpoint.scales[tensor.name], into: &target)
      for index in 0..<output.count { output[index] = Double(values[index]) }
    }
  }
}

/// Unpacking of types whose elements are numbers by themselves.
enum PlainDecoding {
  /// Reads numbers that are `step` elements apart.
  typealias Reader =
    @Sendable (
      _ source: UnsafeRawPointer, _ step: Int, _ output: UnsafeMutableBufferPointer<Double>
    ) -> Void

  /// How elements of a type are read; nil if they are no plain numbers.
  static func reader(of type: ElementType) -> Reader? { readers[type.name] }

  private static let readers: [String: Reader] = [
    "BF16": reader(StoredBFloat16.value), "F16": reader(StoredFloat16.value),
    "F32": reader(StoredFloat32.value), "F64": reader(StoredFloat64.value),
    "I8": reader { (bits: UInt8) in Double(Int8(bitPattern: bits)) },
    "I16": reader { (bits: UInt16) in Double(Int16(bitPattern: bits)) },
    "I32": reader { (bits: UInt32) in Double(Int32(bitPattern: bits)) },
    "I64": reader { (bits: UInt64) in Double(Int64(bitPattern: bits)) },
    "U8": reader { (bits: UInt8) in Double(bits) },
    "U16": reader { (bits: UInt16) in Double(bits) },
    "U32": reader { (bits: UInt32) in Double(bits) },
    "U64": reader { (bits: UInt64) in Double(bits) },
    "BOOL": reader { (bits: UInt8) in Double(bits) },
  ]

  @inline(__always)
  private static func reader<Bits: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ value: @escaping @Sendable (Bits) -> Double
  ) -> Reader {
    { source, step, output in
      if step == 1 {
        for index in 0..<output.count {
          let bits = source.loadUnaligned(
            fromByteOffset: index &* MemoryLayout<Bits>.stride, as: Bits.self)
          output[index] = value(Bits(littleEndian: bits))
        }
      } else {
        for index in 0..<output.count {
          let bits = source.loadUnaligned(
            fromByteOffset: index &* step &* MemoryLayout<Bits>.stride, as: Bits.self)
          output[index] = value(Bits(littleEndian: bits))
        }
      }
    }
  }
}

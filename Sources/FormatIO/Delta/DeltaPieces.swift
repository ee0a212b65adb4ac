// How tensors are cut into frames, and what every frame has.

extension DeltaFrame {
  /// How much longer than its elements a payload may be.
  static let overhead = 64

  /// The elements of each frame of so many.
  static func pieces(of count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: elementsPerFrame).map {
      $0..<min($0 + elementsPerFrame, count)
    }
  }

  /// How many frames are worked on at once: about 16 MiB of elements.
  static func batch(_ type: ElementType) -> Int {
    BatchedWork.batch(pieceSize: type.byteCount(elements: elementsPerFrame) ?? 1)
  }
}

extension Checkpoint {
  /// Calls `body` with the bytes of some elements of a tensor, which are whole blocks, and lets their pages go.
  func withPiece<Result>(
    of tensor: TensorInfo, _ elements: Range<Int>,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let (size, count) = (tensor.elementType.bytesPerBlock, tensor.elementType.elementsPerBlock)
    let start = tensor.byteRange.lowerBound
    return try shards[tensor.shard].file.withPiece(
      start + elements.lowerBound / count * size..<start + elements.upperBound / count * size, body)
  }
}

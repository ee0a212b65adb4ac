// What a patch does to numbers, for those who want its change rather than its result.

extension DeltaApplier {
  /// A tensor that both sides have and whose data differ.
  public struct ChangedTensor: Sendable {
    /// The tensor of the source.
    public let source: TensorInfo
    /// The same tensor as the result has it; its type may be another one.
    public let result: DeltaIndex.Stored
    fileprivate let tensor: DeltaIndex.Tensor
  }

  /// The tensors whose data the patch changes, in the order of its target.
  ///
  /// - Throws: `InputError` naming the first tensor that is not on both sides under one name and of one shape, or
  ///   that the source lacks.
  public func changedTensors() throws -> [ChangedTensor] {
    try patch.index.tensors.compactMap { tensor in
      guard tensor.kind != .same else { return nil }
      guard let source = tensor.source(direction), let result = tensor.result(direction),
        source.name == result.name
      else { throw unshared(tensor, tensor.kind.rawValue) }
      guard source.shape == result.shape else { throw unshared(tensor, "of another shape") }
      return ChangedTensor(source: try self.tensor(source), result: result, tensor: tensor)
    }
  }

  private func unshared(_ tensor: DeltaIndex.Tensor, _ found: String) -> InputError {
    InputError(
      file: patch.path, place: "tensor \(tensor.name.quoted)",
      expected: "tensors that base and target have under one name and of one shape",
      found: "one that is \(found)",
      fix: "apply the patch to its own base and convert the result to the other format")
  }

  /// The numbers of a tensor of the result, in the order of the file, after comparing their digest.
  ///
  /// - Parameter scales: what those of FP8 are multiplied by.
  /// - Throws: `InputError` if the patch or the source is damaged, or the type is not one of numbers.
  public func readResult(
    of changed: ChangedTensor, scales: TensorScales? = nil
  ) throws -> [Float] {
    let result = changed.result
    guard result.elementType.isReadable, !result.elementType.isFloat8 || scales != nil else {
      throw InputError(
        file: patch.path, place: "tensor \(result.name.quoted)",
        expected: "a change between types of numbers", found: result.elementType.name)
    }
    let scales = result.elementType.isFloat8 ? scales : nil
    let frames = try frames(of: changed.tensor, result)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(result.byteCount)
    try BatchedWork.inOrder(
      frames.count, threads: threads, batch: DeltaFrame.batch(result.elementType)
    ) { number in
      try decode(frames[number])
    } consume: { _, part in
      bytes += part
    }
    guard bytes.count == result.byteCount,
      bytes.withUnsafeBytes({ ContentDigest($0) }) == result.digest
    else {
      throw InputError(
        file: patch.path, place: "tensor \(result.name.quoted)",
        expected: "data of digest \(result.digest)", found: "other data",
        fix: "fetch the patch file again")
    }
    return [Float](unsafeUninitializedCapacity: result.elementCount) { buffer, filled in
      var numbers = buffer.mutableSpan
      bytes.withUnsafeBytes {
        TensorScales.decode($0, result.elementType, from: 0, scales: scales, into: &numbers)
      }
      filled = result.elementCount
    }
  }
}

public import FormatIO

/// A perturbation on its way into a file, and how much of it the file can hold.
public final class StoredPatch {
  /// What became of the change of one tensor.
  public struct TensorStorage: Sendable {
    /// The tensor.
    public let name: TensorName
    /// How it is stored.
    public let elementType: ElementType
    /// How much of the change is in the stored weights.
    public let weights: PatchShare
    /// How much of it arrives at the outputs for inputs of the model, where codes were moved: they make up
    /// for each other, so that the weights alone tell too little.
    public let effect: PatchShare?
  }

  /// Below this share the file does not hold the patch.
  public static let leastKeep = 0.5

  /// One row for each tensor written so far.
  public private(set) var tensors: [TensorStorage] = []
  private let map: TensorMap
  private let perturbation: Perturbation
  private let storage: StorageRounding
  private var current: (name: TensorName, before: [Float], wanted: [Float])?
  private var share = PatchShare()

  /// Prepares to store the change of these weights; nil if there is none.
  convenience init?(_ weights: Weights) {
    guard let perturbation = weights.perturbation, let storage = weights.storage else { return nil }
    self.init(map: weights.map, perturbation: perturbation, storage: storage)
  }

  /// Prepares to store a perturbation of this model.
  public init(map: TensorMap, perturbation: Perturbation, storage: StorageRounding) {
    self.map = map
    self.perturbation = perturbation
    self.storage = storage
  }

  /// The new content of every tensor that changes, for the writer.
  public func replacements() -> [TensorName: CheckpointWriter.Replacement] {
    var replacements: [TensorName: CheckpointWriter.Replacement] = [:]
    for tensor in map.changedTensors(perturbation.space) {
      let patched = tensor.parts.filter { part in
        part.entry.map { perturbation.change(of: $0).norm > 0 } ?? false
      }
      guard !patched.isEmpty || map.checkpoint.isOverlaid(tensor.info.name) else { continue }
      let type = storage.storedType(of: tensor.info)
      replacements[tensor.info.name] = CheckpointWriter.Replacement(type) {
        try self.bytes(of: tensor.info, patched, $0)
      }
    }
    return replacements
  }

  /// How much of the whole patch is in the stored weights.
  public var weights: PatchShare {
    tensors.reduce(into: PatchShare()) { $0 += $1.weights }
  }

  /// How much of it arrives at outputs, over the tensors whose codes were moved; nil if there are none.
  public var effect: PatchShare? { tensors.effect }

  /// The writer asks for a tensor piece by piece, in order; the tensor is prepared at the first.
  private func bytes(of tensor: TensorInfo, _ parts: [ChangedTensor.Part], _ range: Range<Int>)
    throws -> [UInt8]
  {
    if range.lowerBound == 0 || current?.name != tensor.name {
      let before = try map.checkpoint.readFloats(tensor)
      map.release(tensor)
      var wanted = before
      for part in parts { part.add(perturbation, to: &wanted) }
      current = (tensor.name, before, wanted)
      share = PatchShare()
    }
    guard let current else { return [] }
    let bytes = try storage.encode(
      current.wanted.span.extracting(range), from: range.lowerBound, of: tensor)
    var stored = [Float](repeating: 0, count: range.count)
    var target = stored.mutableSpan
    storage.decode(bytes, from: range.lowerBound, of: tensor, into: &target)
    for (index, element) in zip(range, stored.indices) {
      let wanted = Double(current.wanted[index]) - Double(current.before[index])
      let change = Double(stored[element]) - Double(current.before[index])
      share.product += wanted * change
      share.wanted += wanted * wanted
      share.stored += change * change
    }
    if range.upperBound == tensor.elementCount { finish(tensor) }
    return bytes
  }

  private func finish(_ tensor: TensorInfo) {
    guard share.wanted > 0 else { return }
    tensors.append(
      TensorStorage(
        name: tensor.name, elementType: storage.storedType(of: tensor), weights: share,
        effect: storage.encoded?.entries[tensor.name]?.effect))
    current = nil
  }
}

extension [StoredPatch.TensorStorage] {
  /// How much of the change arrives at outputs, over the tensors whose codes were moved; nil if there are none.
  var effect: PatchShare? {
    let effects = compactMap(\.effect)
    return effects.isEmpty ? nil : effects.reduce(into: PatchShare()) { $0 += $1 }
  }

  /// The share of the change that the file holds: each tensor by what tells of it, outputs where codes were
  /// moved, weights elsewhere; the lower of the two.
  var keep: Double {
    let plain = filter { $0.effect == nil }.reduce(into: PatchShare()) { $0 += $1.weights }
    return Swift.min(plain.keep, effect?.keep ?? 1)
  }
}

public import FormatIO

/// A perturbation on its way into a file, and how much of it the file can hold.
public final class StoredPatch {
  /// What became of the change of one tensor.
  public struct TensorStorage: Sendable {
    /// The tensor.
    public let name: TensorName
    /// How it is stored.
    public let elementType: ElementType
    /// Projection of the stored change on the wanted one: 1 if all of it arrived.
    public let keep: Double
    /// The rest of the stored change, relative to the wanted one.
    public let noise: Double
    /// ‖wanted change‖².
    public let squaredNorm: Double
  }

  /// Below this share the file does not hold the patch.
  public static let leastKeep = 0.5

  /// One row for each tensor written so far.
  public private(set) var tensors: [TensorStorage] = []
  private let map: TensorMap
  private let perturbation: Perturbation
  private let storage: StorageRounding
  private var current: (name: TensorName, before: [Float], wanted: [Float])?
  private var sums = (product: 0.0, wanted: 0.0, stored: 0.0)

  /// Prepares to store a perturbation of this model.
  public init(map: TensorMap, perturbation: Perturbation, storage: StorageRounding) {
    self.map = map
    self.perturbation = perturbation
    self.storage = storage
  }

  /// The new content of every tensor that changes, for the writer.
  public func replacements() -> [TensorName: CheckpointWriter.Replacement] {
    var replacements: [TensorName: CheckpointWriter.Replacement] = [:]
    for entry in perturbation.space.entries {
      guard let tensor = map.tensor(at: entry.slot) else { continue }
      if perturbation.change(of: entry).norm == 0 { continue }
      replacements[tensor.name] = CheckpointWriter.Replacement(storage.storedType(of: tensor)) {
        try self.bytes(of: tensor, entry, $0)
      }
    }
    return replacements
  }

  /// The share of the whole patch that arrived, weighted by size.
  public var keep: Double {
    let total = tensors.reduce(0) { $0 + $1.squaredNorm }
    return total == 0 ? 1 : tensors.reduce(0) { $0 + $1.keep * $1.squaredNorm } / total
  }

  /// The noise that rounding added, relative to the patch.
  public var noise: Double {
    let total = tensors.reduce(0) { $0 + $1.squaredNorm }
    let sum = tensors.reduce(0) { $0 + $1.noise * $1.noise * $1.squaredNorm }
    return total == 0 ? 0 : (sum / total).squareRoot()
  }

  /// The writer asks for a tensor piece by piece, in order; the tensor is prepared at the first.
  private func bytes(of tensor: TensorInfo, _ entry: ParameterSpace.Entry, _ range: Range<Int>)
    throws -> [UInt8]
  {
    if range.lowerBound == 0 || current?.name != tensor.name {
      let before = try map.checkpoint.readFloats(tensor)
      map.release(tensor)
      var wanted = before
      perturbation.add(entry, to: &wanted)
      current = (tensor.name, before, wanted)
      sums = (0, 0, 0)
    }
    guard let current else { return [] }
    let bytes = storage.encode(
      current.wanted.span.extracting(range), from: range.lowerBound, of: tensor)
    var stored = [Float](repeating: 0, count: range.count)
    bytes.withUnsafeBytes { bytes in
      var target = stored.mutableSpan
      FloatDecoding.decode(bytes, storage.storedType(of: tensor), into: &target)
    }
    for (index, element) in zip(range, stored.indices) {
      let wanted = Double(current.wanted[index]) - Double(current.before[index])
      let change = Double(stored[element]) - Double(current.before[index])
      sums.product += wanted * change
      sums.wanted += wanted * wanted
      sums.stored += change * change
    }
    if range.upperBound == tensor.elementCount { finish(tensor) }
    return bytes
  }

  private func finish(_ tensor: TensorInfo) {
    guard sums.wanted > 0 else { return }
    let keep = sums.product / sums.wanted
    let noise = max(0, sums.stored / sums.wanted - keep * keep).squareRoot()
    tensors.append(
      TensorStorage(
        name: tensor.name, elementType: storage.storedType(of: tensor), keep: keep, noise: noise,
        squaredNorm: sums.wanted))
    current = nil
  }
}

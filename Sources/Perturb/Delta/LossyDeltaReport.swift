public import FormatIO

/// What became of a patch in another file of its model.
public struct LossyDeltaReport: Sendable {
  /// One tensor of the other file that changed.
  public struct Tensor: Sendable {
    /// What it is in the model: `query`, `embedding`; several if it holds several.
    public let kind: String
    /// How it was stored before.
    public let before: ElementType
    /// What of the change is in it.
    public let storage: StoredPatch.TensorStorage
    /// How far it was from that of the original.
    public let distance: WeightDistance
    /// Its size before.
    public let bytesBefore: Int
    /// Its size after.
    public let bytesAfter: Int

    /// The length of the wanted change.
    public var norm: Double { storage.weights.wanted.squareRoot() }

    /// True if it was farther from that of the original than its type explains: the numbers may be those of
    /// another fine-tune.
    public var isFar: Bool { distance.relative > WeightDistance.explained(by: before) }
  }

  /// The digest of the patch file.
  public let patch: ContentDigest
  /// The content digest of the checkpoint that the patch itself starts from.
  public let original: ContentDigest
  /// The content digest of what the patch itself gives.
  public let result: ContentDigest
  /// Whether the patch was applied or reverted.
  public let direction: DeltaApplier.Direction
  /// What was asked for.
  public let settings: LossyDelta.Settings
  /// The content digest of the model.
  public internal(set) var input: ContentDigest?
  /// The content digest of what was written, or would have been.
  public internal(set) var output: ContentDigest?
  /// The digest of the rows that were read to weigh inputs; nil if none were.
  public internal(set) var rows: ContentDigest?
  /// What computed the inputs.
  var kernel: String?
  /// The type that quantised tensors got, since their own does not hold the change.
  public internal(set) var raised: ElementType?
  /// The tensors that changed, in the order of the file.
  public private(set) var tensors: [Tensor] = []
  /// How far the two files are apart in all of them.
  public private(set) var distance = WeightDistance()
  /// Whether the output has its name.
  public internal(set) var isWritten = false

  init(
    patch: ContentDigest, original: ContentDigest, result: ContentDigest,
    direction: DeltaApplier.Direction, settings: LossyDelta.Settings
  ) {
    (self.patch, self.original, self.result) = (patch, original, result)
    (self.direction, self.settings) = (direction, settings)
  }

  /// The share of the change that the file holds, by outputs where codes were moved, by weights elsewhere; the
  /// lower of the two.
  public var keep: Double { tensors.map(\.storage).keep }

  /// True if that is enough.
  public var isKept: Bool { keep >= StoredPatch.leastKeep }

  mutating func setTensors(
    _ stored: [StoredPatch.TensorStorage], map: TensorMap,
    distances: [TensorName: WeightDistance]
  ) {
    let places = Dictionary(grouping: map.slots) { map.tensor(at: $0)?.name }
    tensors = stored.compactMap { storage in
      guard let info = map.checkpoint.tensor(storage.name) else { return nil }
      var kinds: [String] = []
      for slot in places[storage.name] ?? [] where !kinds.contains(slot.kind) {
        kinds.append(slot.kind)
      }
      return Tensor(
        kind: kinds.joined(separator: " + "), before: info.elementType, storage: storage,
        distance: distances[storage.name] ?? WeightDistance(), bytesBefore: info.byteCount,
        bytesAfter: storage.elementType.byteCount(elements: info.elementCount) ?? 0)
    }
    distance = distances.keys.sorted().reduce(into: WeightDistance()) {
      $0 += distances[$1] ?? WeightDistance()
    }
  }
}

extension ModelSlot {
  /// What it is called in reports.
  var kind: String {
    switch self {
    case .embedding: "embedding"
    case .positions: "positions"
    case .block(_, let role, _): role.kind
    case .finalNorm: "final norm"
    case .finalNormBias: "final norm bias"
    case .head: "head"
    }
  }
}

// MARK: - By kind

extension LossyDeltaReport {
  /// Tensors of one kind that are stored alike.
  public struct Group: Sendable {
    /// What they are in the model.
    public let kind: String
    /// How they were stored, and how they are.
    public let before, after: ElementType
    /// How many they are.
    public internal(set) var count = 0
    /// What of the change is in their weights.
    public internal(set) var weights = PatchShare()
    /// What of it arrives at outputs; nil where no codes were moved.
    public internal(set) var effect: PatchShare?
    /// How far they were from those of the original.
    public internal(set) var distance = WeightDistance()
    /// Their size before.
    public internal(set) var bytesBefore = 0
    /// Their size after.
    public internal(set) var bytesAfter = 0

    /// The length of the wanted change.
    public var norm: Double { weights.wanted.squareRoot() }
  }

  /// The tensors by kind and type, in the order in which these come first.
  public var groups: [Group] {
    var groups: [Group] = []
    for tensor in tensors {
      let (before, after) = (tensor.before, tensor.storage.elementType)
      let known = groups.firstIndex {
        $0.kind == tensor.kind && $0.before == before && $0.after == after
      }
      let index = known ?? groups.count
      if known == nil {
        groups.append(Group(kind: tensor.kind, before: before, after: after))
      }
      groups[index].count += 1
      groups[index].weights += tensor.storage.weights
      if let effect = tensor.storage.effect {
        groups[index].effect = (groups[index].effect ?? PatchShare()) + effect
      }
      groups[index].distance += tensor.distance
      groups[index].bytesBefore += tensor.bytesBefore
      groups[index].bytesAfter += tensor.bytesAfter
    }
    return groups
  }
}

extension PatchShare {
  fileprivate static func + (left: PatchShare, right: PatchShare) -> PatchShare {
    var sum = left
    sum += right
    return sum
  }
}

public import FormatIO
import Foundation

/// Applies a patch file to another file of the model it was made from: another format, other types.
///
/// A patch file tells bits. What it does to numbers, Δ = result − source, needs the source as well. Δ goes to the
/// places of the other file's tensors and is stored there by the rules of `RepairRun`: plain types by seeded
/// stochastic rounding, blocks by moving codes, a wider type where blocks do not hold it. Nothing else changes.
public struct LossyDelta {
  /// How the result is stored.
  public struct Settings: Sendable {
    /// How tensors that change are stored.
    public var storage: StorageRounding
    /// Whether quantised tensors that cannot hold the change in their own type get a wider one.
    public var raisesTypes = true
    /// Whether the file records how it was made.
    public var recordsProvenance = true
    /// Whether the file is written although it holds too little of the change.
    public var isForced = false
    /// Whether an existing output may be replaced.
    public var overwrites = false
    /// The start of random rounding.
    public let seed: UInt64

    /// Touched tensors keep their type, rounded at random from a seed.
    public init(seed: UInt64) {
      self.seed = seed
      storage = StorageRounding(rounding: .stochastic(seed: seed))
    }
  }

  /// What is being done, for those who watch.
  public enum Event: Sendable {
    /// Bytes compared and read since the last event, of `comparingWork`.
    case compared(Int)
    /// What was found, one sentence.
    case noted(String)
    /// Reading text to weigh the inputs of quantised matrices.
    case readingInputs
    /// The type that so many quantised tensors get, since their own does not hold the change, and the bytes that
    /// it costs.
    case raised(ElementType, tensors: Int, bytes: Int)
    /// Bytes written so far, of so many.
    case writing(done: Int, total: Int)
  }

  private let patch: DeltaFile
  private let direction: DeltaApplier.Direction
  private let original: Checkpoint
  private let model: Checkpoint
  private let settings: Settings
  private let applier: DeltaApplier

  /// Prepares to apply a patch, or to revert it.
  ///
  /// - Parameters:
  ///   - original: the checkpoint that the patch itself starts from: its base, or its target to revert it.
  ///   - model: another file of the same model.
  public init(
    _ patch: DeltaFile, _ direction: DeltaApplier.Direction, original: Checkpoint,
    to model: Checkpoint, settings: Settings
  ) {
    (self.patch, self.direction, self.settings) = (patch, direction, settings)
    (self.original, self.model) = (original, model)
    applier = DeltaApplier(patch, direction, source: original, threads: Parallel.threads)
  }

  /// The bytes that `Event.compared` counts up to: all of the original, and what changes once more.
  public var comparingWork: Int {
    let changed = patch.index.tensors.filter { $0.kind != .same }
    return original.tensors.reduce(0) { $0 + $1.byteCount }
      + changed.reduce(0) { $0 + ((direction == .apply ? $1.base : $1.target)?.byteCount ?? 0) }
  }

  /// Checks all three inputs, writes the result, and says what it holds.
  ///
  /// With less than half of the change in it nothing is written, unless the settings force it.
  ///
  /// - Throws: `InputError` naming the tensor that is not as the patch, the original or the model says; what
  ///   `notify` throws.
  public func run(output: String, notify: (Event) throws -> Void) throws -> LossyDeltaReport {
    try CheckpointWriter.checkDestination(
      source: model, destination: output, overwrite: settings.overwrites, others: [original])
    try requireOther(output)
    let source = try Self.map(of: original)
    var map = try Self.map(of: model)
    map.precision = .fastest
    try requireSameModel(source, map)
    try map.requireFinite()
    try applier.checkSource { try notify(.compared($0)) }
    let change = try PatchFileChange(applier, of: source) { try notify(.compared($0)) }
      .perturbation
    let distances = try distances(change.space, source, map)
    let moved = try change.moved(from: source, to: map)
    try settings.storage.requireOwnTypes(moved.space, of: map)

    let sides = patch.index.sides(direction)
    var report = LossyDeltaReport(
      patch: try ContentDigest(file: patch.path), original: sides.source.content,
      result: sides.result.content, direction: direction, settings: settings)
    let inputs = try inputs(of: moved.space, map, &report, notify)
    let plan = StoragePlan(
      settings.storage, raises: settings.raisesTypes, space: moved.space, map: map,
      examples: inputs)
    var stored = try store(moved, map, plan, output, report, notify: notify)
    if let wider = plan.wider,
      let raised = plan.raising(Self.heldBadly(stored.patch.tensors))
    {
      try notify(.raised(wider, tensors: raised.names.count, bytes: raised.bytes))
      report.raised = wider
      stored = try store(
        moved, map, raised.plan, output, report, growth: raised.bytes, notify: notify)
    }
    (report.input, report.output) = (stored.staged.sourceDigest, stored.staged.digest)
    report.setTensors(stored.patch.tensors, map: map, distances: distances)
    if report.isKept || settings.isForced {
      try stored.staged.commit()
      report.isWritten = true
    }
    return report
  }
}

// MARK: - The same model

extension LossyDelta {
  /// Checks that the output is not the patch file.
  private func requireOther(_ output: String) throws {
    func resolved(_ path: String) -> String {
      URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
    guard resolved(output) == resolved(patch.path) else { return }
    throw InputError(
      .cannotCreate, file: output, expected: "an output that is not the input",
      found: "the patch file", fix: "choose another path")
  }

  /// The model, of which neither tokenizer nor prompt format is needed.
  private static func map(of checkpoint: Checkpoint) throws -> TensorMap {
    try TensorMap(
      checkpoint: checkpoint, configuration: ModelDescription(of: checkpoint).configuration())
  }

  /// Checks that both files have the same places, of the same shapes.
  ///
  /// A head may be stored in one of them only: where the other ties it, it is the embedding.
  private func requireSameModel(_ source: TensorMap, _ map: TensorMap) throws {
    func refuse(_ place: String, _ expected: String, _ found: String) -> InputError {
      InputError(
        file: map.checkpoint.path, place: place,
        expected: "\(expected), as \(source.checkpoint.path) has", found: found,
        fix: "name a file of the model that the patch was made from")
    }
    let (here, there) = (source.configuration, map.configuration)
    guard here.layerCount == there.layerCount else {
      throw refuse("", "\(here.layerCount) layers", "\(there.layerCount)")
    }
    let known = Set(map.slots)
    for slot in source.slots where slot != .head {
      guard known.contains(slot) else {
        throw refuse("", "a tensor \(source.name(at: slot))", "none in its place")
      }
    }
    let wanted = Set(source.slots)
    for slot in map.slots where slot != .head {
      guard wanted.contains(slot) else {
        throw refuse("tensor \(map.name(at: slot))", "nothing", "a tensor in this place")
      }
      let (expected, found) = (here.shape(of: slot), there.shape(of: slot))
      guard expected == found else {
        throw refuse(
          "tensor \(map.name(at: slot))", "\(expected.rows) × \(expected.columns) numbers",
          "\(found.rows) × \(found.columns)")
      }
    }
  }

  /// How far the two files are apart in each tensor that changes.
  ///
  /// - Throws: `InputError` naming a tensor with other numbers than those of one model can be.
  private func distances(
    _ space: ParameterSpace, _ source: TensorMap, _ map: TensorMap
  ) throws -> [TensorName: WeightDistance] {
    let isTied = source.part(at: .head) == nil
    if space.entry(for: .embedding) != nil, isTied != (map.part(at: .head) == nil) {
      throw InputError(
        file: map.checkpoint.path, place: "tensor \(map.name(at: map.headSlot))",
        expected: isTied
          ? "no head of its own, since the patch changes the embedding that is both"
          : "a head of its own, since the patch changes the embedding",
        found: isTied ? "one" : "none",
        fix: "apply the patch to its own base and convert the result to the other format")
    }
    var distances: [TensorName: WeightDistance] = [:]
    for entry in space.entries {
      guard let tensor = map.tensor(at: entry.slot) else { continue }
      let distance = try WeightDistance(from: source, to: map, at: entry.slot)
      source.tensor(at: entry.slot).map(source.release)
      guard distance.relative <= WeightDistance.limit else {
        throw InputError(
          file: map.checkpoint.path, place: "tensor \(tensor.name.quoted)",
          expected: "the numbers of \(source.checkpoint.path), at most "
            + "\(Self.percent(WeightDistance.limit)) of their norm away",
          found: "\(Self.percent(distance.relative)), cosine \(Self.places(distance.cosine))",
          fix: "name a file of the model that the patch was made from, no coarser than Q2_K")
      }
      distances[tensor.name, default: WeightDistance()] += distance
    }
    return distances
  }

  private static func percent(_ share: Double) -> String {
    share.isFinite ? "\(Int((share * 100).rounded())) %" : "\(share)"
  }

  private static func places(_ number: Double) -> String {
    number.isFinite ? "\((number * 1000).rounded() / 1000)" : "\(number)"
  }
}

extension TensorMap {
  /// The name of the tensor at a place, for messages.
  fileprivate func name(at slot: ModelSlot) -> String { tensor(at: slot)?.name.quoted ?? "\(slot)" }
}

// MARK: - Storing

extension LossyDelta {
  /// Text that the model reads so that codes move by what they do to outputs; none if no codes move, or if the
  /// file lacks a tokenizer or template that can be used.
  private func inputs(
    of space: ParameterSpace, _ map: TensorMap, _ report: inout LossyDeltaReport,
    _ notify: (Event) throws -> Void
  ) throws -> [Example] {
    let movesCodes = map.changedTensors(space).contains {
      $0.info.elementType.hasMovableCodes
        && settings.storage.storedType(of: $0.info) == $0.info.elementType
        && $0.parts.contains { $0.slot.isBlockMatrix }
    }
    guard movesCodes else { return [] }
    do {
      let loaded = try LoadedModel.open(model.path, precision: map.precision)
      let rows = try CalibrationSet.read(harmful: [], benign: [], task: [])
      let encoded = try EncodedSet(
        rows, encoder: loaded.encoder, contextLength: map.configuration.contextLength)
      (report.rows, report.kernel) = (rows.digest, map.precision.kernelName)
      try notify(.readingInputs)
      return encoded.harmful + encoded.refusal + encoded.benign
    } catch let error as InputError {
      try notify(
        .noted("codes move without regard to inputs, since no text can be read: \(error)"))
      return []
    }
  }

  /// The most noise at the outputs of a tensor that is left to its own type, as a share of the change.
  ///
  /// `patch` measures answers to choose between types; here nothing is measured, and what is not the change moves
  /// the line between requests that are refused and others. Chosen on rows for choosing, with a real patch of
  /// SmolLM2-135M in a Q4_K_M file: of 304 benign requests 13 were refused in its own types, 8, 5 and 4 with bounds
  /// of 0.3, 0.25 and 0.2, and 4 with all of them as Q8_0.
  private static let mostNoise = 0.2

  /// The tensors that do too little of what the change does, or too much else.
  ///
  /// One by one: the mean over all of them hides a few that are coarser, such as those of 4 bits in Q4_K_M.
  private static func heldBadly(_ tensors: [StoredPatch.TensorStorage]) -> Set<TensorName> {
    let names = tensors.filter { tensor in
      (tensor.effect ?? tensor.weights).keep < StoredPatch.leastKeep
        || (tensor.effect?.noise ?? 0) > mostNoise
    }.map(\.name)
    return Set(names)
  }

  /// Writes the result beside its name.
  private func store(
    _ change: Perturbation, _ map: TensorMap, _ plan: StoragePlan, _ output: String,
    _ report: LossyDeltaReport, growth: Int = 0, notify: (Event) throws -> Void
  ) throws -> (patch: StoredPatch, staged: StagedCheckpoint) {
    let storage = try plan.weights(map, change).storage ?? settings.storage
    let stored = StoredPatch(map: map, perturbation: change, storage: storage)
    var writer = CheckpointWriter(map.checkpoint)
    writer.replacements = stored.replacements()
    if settings.recordsProvenance {
      writer.metadata = { report.provenance(of: map.checkpoint, digest: $0) }
    }
    let total = model.shards.reduce(growth) { $0 + $1.file.count }
    var done = 0
    let staged = try writer.stage(at: output, overwrite: settings.overwrites) { bytes in
      done += bytes
      try notify(.writing(done: done, total: total))
    }
    return (stored, staged)
  }
}

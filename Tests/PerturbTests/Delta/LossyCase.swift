import FormatIO
import Foundation
import Testing

@testable import Perturb

/// A checkpoint, what a change makes of it, and the patch file between them, in a temporary folder.
final class LossyCase {
  let folder = FileManager.default.temporaryDirectory.path + "/lossy-\(UUID().uuidString)"
  let base: TensorMap
  let target: TensorMap
  let patch: DeltaFile

  /// The patch by which these places get random changes of this deviation.
  init(
    _ base: TensorMap, deviation: Float = 0.05, seed: UInt64 = 5, storedAs type: ElementType? = nil,
    slots: (ModelSlot) -> Bool = { _ in true }
  ) throws {
    self.base = base
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let space = base.space(base.slots.filter(slots))
    let change = Perturbation(
      space: space,
      values: ParameterVector(
        GradientCheck.normal(space.count, seed: seed, deviation: deviation)))
    let storage = try StorageRounding(elementType: type, rounding: .stochastic(seed: seed))
      .encoding(change, of: base, inputs: SampledInputs(map: base, samples: []))
    let stored = StoredPatch(map: base, perturbation: change, storage: storage)
    var writer = CheckpointWriter(base.checkpoint)
    writer.replacements = stored.replacements()
    let path = Self.path(folder, "target", like: base.checkpoint)
    try writer.write(to: path)
    target = try TensorMap(
      checkpoint: Checkpoint.open(path), configuration: base.configuration)
    patch = try Self.patch(folder, base.checkpoint, target.checkpoint)
  }

  /// The patch between these two.
  init(_ base: TensorMap, to target: TensorMap) throws {
    (self.base, self.target) = (base, target)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    patch = try Self.patch(folder, base.checkpoint, target.checkpoint)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A patch file between two checkpoints.
  static func patch(_ folder: String, _ base: Checkpoint, _ target: Checkpoint) throws -> DeltaFile
  {
    let path = folder + "/p.ppd"
    _ = try DeltaMaker(base: base, target: target, tool: "test", threads: 2).make(path)
    return try DeltaFile(path)
  }

  /// A path for an output of the same kind.
  static func path(_ folder: String, _ name: String, like checkpoint: Checkpoint) -> String {
    if checkpoint.isFolder { return "\(folder)/\(name)" }
    let isGGUF = checkpoint.shards[0].fileName.hasSuffix(".gguf")
    let count = checkpoint.shards.count
    let parts = count > 1 ? "-00001-of-0000\(count)" : ""
    return "\(folder)/\(name)\(parts)\(isGGUF ? ".gguf" : ".safetensors")"
  }

  /// Applies the patch to another file, and gives what was written.
  func apply(
    to model: Checkpoint, as name: String = "out", _ direction: DeltaApplier.Direction = .apply,
    _ edit: (inout LossyDelta.Settings) -> Void = { _ in }
  ) throws -> (report: LossyDeltaReport, written: Checkpoint?) {
    var settings = LossyDelta.Settings(seed: 7)
    edit(&settings)
    let path = Self.path(folder, name, like: model)
    let original = direction == .apply ? base.checkpoint : target.checkpoint
    let report = try LossyDelta(
      patch, direction, original: original, to: model, settings: settings
    ).run(output: path) { _ in }
    return (report, report.isWritten ? try Checkpoint.open(path) : nil)
  }

  /// The model that a GGUF file or a folder describes itself.
  static func map(_ checkpoint: Checkpoint) throws -> TensorMap {
    try TensorMap(
      checkpoint: checkpoint, configuration: ModelDescription(of: checkpoint).configuration())
  }

  /// A copy of a GGUF file whose matrices have another type.
  func converted(_ map: TensorMap, to type: ElementType) throws -> Checkpoint {
    var writer = CheckpointWriter(map.checkpoint)
    for tensor in map.tensors where tensor.shape.count > 1 {
      let values = try map.checkpoint.readFloats(tensor)
      let encoding = FloatEncoding(type, rounding: .nearestEven, tensor: tensor.name)
      writer.replacements[tensor.name] = .init(type) { range in
        encoding.encode(values.span.extracting(range), from: range.lowerBound)
      }
    }
    let path = "\(folder)/\(type).gguf"
    try writer.write(to: path)
    return try Checkpoint.open(path)
  }

  /// A copy of a GGUF fixture in whose metadata no tokenizer is found.
  func withoutTokenizer(_ file: String) throws -> Checkpoint {
    var bytes = try Data(contentsOf: URL(filePath: Fixtures.path(file)))
    let range = try #require(bytes.range(of: Data("tokenizer.ggml.model".utf8)))
    bytes.replaceSubrange(range, with: Data("tokenizer.none.model".utf8))
    let path = folder + "/bare.gguf"
    try bytes.write(to: URL(filePath: path))
    return try Checkpoint.open(path)
  }

  /// The names of tensors whose bytes or types differ.
  static func differing(_ one: Checkpoint, _ other: Checkpoint) throws -> Set<TensorName> {
    Set(
      try one.tensors.filter { tensor in
        let there = try #require(other.tensor(tensor.name))
        return try there.elementType != tensor.elementType
          || one.digest(of: tensor) != other.digest(of: there)
      }.map(\.name))
  }
}

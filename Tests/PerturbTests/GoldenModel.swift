import FormatIO
import Foundation
import Testing

@testable import Perturb

/// A tiny random checkpoint with what transformers computes for it; see fixtures/scripts.
struct GoldenModel {
  static let names = [
    "tied", "untied", "grouped", "odd-head", "llama3-rope", "linear-rope", "yarn-rope", "mistral",
    "qwen2", "smollm3", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "gpt2", "olmo2", "granite",
    "starcoder2", "mixtral", "qwen2-moe", "qwen3-moe",
  ]

  /// Those without experts: in mixtures a small step may send a token elsewhere, which no gradient tells.
  static let smoothNames = names.filter { !["mixtral", "qwen2-moe", "qwen3-moe"].contains($0) }

  let map: TensorMap
  let golden: JSON
  let tensors: Checkpoint
  let batch: PackedBatch

  init(_ name: String) throws {
    let folder = Fixtures.path("golden/\(name)")
    map = try TensorMap(
      checkpoint: Checkpoint.open(folder), configuration: ModelConfiguration.load(folder: folder))
    golden = try Fixtures.json("golden/\(name)/golden.json")
    tensors = try Checkpoint.open(folder + "/golden.safetensors")
    var batch = PackedBatch()
    for row in try #require(golden["rows"]?.array) {
      let tokens = try #require(row["tokens"]?.array).compactMap { $0.integer.map(Int32.init) }
      let length = try #require(row["promptLength"]?.integer)
      batch.append(prompt: Array(tokens[..<length]), answer: Array(tokens[length...]))
    }
    self.batch = batch
  }

  /// The same model as a GGUF file.
  static func gguf(_ name: String) throws -> TensorMap {
    let file = name == "untied" ? "untied-00001-of-00002" : name
    let checkpoint = try Checkpoint.open(Fixtures.path("gguf/\(file).gguf"))
    return try TensorMap(
      checkpoint: checkpoint, configuration: ModelDescription(of: checkpoint).configuration())
  }

  func number(_ key: String) throws -> Double { try #require(golden[key]?.double) }

  func tensor(_ name: String) throws -> [Float] {
    try tensors.readFloats(#require(tensors.tensor(TensorName(name))))
  }

  /// Targets whose weighted sum is the mean over rows of the mean over tokens.
  func targets(likelihood: Float = 0, divergence: Float = 0) -> [HeadTarget] {
    batch.targets.enumerated().map { index, target in
      let share = 1 / Float(batch.sequences.count * batch.targetRanges[target.sequence].count)
      return HeadTarget(
        token: target.token, likelihoodWeight: likelihood * share,
        divergenceWeight: divergence * share, reference: divergence == 0 ? nil : index)
    }
  }

  /// The numbers of one place among those of its tensor, which others may share: outputs × inputs.
  func part(of tensor: [Float], at slot: ModelSlot) throws -> [Float] {
    let part = try #require(map.part(at: slot))
    guard let columns = part.columns else { return Array(tensor[part.elements]) }
    let width = part.tensor.shape[1]
    return Matrix(rows: tensor.count / width, columns: width, values: tensor)
      .columns(columns).transposed.values
  }

  /// All tensors of the model, in full form.
  var wholeSpace: ParameterSpace { map.space() }
}

extension TensorMap {
  /// True for what changes nothing: without rotation, what all keys share.
  func isIdle(_ slot: ModelSlot) -> Bool {
    slot.role == .keyBias && !configuration.architecture.isRotary
  }
}

/// Where the committed test files are.
enum Fixtures {
  static let root =
    URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path() + "fixtures/"

  static func path(_ name: String) -> String { root + name }

  /// The calibration rows of the demo.
  static func demoRows() throws -> CalibrationSet {
    let file = { (role: String) in [path("demo/calibration/\(role).jsonl")] }
    return try CalibrationSet.read(
      harmful: file("harmful"), benign: file("benign"), task: file("task"))
  }

  static func json(_ name: String) throws -> JSON {
    let data = try Data(contentsOf: URL(filePath: path(name)))
    return try JSON.parse([UInt8](data), file: name)
  }
}

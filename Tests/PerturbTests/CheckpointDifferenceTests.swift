import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Does a difference of checkpoints have the figures that numpy computes, and does it pair what belongs together?
struct CheckpointDifferenceTests {
  private static func compare(
    _ a: String, _ b: String, reference: String? = nil,
    _ change: (inout CheckpointDifference.Options) -> Void = { _ in }
  ) throws -> CheckpointDifference {
    var options = CheckpointDifference.Options()
    change(&options)
    return try CheckpointDifference(
      Checkpoint.open(Fixtures.path(a)), Checkpoint.open(Fixtures.path(b)),
      reference: reference.map { try Checkpoint.open(Fixtures.path($0)) }, options: options)
  }

  private static func rows(_ difference: CheckpointDifference) throws -> [String: JSON] {
    let json = difference.json(difference.rows(by: .tensor), by: .tensor)
    let rows = try #require(json["rows"]?.array)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["label"]?.string ?? "", $0) })
  }

  // MARK: Figures

  /// Every figure of every pair: types, mixed types, NaN and infinities, zeros, subnormals, three files, spectra.
  @Test func figuresAreThoseOfNumpy() throws {
    let golden = try #require(try Fixtures.json("diff/golden.json").object)
    let difference = try Self.compare(
      "diff/a.safetensors", "diff/b.safetensors", reference: "diff/c.safetensors"
    ) { $0.singularValues = 8 }
    let rows = try Self.rows(difference)
    #expect(rows.count == golden.count)
    for (name, figures) in golden.map({ ($0.key, $0.value.object ?? []) }) {
      let row = try #require(rows[name])
      for figure in figures {
        let found = try #require(row[figure.key])
        if let values = figure.value.array {
          let shares = try #require(found.array)
          #expect(shares.count == values.count, "\(name) \(figure.key)")
          for (share, value) in zip(shares, values) {
            Self.expectEqual(share, value, "\(name) \(figure.key)")
          }
        } else {
          Self.expectEqual(found, figure.value, "\(name) \(figure.key)")
        }
      }
    }
  }

  private static func expectEqual(_ found: JSON, _ expected: JSON, _ place: String) {
    guard let value = expected.double else {
      #expect(found.encoded() == expected.encoded(), "\(place)")
      return
    }
    let number = found.double ?? .nan
    #expect(abs(number - value) <= 1e-6 * abs(value), "\(place): \(number), numpy \(value)")
  }

  @Test func listsWhatIsOnOneSide() throws {
    let difference = try Self.compare("diff/a.safetensors", "diff/b.safetensors")
    #expect(difference.onlyInA.map(\.name) == ["removed"])
    #expect(difference.onlyInB.map(\.name) == ["added"])
    #expect(difference.shapeDifferences.map(\.shape) == [[2, 3]])
    #expect(difference.shapeDifferences.map(\.otherShape) == [[3, 2]])
    let metadata = difference.metadata.sorted { $0.key < $1.key }
    #expect(metadata.map(\.key) == ["new", "step"])
    #expect(metadata.map { $0.a?.string } == [nil, "1"])
    #expect(metadata.map { $0.b?.string } == ["x", "2"])
    #expect(!difference.isSame)
  }

  @Test func shardsMakeNoDifference() throws {
    let difference = try Self.compare("diff/a-sharded", "diff/a.safetensors")
    #expect(difference.isSame)
    #expect(difference.tensors.allSatisfy { $0.sums.isByteEqual })
    #expect(difference.total.squaredDifference == 0 && difference.total.changed == 0)
    let parts = try Self.compare(
      "gguf/untied-00001-of-00002.gguf", "gguf/untied-00001-of-00002.gguf")
    #expect(parts.isSame && parts.tensors.count > 10)
  }

  @Test func selectsByName() throws {
    let difference = try Self.compare("diff/a.safetensors", "diff/b.safetensors") {
      $0.select = ["same.*", "equal"]
    }
    #expect(
      Set(difference.tensors.map(\.name)) == [
        "same.BF16", "same.F16", "same.F32", "same.F64", "equal",
      ])
    #expect(difference.onlyInA.isEmpty && difference.metadata.isEmpty)
    #expect(throws: InputError.self) {
      try Self.compare("diff/a.safetensors", "diff/b.safetensors") { $0.select = ["nothing"] }
    }
  }

  /// Parts of layers and kinds add up to the whole.
  @Test(arguments: [CheckpointDifference.Grouping.tensor, .layer, .kind])
  func rowsAddUp(_ grouping: CheckpointDifference.Grouping) throws {
    let difference = try Self.compare("demo/aligned", "demo/damaged")
    let rows = difference.rows(by: grouping)
    let sum = rows.reduce(into: DifferenceSums()) { $0 += $1.sums }
    #expect(sum.count == difference.total.count && sum.changed == difference.total.changed)
    #expect(abs(sum.squaredDifference / difference.total.squaredDifference - 1) < 1e-12)
    #expect(rows.reduce(0) { $0 + $1.tensorCount } == difference.tensors.count)
    if grouping == .layer {
      #expect(rows.map(\.layer) == [nil, 0, 1, 2, 3, 4])
    } else if grouping == .kind {
      #expect(Set(rows.map(\.label)).isSuperset(of: ["embedding", "norm", "attention.query"]))
    }
  }

  /// Two pieces and a rest; the number of threads must not show.
  @Test func threadsMakeNoDifference() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let count = 2 * 262_144 + 4_099
    let paths = try [1, 2].map { seed in
      let values = GradientCheck.normal(count, seed: UInt64(seed), deviation: 1)
      let path = folder.appending(path: "\(seed).safetensors")
      let file = ScratchModel.file([.init("model.layers.0.x", shape: [count], values: values)])
      try Data(file).write(to: path)
      return path.path
    }
    let (a, b) = (try Checkpoint.open(paths[0]), try Checkpoint.open(paths[1]))
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let sums = try [1, 2, 3].map { threads in
      Parallel.threads = threads
      return try CheckpointDifference(a, b).tensors[0].sums
    }
    #expect(sums[0] == sums[1] && sums[0] == sums[2])
    #expect(sums[0].count == count && sums[0].changed > count - 10)
  }

  // MARK: Between formats

  /// Rows in another order, fused and transposed matrices, norms less 1, stacked experts: the conversion changed no
  /// number.
  @Test(arguments: GoldenModel.names.filter { $0 != "untied" })
  func conversionChangesNothing(_ name: String) throws {
    let difference = try Self.compare("golden/\(name)", "gguf/\(name).gguf")
    #expect(difference.isAcrossFormats)
    #expect(difference.tensors.filter(\.isChanged).map(\.name) == [])
    #expect(difference.total.squaredDifference == 0 && difference.total.squaredA > 0)
    #expect(difference.onlyInA.isEmpty && difference.shapeDifferences.isEmpty)
    let back = try Self.compare("gguf/\(name).gguf", "golden/\(name)")
    #expect(back.total.changed == 0 && back.total.count == difference.total.count)
  }

  @Test func quantisedModelIsNearItsSource() throws {
    let near = try Self.compare("demo/damaged", "gguf/demo-Q8_0.gguf")
    #expect(near.onlyInA.isEmpty && near.onlyInB.isEmpty && near.shapeDifferences.isEmpty)
    #expect(near.total.relativeNorm > 1e-4 && near.total.relativeNorm < 0.01)
    #expect(near.total.largestSteps == nil)
    let change = try Self.compare("demo/aligned", "demo/damaged").total
    let far = try Self.compare("demo/aligned", "gguf/demo-Q8_0.gguf").total
    #expect(abs(far.relativeNorm / change.relativeNorm - 1) < 0.01)
    // The third one of another format: Δ is what C − A is, but for the blocks.
    let split = try Self.compare("demo/aligned", "demo/damaged", reference: "gguf/demo-Q8_0.gguf")
    #expect(abs((split.total.along ?? 0) - 1) < 0.01 && split.withoutReference.isEmpty)
  }

  /// Codes with scales beside them are compared as numbers, with any layout of scales.
  @Test(arguments: ["fp8-block", "fp8-row", "fp8-tensor"])
  func scaledCodesAreUnpacked(_ name: String) throws {
    let difference = try Self.compare("golden/grouped", "golden/\(name)")
    #expect(difference.tensors.allSatisfy { $0.isDecoded })
    #expect(difference.total.relativeNorm > 0.001 && difference.total.relativeNorm < 0.1)
    #expect(!difference.onlyInB.isEmpty)
  }

  @Test func modelWithoutConfigurationIsNamed() throws {
    let error = #expect(throws: InputError.self) {
      try Self.compare("diff/a.safetensors", "gguf/tied.gguf")
    }
    #expect(error?.kind == .missing && error?.description.contains("config.json") == true)
  }

  /// What cannot be unpacked is compared by its bytes, block by block.
  @Test func opaqueTypesAreComparedByBytes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = try [UInt8(7), 9].map { last in
      var tensor = ScratchModel.Tensor("x", shape: [8], values: [])
      (tensor.type, tensor.bytes) = ("F4", [1, 2, 3, last])
      let path = folder.appending(path: "\(last).safetensors")
      try Data(ScratchModel.file([tensor])).write(to: path)
      return try Checkpoint.open(path.path)
    }
    let difference = try CheckpointDifference(paths[0], paths[1])
    let tensor = try #require(difference.tensors.first)
    #expect(!tensor.isDecoded && !tensor.sums.isByteEqual && !difference.isSame)
    #expect(tensor.sums.changed == 2 && tensor.sums.count == 8 && tensor.sums.summed == 0)
    #expect(try CheckpointDifference(paths[0], paths[0]).isSame)
  }

  // MARK: Singular values

  /// Too large for all values: the change is diag(σ), so that its singular values are known.
  @Test func largestValuesOfALargeMatrix() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (rows, columns) = (1100, 1030)
    let values = (0..<20).map { Float(0x1p10) / Float(1 << $0) }
    var change = [Float](repeating: 0, count: rows * columns)
    for (index, value) in values.enumerated() { change[(3 * index) * columns + 7 * index] = value }
    let zero = [Float](repeating: 0, count: change.count)
    let files = try [zero, change].enumerated().map { number, values in
      let path = folder.appending(path: "\(number).safetensors")
      let file = ScratchModel.file([.init("w", shape: [rows, columns], values: values)])
      try Data(file).write(to: path)
      return try Checkpoint.open(path.path)
    }
    var options = CheckpointDifference.Options()
    options.singularValues = 4
    let difference = try CheckpointDifference(files[0], files[1], options: options)
    let spectrum = try #require(difference.tensors[0].spectrum)
    let squares = values.map { Double($0) * Double($0) }
    let total = squares.reduce(0, +)
    #expect(spectrum.isEstimate && spectrum.shares.count == 4)
    for count in 1...4 {
      let share = squares.prefix(count).reduce(0, +) / total
      #expect(abs(spectrum.shares[count - 1] / share - 1) < 1e-9)
    }
    let rank = ChangeSpectrum.effectiveRank(values.map(Double.init))
    #expect(abs(spectrum.effectiveRank / rank - 1) < 1e-3)
    #expect(difference.tensors[0].sums.relativeNorm == .infinity)
    #expect(difference.tensors[0].sums.cosine == nil)
  }

  // MARK: Places

  @Test(arguments: [
    ("model.layers.12.self_attn.q_proj.weight", 12, "attention.query"),
    ("model.language_model.layers.3.mlp.down_proj.weight", 3, "feed-forward.down"),
    ("transformer.h.0.attn.c_attn.weight", 0, "attention.query+key+value"),
    ("h.5.attn.c_proj.bias", 5, "attention.output.bias"),
    ("model.layers.1.mlp.gate_up_proj.weight", 1, "feed-forward.gate+up"),
    ("model.layers.1.mlp.experts.7.up_proj.weight", 1, "experts.up"),
    ("blk.9.ffn_down_exps.weight", 9, "experts.down"),
    ("blk.9.attn_norm.weight", 9, "norm"), ("token_embd.weight", nil, "embedding"),
    ("lm_head.weight", nil, "head"), ("model.norm.weight", nil, "norm"),
    ("vision_tower.encoder.layers.3.mlp.fc1.weight", nil, "vision_tower.encoder.layers.mlp.fc1"),
    ("base_model.model.model.layers.2.mlp.up_proj.lora_A.weight", 2, "mlp.up_proj.lora_A"),
    ("weight", nil, "weight"),
  ])
  func namesTellPlaces(_ name: String, _ layer: Int?, _ kind: String) {
    let place = TensorPlace(byName: name)
    #expect(place.layer == layer && place.kind == kind, "\(place)")
  }

  /// The configuration knows better than the name: Gemma's post_attention_layernorm is no feed-forward norm, and a
  /// fused matrix of GGUF has the name of one that is not.
  @Test func configurationTellsPlaces() throws {
    let places = TensorPlaces(of: try Checkpoint.open(Fixtures.path("gguf/phi3.gguf")))
    #expect(places["blk.1.ffn_up.weight"].kind == "feed-forward.gate+up")
    #expect(TensorPlace(byName: "blk.1.ffn_up.weight").kind == "feed-forward.up")
  }
}

import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Are weights of FP8 their codes times their scales, and is a patch of them what the file then holds?
@Suite struct Float8Tests {
  static let layouts = ["fp8-block", "fp8-row", "fp8-tensor"]

  @Test(arguments: ["F8_E4M3", "F8_E5M2"])
  func everyCodeStandsForWhatTorchSays(_ name: String) throws {
    let golden = try GoldenModel("fp8-tensor")
    let type = try #require(ElementType(safetensors: name))
    var found = [Float](repeating: 0, count: 256)
    var target = found.mutableSpan
    (0...255).map { UInt8($0) }.withUnsafeBytes { FloatDecoding.decode($0, type, into: &target) }
    for (found, expected) in zip(found, try golden.tensor("codes.\(name)")) {
      #expect(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN)
    }
  }

  @Test(arguments: layouts)
  func weightsAreCodesTimesScales(_ layout: String) throws {
    let golden = try GoldenModel(layout)
    for key in ["mlp.down_proj", "self_attn.k_proj"] {
      let name = "model.layers.1.\(key).weight"
      let tensor = try #require(golden.map.checkpoint.tensor(TensorName(name)))
      let expected = try golden.tensor("weights.\(name)")
      #expect(try golden.map.checkpoint.readFloats(tensor) == expected)
      let part = 37..<expected.count - 5
      var values = [Float](repeating: 0, count: part.count)
      var target = values.mutableSpan
      try golden.map.checkpoint.readFloats(tensor, elements: part, into: &target)
      #expect(values == Array(expected[part]))
    }
  }

  @Test func nothingIsReadWithoutItsScales() throws {
    let checkpoint = try GoldenModel("fp8-row").map.checkpoint.scaled(by: [:])
    let name = "model.layers.1.mlp.down_proj.weight"
    let tensor = try #require(checkpoint.tensor(TensorName(name)))
    let error = #expect(throws: InputError.self) { _ = try checkpoint.readFloats(tensor) }
    #expect(error?.place == "tensor \"\(name)\"" && error?.found == "F8_E4M3")
  }

  @Test(arguments: layouts)
  func lossIsThatOfTheUnpackedWeights(_ layout: String) throws {
    let golden = try GoldenModel(layout)
    let targets = golden.targets(likelihood: 1)
    let scores = try Transformer(weights: Weights(map: golden.map))
      .scores(golden.batch, targets: targets)
    let loss = zip(scores.likelihood, targets).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1.likelihoodWeight)
    }
    let expected = try golden.number("loss")
    #expect(abs(loss - expected) <= 1e-5 * expected)
  }

  @Test(
    arguments: [
      ("\"fp8\", \"weight_block_size\": [128, 64]", [128, 64]), ("\"fp8\"", nil),
      ("\"fbgemm_fp8\"", nil), ("\"modelopt\", \"quant_algo\": \"FP8\"", nil),
      (
        "\"compressed-tensors\", \"config_groups\": {\"group_0\": {\"weights\": {\"num_bits\": 8,"
          + " \"type\": \"float\", \"block_structure\": [32, 16]}}}", [32, 16]
      ),
    ] as [(String, [Int]?)])
  func methodsSayTheSizeOfBlocks(_ method: String, _ block: [Int]?) throws {
    let quantization = try ScratchModel.configuration([
      "quantization_config": "{\"quant_method\": \(method)}"
    ]).quantization
    #expect(quantization != nil && quantization?.block.map { [$0.rows, $0.columns] } == block)
  }

  // MARK: Patches

  /// A patch over the matrices of the blocks, as it is stored with the inputs of the golden rows.
  private struct Patched {
    let golden: GoldenModel
    let weights: Weights
    let patch: StoredPatch
    let written: TensorMap

    init(_ layout: String, deviation: Float, rows: Range<Int>? = nil) throws {
      let golden = try GoldenModel(layout)
      let map = golden.map
      let space = map.space(map.slots.filter(\.isBlockMatrix), .full)
      var source = RandomSource(seed: 5)
      var values = source.normal(space.count, deviation: deviation)
      if let rows {
        for entry in space.entries {
          guard case .full(let range) = entry.form else { continue }
          for (index, place) in range.enumerated() where !rows.contains(index / entry.inputs) {
            values[place] = 0
          }
        }
      }
      let examples = golden.batch.sequences.indices.map { index in
        let tokens = golden.batch.tokens(of: golden.batch.sequences[index])
        return Example(prompt: Array(tokens.prefix(2)), answer: Array(tokens.dropFirst(2)))
      }
      let plan = StoragePlan(
        StorageRounding(rounding: .nearestEven), raises: true, space: space, map: map,
        examples: examples)
      // Scales go with the type, so no wider one is taken.
      #expect(plan.wider == nil)
      weights = try plan.weights(map, Perturbation(space: space, values: values))
      patch = try #require(StoredPatch(weights))
      let output = FileManager.default.temporaryDirectory.appending(path: "fp8-\(UUID()).d")
      defer { try? FileManager.default.removeItem(at: output) }
      var writer = CheckpointWriter(map.checkpoint)
      writer.replacements = patch.replacements()
      try writer.write(to: output.path)
      written = try TensorMap(
        checkpoint: Checkpoint.open(output.path), configuration: map.configuration)
      self.golden = golden
    }

    func bytes(_ map: TensorMap, _ name: TensorName) throws -> [UInt8] {
      let tensor = try #require(map.checkpoint.tensor(name))
      return try map.checkpoint.withBytes(of: tensor) { Array($0) }
    }
  }

  @Test(arguments: layouts)
  func theModelInMemoryIsTheModelInTheFile(_ layout: String) throws {
    let patched = try Patched(layout, deviation: 0.01)
    for slot in patched.golden.map.slots {
      #expect(
        try patched.weights.values(at: slot) == Weights(map: patched.written).values(at: slot))
    }
  }

  /// A change far below the steps of the type, which are up to an eighth of a weight, still arrives at outputs.
  @Test(arguments: layouts)
  func smallChangesArrive(_ layout: String) throws {
    let patched = try Patched(layout, deviation: 0.003)
    let effect = try #require(patched.patch.effect)
    #expect(effect.keep > 0.7 && effect.noise < 0.6, "\(effect.keep) \(effect.noise)")
    #expect(patched.patch.tensors.allSatisfy { $0.elementType.isFloat8 })
  }

  @Test(arguments: layouts)
  func onlyCodesOfChangedRowsChange(_ layout: String) throws {
    let patched = try Patched(layout, deviation: 0.02, rows: 3..<5)
    let map = patched.golden.map
    let changed = Set(patched.weights.perturbation?.space.entries.map(\.name) ?? [])
    for tensor in map.checkpoint.tensors {
      let before = try patched.bytes(map, tensor.name)
      let after = try patched.bytes(patched.written, tensor.name)
      guard changed.contains(tensor.name) else {
        #expect(before == after, "\(tensor.name)")
        continue
      }
      let width = tensor.shape[1]
      let rows = Set(before.indices.filter { before[$0] != after[$0] }.map { $0 / width })
      #expect(!rows.isEmpty && rows.isSubset(of: [3, 4]), "\(tensor.name)")
    }
  }

  @Test func nothingMovesWithoutAChange() throws {
    let patched = try Patched("fp8-block", deviation: 0)
    #expect(patched.patch.replacements().isEmpty)
    // Not even codes that are never written.
    let codes: [UInt8] = [0x80, 0x00, 0x01, 0xFE]
    let type = try #require(ElementType(safetensors: "F8_E4M3"))
    let none = Matrix(rows: 1, columns: 4)
    #expect(CodeMoves(moments: nil).move(codes, type, by: none).blocks == codes)
  }

  /// Beyond the largest number of the type there is no other.
  @Test func changesBeyondTheLargestNumberSaturate() throws {
    let type = try #require(ElementType(safetensors: "F8_E4M3"))
    let change = Matrix(rows: 1, columns: 3, values: [100, -100, 1])
    let scales = TensorScales([0.01], block: (1, 3), width: 3)
    let moved = CodeMoves(moments: nil).move([0x7C, 0x00, 0x38], type, by: change, scales: scales)
    // 448, −448, and 1 + 100 at the nearest number, 104.
    #expect(moved.blocks == [0x7E, 0xFE, 0x6D])
  }

  @Test func anotherTypeIsRefused() throws {
    let map = try GoldenModel("fp8-row").map
    let storage = StorageRounding(elementType: .bfloat16, rounding: .nearestEven)
    let error = #expect(throws: InputError.self) {
      try storage.requireOwnTypes(map.space(map.slots.filter(\.isBlockMatrix)), of: map)
    }
    #expect(error?.kind == .usage && error?.found == "BF16 asked for")
    #expect(error?.place == "tensor \"model.layers.0.self_attn.q_proj.weight\"")
    try storage.requireOwnTypes(map.space([.embedding]), of: map)
  }

  // MARK: Faults

  /// A matrix of 10 × 14 codes, and what stands beside it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var method = "{\"quant_method\": \"fp8\", \"weight_block_size\": [4, 8]}"
    var code: UInt8 = 0x38
    var scale = "_scale_inv"
    var shape = [3, 2]
    var value: Float = 0.5
    let place: String
    let expected: String
    let found: String
    var fix: String?
  }

  private static let name = "model.layers.0.mlp.down_proj.weight"
  static let faults = [
    Fault(
      testDescription: "no scale", scale: "_other", place: "tensor \"\(name)\"",
      expected: "its scales in \"\(name)_scale_inv\" or \"\(name)_scale\"",
      found: "F8_E4M3 without scales",
      fix: "take all tensors from the checkpoint, or patch the one it was quantised from"),
    Fault(
      testDescription: "wrong shape", shape: [2, 3], place: "tensor \"\(name)_scale_inv\"",
      expected: "shape [3, 2] or [] or [10, 1]", found: "[2, 3]"),
    Fault(
      testDescription: "blocks of unknown size", method: "{\"quant_method\": \"fp8\"}",
      place: "tensor \"\(name)_scale_inv\"", expected: "shape [] or [10, 1]", found: "[3, 2]",
      fix: "name the size of its blocks in config.json (weight_block_size)"),
    Fault(
      testDescription: "scale that is no number", scale: "_scale", shape: [10], value: .nan,
      place: "tensor \"\(name)_scale\", element 0", expected: "finite scales", found: "nan",
      fix: "the file is damaged; take it from where it came from again"),
    Fault(
      testDescription: "code that is no number", code: 0xFF, place: "tensor \"\(name)\", element 0",
      expected: "finite weights", found: "nan",
      fix: "the fine-tune diverged or the file is damaged; go back to an earlier checkpoint"),
  ]

  @Test(arguments: faults)
  func faultsNameTheirTensor(_ fault: Fault) throws {
    let model = try ScratchModel(["quantization_config": fault.method]) { tensors in
      for index in tensors.indices where tensors[index].name == Self.name {
        tensors[index].type = "F8_E4M3"
        tensors[index].bytes = [UInt8](repeating: fault.code, count: 140)
      }
      tensors.append(
        .init(
          Self.name + fault.scale, shape: fault.shape,
          values: [Float](repeating: fault.value, count: fault.shape.reduce(1, *))))
    }
    let error = #expect(throws: InputError.self) { try model.map().requireFinite() }
    #expect(
      error
        == InputError(
          file: model.folder, place: fault.place, expected: fault.expected,
          found: error?.found == "-nan" ? "-nan" : fault.found, fix: fault.fix))
  }
}

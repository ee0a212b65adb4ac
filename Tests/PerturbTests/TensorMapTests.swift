import FormatIO
import Testing

@testable import Perturb

/// Are the tensors of a checkpoint found and checked, and does every fault name its tensor?
@Suite struct TensorMapTests {
  @Test func everyPlaceHasItsTensor() throws {
    let map = try ScratchModel(hasBiases: true).map()
    #expect(map.slots.count == 3 + 2 * (9 + 7))
    #expect(map.tensor(at: .head)?.name == "lm_head.weight")
    #expect(
      map.tensor(at: .block(layer: 1, .downBias))?.name == "model.layers.1.mlp.down_proj.bias")
    #expect(map.tensor(at: .block(layer: 1, .keyWeight))?.shape == [12, 10])
    #expect(map.tensor(at: .block(layer: 2, .keyWeight)) == nil)
    #expect(
      map.parameterCount
        == map.slots.reduce(0) { total, slot in
          let shape = map.configuration.shape(of: slot)
          return total + shape.rows * shape.columns
        })
    #expect(map.headSlot == .head)
    try map.requireFinite()
  }

  @Test func biasesAreOptional() throws {
    let map = try ScratchModel().map()
    #expect(map.tensor(at: .block(layer: 0, .queryBias)) == nil)
    #expect(map.slots.count == 3 + 2 * 9)
  }

  @Test func namesMayLackTheirPrefix() throws {
    let model = try ScratchModel(hasBiases: true) { tensors in
      for index in tensors.indices where tensors[index].name.hasPrefix("model.") {
        tensors[index].name.removeFirst("model.".count)
      }
    }
    let map = try model.map()
    #expect(map.tensor(at: .embedding)?.name == "embed_tokens.weight")
    #expect(map.tensor(at: .block(layer: 0, .upBias))?.name == "layers.0.mlp.up_proj.bias")
    let plain = try ScratchModel(hasBiases: true).map()
    #expect(
      try Weights(map: map).values(at: .finalNorm) == Weights(map: plain).values(at: .finalNorm))
  }

  @Test func unknownTensorsAreLeftAlone() throws {
    let model = try ScratchModel { tensors in
      var extra = ScratchModel.Tensor("vision.rotary.inv_freq", shape: [3], values: [1, 2, .nan])
      extra.type = "I32"
      tensors.append(extra)
    }
    let map = try model.map()
    #expect(map.slots.count == 3 + 2 * 9)
    try map.requireFinite()
  }

  @Test func aStoredHeadOfATiedModelIsACopy() throws {
    let model = try ScratchModel(["tie_word_embeddings": "true"]) { tensors in
      tensors.append(
        ScratchModel.Tensor(
          "lm_head.weight", shape: [23, 10], values: [Float](repeating: 5, count: 230)))
    }
    let map = try model.map()
    #expect(map.tensor(at: .head) == nil && map.headSlot == .embedding)
    #expect(!map.slots.contains(.head))
    let without = try ScratchModel(["tie_word_embeddings": "true"])
    let states = GradientCheck.normal(rows: 2, columns: 10, seed: 1)
    let tokens = try [map, without.map()].map {
      try OutputHead(weights: Weights(map: $0)).scores(
        states, targets: [HeadTarget(token: 3), HeadTarget(token: 4)], reference: nil
      ).likelihood
    }
    #expect(tokens[0] == tokens[1])
  }

  @Test(arguments: [
    "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
    "model.layers.1.self_attn.k_proj.weight", "model.layers.0.input_layernorm.weight",
  ])
  func aMissingTensorIsNamed(_ name: String) throws {
    let model = try ScratchModel { tensors in tensors.removeAll { $0.name == name } }
    expect(
      try error(of: model), model, name, "a tensor that config.json calls for", "no such tensor")
  }

  @Test(arguments: [".qweight", ".weight_packed", ".SCB", ".quant_map"])
  func packedWeightsAreNamed(_ suffix: String) throws {
    let stem = "model.layers.0.mlp.up_proj"
    let model = try ScratchModel { tensors in
      for index in tensors.indices where tensors[index].name == stem + ".weight" {
        tensors[index].name = stem + suffix
        tensors[index].type = "I32"
      }
    }
    expect(
      try error(of: model), model, stem + ".weight", "a tensor that config.json calls for",
      "packed quantised weights instead",
      fix: "patch the original checkpoint and quantise it again")
  }

  @Test(
    arguments: [
      ("model.norm.weight", [9], [10], 9), ("model.norm.weight", [11], [10], 11),
      ("lm_head.weight", [10, 23], [23, 10], 230), ("lm_head.weight", [230], [23, 10], 230),
      ("model.layers.1.mlp.down_proj.weight", [14, 10], [10, 14], 140),
      ("model.embed_tokens.weight", [23, 10, 1], [23, 10], 230),
    ] as [(String, [Int], [Int], Int)])
  func aWrongShapeIsNamed(
    _ name: String, _ shape: [Int], _ expected: [Int], _ count: Int
  ) throws {
    let model = try ScratchModel { tensors in
      let values = [Float](repeating: 0, count: count)
      for index in tensors.indices where tensors[index].name == name {
        tensors[index] = ScratchModel.Tensor(name, shape: shape, values: values)
      }
    }
    expect(
      try error(of: model), model, name, "shape \(expected), as config.json says", "\(shape)")
  }

  @Test(arguments: [
    ("F8_E8M0", 1), ("F8_E5M2FNUZ", 1), ("I8", 1), ("I32", 4), ("U32", 4), ("I64", 8),
  ])
  func aTypeThatIsNoPlainFloatIsNamed(_ type: String, _ width: Int) throws {
    let name = "model.layers.0.self_attn.v_proj.weight"
    let model = try ScratchModel { tensors in
      for index in tensors.indices where tensors[index].name == name {
        tensors[index].type = type
        tensors[index].bytes = [UInt8](repeating: 0, count: 120 * width)
      }
    }
    expect(
      try error(of: model), model, name,
      "weights stored as F32, F16, BF16 or F64, or as F8_E4M3 or F8_E5M2 with scales", type,
      fix: "patch the checkpoint it was quantised from")
  }

  @Test(arguments: [
    ("model.embed_tokens.weight", 229, Float.nan, "nan"),
    ("model.layers.1.mlp.gate_proj.weight", 0, .infinity, "inf"),
    ("model.norm.weight", 4, -.infinity, "-inf"),
  ])
  func aNumberThatIsNotFiniteIsNamedWithItsElement(
    _ name: String, _ element: Int, _ value: Float, _ found: String
  ) throws {
    let model = try ScratchModel { tensors in
      for index in tensors.indices where tensors[index].name == name {
        let bytes = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        tensors[index].bytes.replaceSubrange(element * 4..<element * 4 + 4, with: bytes)
      }
    }
    let map = try model.map()
    let error = #expect(throws: InputError.self) { try map.requireFinite() }
    #expect(error?.place == "tensor \"\(name)\", element \(element)")
    #expect(error?.expected == "finite weights" && error?.found == found)
  }

  private func error(of model: ScratchModel) throws -> InputError? {
    #expect(throws: InputError.self) { try model.map() }
  }

  private func expect(
    _ error: InputError?, _ model: ScratchModel, _ tensor: String, _ expected: String,
    _ found: String, fix: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wanted = InputError(
      file: model.folder, place: "tensor \"\(tensor)\"", expected: expected, found: found, fix: fix)
    #expect(error == wanted, sourceLocation: sourceLocation)
  }
}

import FormatIO
import Testing

@testable import Perturb

/// Is a model from a GGUF file the model that the safetensors file holds?
@Suite struct GGUFModelTests {
  @Test(arguments: GoldenModel.names)
  func lossesAreThoseOfTransformers(_ name: String) throws {
    let golden = try GoldenModel(name)
    let map = try GoldenModel.gguf(name)
    let scores = try Transformer(weights: Weights(map: map))
      .scores(golden.batch, targets: golden.targets(likelihood: 1))
    let loss = zip(scores.likelihood, golden.targets(likelihood: 1)).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1.likelihoodWeight)
    }
    let expected = try golden.number("loss")
    #expect(abs(loss - expected) <= 1e-5 * expected)
  }

  /// Gradients are those of transformers too, once their rows are in the order of the other file.
  @Test(arguments: GoldenModel.names)
  func gradientsAreThoseOfTransformers(_ name: String) throws {
    let golden = try GoldenModel(name)
    let map = try GoldenModel.gguf(name)
    let space = try golden.wholeSpace.renamed(from: golden.map, to: map)
    var gradient = Gradient(at: space.origin)
    _ = try Transformer(weights: Weights(map: map, perturbation: space.origin))
      .gradient(golden.batch, targets: golden.targets(likelihood: 1), into: &gradient)
    let moved = try Perturbation(space: space, values: gradient.values)
      .moved(from: map, to: golden.map)
    for entry in moved.space.entries {
      guard case .full(let range) = entry.form, !map.isIdle(entry.slot) else { continue }
      let expected = try golden.part(of: golden.tensor("grad.\(entry.name)"), at: entry.slot)
      var difference = moved.values[range]
      difference.add(expected, scale: -1)
      #expect(difference.norm <= 1e-3 * max(expected.norm, 1e-6), "\(entry.name)")
    }
  }

  /// A change of the weights of one file, brought to the other, changes the outputs alike; and back again it
  /// is the same change.
  @Test(arguments: GoldenModel.names, [nil, 2])
  func aChangeGoesToTheOtherFormatAndBack(_ name: String, _ rank: Int?) throws {
    let golden = try GoldenModel(name)
    let map = try GoldenModel.gguf(name)
    var space = golden.wholeSpace
    if let rank {
      space = ParameterSpace(
        tensors: space.entries.filter(\.slot.isBlockMatrix)
          .map { ($0.slot, $0.name, $0.outputs, $0.inputs) },
        parametrisation: .lowRank(rank: rank, scale: 0.5))
    }
    let values = GradientCheck.normal(space.count, seed: 3, deviation: 0.1)
    let change = Perturbation(space: space, values: ParameterVector(values))
    let moved = try change.moved(from: golden.map, to: map)
    func states(_ map: TensorMap, _ change: Perturbation?) throws -> [Float] {
      try Transformer(weights: Weights(map: map, perturbation: change))
        .targetStates(golden.batch).values
    }
    let expected = try states(golden.map, change)
    let unchanged = try states(golden.map, nil)
    #expect(zip(expected, unchanged).contains { abs($0 - $1) > 0.05 })
    let found = try states(map, moved)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-4 })
    let back = try moved.moved(from: map, to: golden.map)
    #expect(back.values[0..<space.count] == change.values[0..<space.count])
    #expect(back.space.entries.map(\.name) == space.entries.map(\.name))
  }

  @Test func aChangeOfAnotherModelIsRefused() throws {
    let (one, other) = (try GoldenModel.gguf("tied"), try GoldenModel.gguf("grouped"))
    let space = ParameterSpace(
      tensors: [(.finalNorm, "output_norm.weight", 1, 1)], parametrisation: .full)
    let change = Perturbation(space: space, values: ParameterVector([1]))
    #expect(throws: InputError.self) { try change.moved(from: one, to: other) }
  }

  // MARK: Metadata

  private static let metadata = ScratchGGUF([
    ("general.architecture", .text("llama")), ("llama.context_length", .number(64)),
    ("llama.embedding_length", .number(4)), ("llama.block_count", .number(1)),
    ("llama.feed_forward_length", .number(8)), ("llama.attention.head_count", .number(2)),
    ("llama.attention.layer_norm_rms_epsilon", .real(1e-5)),
  ])

  @Test func metadataBecomesAConfiguration() throws {
    let read = try Self.metadata.metadata { try ModelConfiguration($0, of: $1) }
    #expect(read.hiddenSize == 4 && read.layerCount == 1 && read.headCount == 2)
    #expect(read.keyValueHeadCount == 2 && read.headSize == 2 && read.feedForwardSize == 8)
    #expect(read.vocabularySize == 3 && read.tiesHead && read.contextLength == 64)
    #expect(read.normEpsilon == 1e-5 && read.rotaryFrequencies == [1])
  }

  @Test func aStoredHeadIsUsedAndFrequenciesAreDivided() throws {
    var file = Self.metadata.changing("llama.rope.freq_base", .real(100))
      .changing("llama.attention.key_length", .number(4))
    file.tensors += [("output.weight", [4, 3], 0), ("rope_freqs.weight", [2], 0)]
    let read = try file.metadata { try ModelConfiguration($0, of: $1) }
    #expect(!read.tiesHead && read.rotaryFrequencies == [1, 0.1])
  }

  /// Types that are read in part or not at all; the numbers are those of the format.
  @Test(arguments: [(16, "IQ2_XXS"), (19, "IQ1_S"), (9, "Q8_1"), (24, "I8")] as [(UInt32, String)])
  func typesThatAreNoWeightsAreNamed(_ number: UInt32, _ name: String) throws {
    var file = Self.metadata
    file.tensors = [("token_embd.weight", [256, 3], number)]
    let error = #expect(throws: InputError.self) {
      try file.changing("llama.embedding_length", .number(256)).metadata { metadata, checkpoint in
        let configuration = try ModelConfiguration(metadata, of: checkpoint)
        _ = try TensorMap(checkpoint: checkpoint, configuration: configuration)
      }
    }
    #expect(error?.place == #"tensor "token_embd.weight""# && error?.found == name)
    #expect(error?.fix?.isEmpty == false)
  }

  /// One change that makes the metadata unusable, and the error.
  struct Refusal: CustomTestStringConvertible {
    let key: String
    let value: ScratchGGUF.Value?
    let expected: String
    let found: String
    var testDescription: String { "\(key): \(found)" }

    init(_ key: String, _ value: ScratchGGUF.Value?, _ expected: String, _ found: String) {
      (self.key, self.value, self.expected, self.found) = (key, value, expected, found)
    }
  }

  static let families =
    "one of: gemma, gemma2, gemma3, gpt2, granite, llama, olmo2, phi3, qwen2, qwen2moe, qwen3, qwen3moe,"
    + " smollm3, starcoder2"
  static let refusals = [
    Refusal("general.architecture", .text("mamba"), families, #""mamba""#),
    Refusal("general.architecture", nil, families, "no such key"),
    Refusal("general.type", .text("adapter"), #""model""#, #""adapter""#),
    Refusal("llama.embedding_length", nil, "a whole number", "no such key"),
    Refusal("llama.block_count", .real(1.5), "a whole number above 0", "1.5"),
    Refusal(
      "llama.attention.head_count", .numbers([2, 2]), "a whole number above 0", #""2 × I32""#),
    Refusal(
      "llama.attention.head_count_kv", .number(3), "a divisor of num_attention_heads (2)", "3"),
    Refusal("llama.rope.dimension_count", .number(4), "an even number up to 2", "4"),
    Refusal("llama.attention.value_length", .number(4), "2, the width of a head", "4"),
    Refusal(
      "llama.rope.scaling.type", .text("ntk"),
      "default, dynamic, linear, llama3, longrope, su, yarn", #""ntk""#),
  ]

  @Test func expertsNeedTheirNumbers() throws {
    let error = #expect(throws: InputError.self) {
      try Self.metadata.changing("llama.expert_count", .number(8)).metadata {
        try ModelConfiguration($0, of: $1)
      }
    }
    #expect(error?.place == "key \"llama.expert_used_count\"" && error?.found == "no such key")
  }

  @Test(arguments: refusals)
  func metadataThatCannotBeUsedIsNamed(_ refusal: Refusal) throws {
    let error = #expect(throws: InputError.self) {
      try Self.metadata.changing(refusal.key, refusal.value).metadata {
        try ModelConfiguration($0, of: $1)
      }
    }
    #expect(error?.place == "key \"\(refusal.key)\"")
    #expect(error?.expected == refusal.expected && error?.found == refusal.found)
  }
}

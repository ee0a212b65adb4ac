import FormatIO
import RealModule
import Testing

@testable import Perturb

/// Is config.json read as transformers reads it, and does every fault name its key?
@Suite struct ModelConfigurationTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let changes: [String: String?]
    let key, expected, found: String
    var fix: String?
    var testDescription: String { "\(key): \(found)" }

    init(_ key: String, _ value: String?, _ expected: String, _ found: String) {
      self.init([key: value], key, expected, found)
    }

    init(
      _ changes: [String: String?], _ key: String, _ expected: String, _ found: String,
      fix: String? = nil
    ) {
      (self.changes, self.key, self.expected, self.found) = (changes, key, expected, found)
      self.fix = fix
    }
  }

  static let absent = "no such key"
  static let whole = "a whole number"
  static let sizeFaults: [Fault] = [
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size",
  ].flatMap { key -> [Fault] in
    [
      Fault(key, nil, whole, absent), Fault(key, "null", whole, absent),
      Fault(key, "0", whole + " above 0", "0"), Fault(key, "-3", whole + " above 0", "-3"),
      Fault(key, "1.5", whole + " above 0", "1.5"),
      Fault(key, "\"12\"", whole + " above 0", "\"12\""),
      Fault(key, "268435457", whole + " above 0", "268435457"),
    ]
  }
  static let families =
    "one of: llama, mistral, smollm3, qwen2, qwen3, gemma, gemma2, gemma3_text, phi3, gpt2, olmo2,"
    + " granite, starcoder2, mixtral, qwen2_moe, qwen3_moe"
  static let activations = "gelu, gelu_fast, gelu_new, gelu_pytorch_tanh, silu, swish"
  static let ropes = "default, dynamic, linear, llama3, longrope, su, yarn"
  static let otherFaults: [Fault] = [
    Fault("model_type", nil, families, absent),
    Fault(
      ["model_type": "\"mamba\""], "model_type", families, "\"mamba\"",
      fix: "patch a model of one of these families"),
    Fault("hidden_act", "\"relu\"", activations, "\"relu\""),
    Fault(
      ["hidden_activation": "\"relu\""], "hidden_activation", activations, "\"relu\""),
    Fault(
      "num_key_value_heads", "3", "a divisor of num_attention_heads (4)", "3"),
    Fault("num_key_value_heads", "0", whole + " above 0", "0"),
    Fault("head_dim", "7", "an even number", "7"),
    Fault(
      ["head_dim": nil, "num_attention_heads": "11", "num_key_value_heads": nil],
      "head_dim", "an even number", "0"),
    Fault("rms_norm_eps", "\"small\"", "a number above 0", "\"small\""),
    Fault("rms_norm_eps", "-1e-5", "a number above 0", "-1e-5"),
    Fault("tie_word_embeddings", "1", "true or false", "1"),
    Fault("max_position_embeddings", "true", whole + " above 0", "true"),
    Fault("rope_theta", "0", "a number above 0", "0"),
    Fault("hidden_act", "3", activations, "3"),
    Fault(
      ["model_type": "\"mistral\"", "use_sliding_window": "1"], "use_sliding_window",
      "true or false", "1"),
    Fault(
      ["model_type": "\"gemma2\"", "sliding_window": "4", "layer_types": "[\"full_attention\"]"],
      "layer_types", "2 names", "1"),
    Fault(
      [
        "model_type": "\"gemma2\"", "sliding_window": "4",
        "layer_types": "[\"full_attention\", \"chunked_attention\"]",
      ], "layer_types", "full_attention or sliding_attention", "\"chunked_attention\""),
    Fault(
      ["model_type": "\"smollm3\"", "sliding_window": "4", "use_sliding_window": "true"],
      "layer_types", "which layers have the window that use_sliding_window asks for", absent),
    Fault(
      ["model_type": "\"smollm3\"", "no_rope_layers": "[1, 2]"], "no_rope_layers",
      "2 times 0 or 1", "[1,2]"),
    Fault(
      ["model_type": "\"gemma3_text\"", "use_bidirectional_attention": "true"],
      "use_bidirectional_attention", "false", "true"),
    Fault(
      ["model_type": "\"mixtral\"", "num_local_experts": "4", "num_experts_per_tok": "5"],
      "num_experts_per_tok", "at most num_experts (4)", "5"),
    Fault(["model_type": "\"mixtral\""], "num_local_experts", whole, absent),
    Fault("partial_rotary_factor", "1.5", "an even part of 6 channels", "1.5"),
    Fault(
      ["rope_scaling": rope("longrope", "\"short_factor\": [1, 2]")],
      "rope_scaling.short_factor", "3 numbers above 0", "2"),
    Fault(
      ["model_type": "3"], "model_type", families, "3",
      fix: "patch a model of one of these families"),
    Fault("rope_scaling", "\"linear\"", "an object", "\"linear\""),
    Fault(
      ["rope_scaling": rope("ntk", "\"factor\": 2")], "rope_scaling.rope_type", ropes, "\"ntk\""),
    Fault(
      ["rope_parameters": rope("mrope", "\"factor\": 2")], "rope_parameters.rope_type", ropes,
      "\"mrope\""),
    Fault(["rope_scaling": rope("linear")], "factor", "a number", absent),
    Fault(
      ["rope_scaling": rope("linear", "\"factor\": \"2\"")], "factor", "a number above 0", "\"2\""),
    Fault(["rope_scaling": rope("linear", "\"factor\": 0")], "factor", "a number above 0", "0"),
    Fault(
      ["rope_scaling": rope("llama3", "\"factor\": 2")], "low_freq_factor", "a number",
      absent),
    Fault(
      [
        "rope_scaling": rope(
          "llama3",
          "\"factor\": 2, \"low_freq_factor\": 4, \"high_freq_factor\": 4, "
            + "\"original_max_position_embeddings\": 32")
      ], "high_freq_factor", "above low_freq_factor (4.0)", "4.0"),
    quantised(
      "gptq", "gptq (whole numbers of 2 to 8 bits packed into words, with scales and zero points)"),
    quantised(
      "bitsandbytes",
      "bitsandbytes (codes of 4 or 8 bits whose scales are in packed states of their own)"),
    quantised("modelopt", "modelopt (weights of 4 bits, or scales that are not those of FP8)"),
    quantised(
      "compressed-tensors",
      "compressed-tensors (packed whole numbers, or weights that are not 8-bit floating point)",
      "\"config_groups\": {\"0\": {\"weights\": {\"type\": \"int\", \"num_bits\": 8}}}"),
    quantised("another", "another"),
    Fault(
      [
        "quantization_config":
          "{\"quant_method\": \"fp8\", \"weight_block_size\": [128]}"
      ], "quantization_config", "a block size of two whole numbers above 0", "[128]"),
  ]

  private static func quantised(_ method: String, _ found: String, _ rest: String = "\"a\": 1")
    -> Fault
  {
    Fault(
      ["quantization_config": "{\"quant_method\": \"\(method)\", \(rest)}"],
      "quantization_config", "plain floating-point weights, or FP8 with scales", found,
      fix: "patch the original checkpoint and quantise it again, or patch a GGUF file of the model")
  }

  private static func rope(_ type: String, _ rest: String = "") -> String {
    "{\"rope_type\": \"\(type)\"\(rest.isEmpty ? "" : ", " + rest)}"
  }

  @Test(arguments: sizeFaults + otherFaults)
  func faultsNameTheirKey(_ fault: Fault) throws {
    let error = #expect(throws: InputError.self) {
      try ScratchModel.configuration(fault.changes)
    }
    #expect(
      error
        == InputError(
          file: "config.json", place: "key \"\(fault.key)\"", expected: fault.expected,
          found: fault.found, fix: fault.fix))
  }

  @Test func aMissingFileSaysWhatBelongsThere() {
    let error = #expect(throws: InputError.self) {
      try ModelConfiguration.load(folder: "/nowhere/at/all")
    }
    #expect(error?.kind == .missing && error?.file == "/nowhere/at/all/config.json")
  }

  @Test func absentKeysHaveTheDefaultsOfTheFamily() throws {
    let read = try ScratchModel.configuration([
      "head_dim": nil, "num_key_value_heads": "null", "rms_norm_eps": nil, "rope_theta": nil,
      "tie_word_embeddings": nil, "hidden_size": "24",
    ])
    #expect(read.headSize == 6 && read.keyValueHeadCount == 4 && read.normEpsilon == 1e-6)
    #expect(!read.tiesHead && read.contextLength == 2048)
    expectClose(read.rotaryFrequencies, [1, 0.046415888, 0.0021544347])
  }

  /// Which layers have a window, unless the file has it switched off.
  @Test(
    arguments: [
      ("mistral", [:], [50, 50, 50]),
      ("mistral", ["use_sliding_window": "false"], [nil, nil, nil]),
      ("qwen2", [:], [nil, nil, nil]),
      ("qwen2", ["use_sliding_window": "true", "max_window_layers": "1"], [nil, 50, 50]),
      ("llama", [:], [nil, nil, nil]), ("gemma2", [:], [50, nil, 50]),
      ("gemma3_text", ["sliding_window_pattern": "3"], [50, 50, nil]),
      (
        "gemma2",
        [
          "layer_types": "[\"full_attention\", \"sliding_attention\", \"sliding_attention\"]"
        ], [nil, 50, 50]
      ),
      ("phi3", ["sliding_window": "null"], [nil, nil, nil]),
    ] as [(String, [String: String], [Int?])])
  func layersHaveTheirWindows(_ family: String, _ changes: [String: String], _ expected: [Int?])
    throws
  {
    var all: [String: String?] = [
      "model_type": "\"\(family)\"", "sliding_window": "50", "max_position_embeddings": "77",
      "num_hidden_layers": "3",
    ]
    for (key, value) in changes { all[key] = value }
    let read = try ScratchModel.configuration(all)
    #expect(read.layers.map(\.window) == expected)
    #expect(read.contextLength == 77)
  }

  /// Numbers that only some families have, and what they are without a key.
  @Test func factorsAreRead() throws {
    let plain = try ScratchModel.configuration()
    #expect(plain.attentionScale == 1 / Float(6).squareRoot() && plain.attentionSoftCap == nil)
    #expect(plain.embeddingScale == 1 && plain.residualScale == 1 && plain.logitScale == 1)
    let gemma = try ScratchModel.configuration([
      "model_type": "\"gemma2\"", "query_pre_attn_scalar": "16", "attn_logit_softcapping": "50.0",
      "final_logit_softcapping": "30.0",
    ])
    #expect(gemma.attentionScale == 0.25 && gemma.attentionSoftCap == 50)
    #expect(gemma.logitSoftCap == 30 && gemma.embeddingScale == Float(10).squareRoot())
    let granite = try ScratchModel.configuration([
      "model_type": "\"granite\"", "attention_multiplier": "0.5", "embedding_multiplier": "12",
      "residual_multiplier": "0.22", "logits_scaling": "8",
    ])
    #expect(granite.attentionScale == 0.5 && granite.embeddingScale == 12)
    #expect(granite.residualScale == 0.22 && granite.logitScale == 0.125)
  }

  /// Gemma 3 as it was published: layers with a window have a base of their own, without scaling.
  @Test func layersWithAWindowHaveTheirOwnAngles() throws {
    let read = try ScratchModel.configuration([
      "model_type": "\"gemma3_text\"", "sliding_window": "4", "sliding_window_pattern": "2",
      "rope_theta": "1000000.0", "rope_local_base_freq": "100.0",
      "rope_scaling": Self.rope("linear", "\"factor\": 8"),
    ])
    #expect(read.layers.map(\.rotation) == [1, 0])
    expectClose(read.rotations[0].frequencies, [0.125, 0.00125, 1.25e-5])
    expectClose(read.rotations[1].frequencies, [1, 0.2154435, 0.0464159])
  }

  /// Published models of pictures and text leave out what is as in the class of the family.
  @Test func aNestedTextModelNeedsNotSayWhatIsUsual() throws {
    let text =
      #"{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text","#
      + #" "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,"#
      + #" "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}}"#
    let json = try JSON.parse(Array(text.utf8), file: "config.json")
    let read = try ModelConfiguration(json: json, file: "config.json")
    #expect(read.hiddenSize == 2560 && read.headCount == 8 && read.keyValueHeadCount == 4)
    #expect(read.headSize == 256 && read.vocabularySize == 262_208 && read.tiesHead)
    #expect(read.layers[5].window == nil && read.layers[6].window == 1024)
    // At the top of a file nothing is left out.
    let error = #expect(throws: InputError.self) {
      try ScratchModel.configuration(["model_type": "\"gemma3_text\"", "vocab_size": nil])
    }
    #expect(error?.place == "key \"vocab_size\"")
  }

  /// What a model of pictures and text says of its text counts.
  @Test func aNestedTextModelIsRead() throws {
    let inner = ScratchModel.json(["model_type": "\"gemma3_text\"", "tie_word_embeddings": nil])
    let json = try JSON.parse(
      Array("{\"model_type\": \"gemma3\", \"text_config\": \(inner)}".utf8), file: "config.json")
    let read = try ModelConfiguration(json: json, file: "config.json")
    #expect(read.architecture.name == "gemma3_text" && read.hiddenSize == 10 && read.tiesHead)
  }

  @Test func givenValuesAreUsed() throws {
    let read = try ScratchModel.configuration([
      "tie_word_embeddings": "true", "max_position_embeddings": "77", "hidden_act": "\"swish\"",
    ])
    #expect(read.architecture.name == "llama" && read.hiddenSize == 10 && read.layerCount == 2)
    #expect(read.headCount == 4 && read.keyValueHeadCount == 2 && read.headSize == 6)
    #expect(read.feedForwardSize == 14 && read.vocabularySize == 23 && read.normEpsilon == 1e-5)
    #expect(read.tiesHead && read.contextLength == 77)
    #expect(read.queryWidth == 24 && read.keyValueWidth == 12)
  }

  static let rotations: [([String: String], [Float])] = [
    // 100^(0, −1/3, −2/3), by hand.
    (["rope_theta": "100"], [1, 0.21544347, 0.046415888]),
    (["rope_theta": "100", "rope_scaling": "null"], [1, 0.21544347, 0.046415888]),
    (["rope_parameters": "{\"rope_theta\": 100}"], [1, 0.21544347, 0.046415888]),
    (
      ["rope_theta": "7", "rope_parameters": "{\"rope_theta\": 100, \"rope_type\": \"default\"}"],
      [1, 0.21544347, 0.046415888]
    ),
    (
      ["rope_theta": "100", "rope_scaling": "{\"type\": \"linear\", \"factor\": 4}"],
      [0.25, 0.053860867, 0.011603972]
    ),
    (
      ["rope_parameters": "{\"rope_type\": \"linear\", \"factor\": 4, \"rope_theta\": 100}"],
      [0.25, 0.053860867, 0.011603972]
    ),
    (
      // rope_parameters win.
      [
        "rope_theta": "100", "rope_scaling": "{\"type\": \"linear\", \"factor\": 4}",
        "rope_parameters": "{\"rope_type\": \"linear\", \"factor\": 2}",
      ], [0.5, 0.107721735, 0.023207944]
    ),
    (
      // Rotations over 64 tokens: 10.19 (kept), 2.194 (blended by 0.39817), 0.473 (slowed by 8).
      [
        "rope_theta": "100",
        "rope_scaling": """
        {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, \
        "original_max_position_embeddings": 64}
        """,
      ], [1, 0.10198936, 0.005801986]
    ),
  ]

  @Test(arguments: rotations)
  func rotaryFrequenciesMatchHandComputedOnes(
    _ changes: [String: String], _ expected: [Float]
  ) throws {
    let read = try ScratchModel.configuration(changes.mapValues { $0 })
    expectClose(read.rotaryFrequencies, expected)
  }

  @Test(arguments: GoldenModel.names)
  func rotaryFrequenciesMatchTransformers(_ name: String) throws {
    let golden = try GoldenModel(name)
    let expected = try #require(golden.golden["inverseFrequencies"]?.array).compactMap(\.double)
    expectClose(golden.map.configuration.rotaryFrequencies, expected.map { Float($0) })
  }

  private func expectClose(_ found: [Float], _ expected: [Float]) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-6 * b, "\(a), not \(b)") }
  }
}

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
  static let otherFaults: [Fault] = [
    Fault("model_type", nil, "one of: llama, mistral, qwen2", absent),
    Fault("model_type", "\"mamba\"", "one of: llama, mistral, qwen2", "\"mamba\""),
    Fault("hidden_act", "\"gelu\"", "silu or swish", "\"gelu\""),
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
    Fault("hidden_act", "3", "silu or swish", "3"),
    Fault("use_sliding_window", "1", "true or false", "1"),
    Fault("model_type", "3", "one of: llama, mistral, qwen2", "3"),
    Fault("rope_scaling", "\"linear\"", "an object", "\"linear\""),
    Fault(
      ["rope_scaling": rope("dynamic", "\"factor\": 2")], "rope_scaling.rope_type",
      "default, linear or llama3", "\"dynamic\""),
    Fault(
      ["rope_parameters": rope("yarn", "\"factor\": 2")], "rope_parameters.rope_type",
      "default, linear or llama3", "\"yarn\""),
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
    Fault(
      ["quantization_config": "{\"quant_method\": \"gptq\"}"], "quantization_config",
      "plain floating-point weights", "gptq",
      fix: "patch the original checkpoint and quantise it again"),
  ]

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

  /// A window cuts the length of texts, unless the family or the file has it switched off.
  @Test(
    arguments: [
      ("mistral", nil, 50), ("mistral", "false", 77), ("qwen2", nil, 77), ("qwen2", "true", 50),
      ("llama", nil, 77),
    ] as [(String, String?, Int)])
  func aWindowCutsTheContext(_ family: String, _ switched: String?, _ expected: Int) throws {
    let read = try ScratchModel.configuration([
      "model_type": "\"\(family)\"", "use_sliding_window": switched, "sliding_window": "50",
      "max_position_embeddings": "77",
    ])
    #expect(read.contextLength == expected)
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

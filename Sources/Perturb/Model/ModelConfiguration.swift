public import FormatIO
import Foundation

/// The numbers of one model, read from its config.json or from the metadata of its GGUF file.
public struct ModelConfiguration: Sendable {
  /// The family the model belongs to.
  public let architecture: Architecture
  /// How its file calls the tensors.
  var names: TensorNames
  /// Where these numbers come from, in words.
  var source = "config.json"
  /// Width of the residual stream.
  public let hiddenSize: Int
  /// Number of decoder blocks.
  public let layerCount: Int
  /// Number of query heads.
  public let headCount: Int
  /// Number of key and value heads; each serves headCount / keyValueHeadCount query heads.
  public let keyValueHeadCount: Int
  /// Width of one head.
  public let headSize: Int
  /// Width of the feed-forward layer.
  public let feedForwardSize: Int
  /// Number of tokens the model knows.
  public let vocabularySize: Int
  /// Added to the mean square before its root is taken.
  public let normEpsilon: Float
  /// The longest sequence that is computed, in tokens: what the model was made for, or its window.
  public let contextLength: Int
  /// True if the output head is the embedding.
  public let tiesHead: Bool
  /// Angle per position of each rotated pair: headSize / 2 numbers, scaling included.
  public internal(set) var rotaryFrequencies: [Float]
  /// Which channels turn together, as the rows of the file have them.
  public internal(set) var rotaryPairs = RotaryPairs.halves

  /// Width of all query heads together.
  var queryWidth: Int { headCount * headSize }
  /// Width of all key (or value) heads together.
  var keyValueWidth: Int { keyValueHeadCount * headSize }

  /// The width (rows, columns) of a block's tensor; vectors have one row.
  func shape(of role: BlockRole) -> (rows: Int, columns: Int) {
    switch role {
    case .inputNorm, .feedForwardNorm, .outputBias, .downBias: (1, hiddenSize)
    case .queryWeight: (queryWidth, hiddenSize)
    case .queryBias: (1, queryWidth)
    case .keyWeight, .valueWeight: (keyValueWidth, hiddenSize)
    case .keyBias, .valueBias: (1, keyValueWidth)
    case .outputWeight: (hiddenSize, queryWidth)
    case .gateWeight, .upWeight: (feedForwardSize, hiddenSize)
    case .gateBias, .upBias: (1, feedForwardSize)
    case .downWeight: (hiddenSize, feedForwardSize)
    }
  }

  /// The width (rows, columns) of any tensor of the model.
  func shape(of slot: ModelSlot) -> (rows: Int, columns: Int) {
    switch slot {
    case .embedding, .head: (vocabularySize, hiddenSize)
    case .finalNorm: (1, hiddenSize)
    case .block(_, let role): shape(of: role)
    }
  }
}

// MARK: - Reading config.json

extension ModelConfiguration {
  /// Reads `config.json` in a model's folder.
  ///
  /// - Throws: `InputError` naming the key that is missing, or that asks for something not built.
  public static func load(folder: String) throws -> ModelConfiguration {
    let path = folder + "/config.json"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(
        .missing, file: path, expected: "the model's configuration", found: "no readable file",
        fix: "put the config.json of the model beside its weights")
    }
    return try ModelConfiguration(json: JSON.parse([UInt8](data), file: path), file: path)
  }

  /// Reads a parsed config.json; `file` is named in errors.
  public init(json: JSON, file: String) throws {
    try self.init(ConfigurationReader(json: json, file: file))
  }

  /// Takes the numbers from a document with the keys of config.json.
  init(_ reader: ConfigurationReader) throws {
    architecture = try reader.architecture()
    names = architecture.safetensors
    try reader.require("hidden_act", oneOf: ["silu", "swish"], default: "silu")
    if let quantisation = reader.value("quantization_config") {
      throw reader.error(
        "quantization_config", expected: "plain floating-point weights",
        found: quantisation["quant_method"]?.string ?? "quantised ones",
        fix: "patch the original checkpoint and quantise it again")
    }
    hiddenSize = try reader.positiveInteger("hidden_size")
    layerCount = try reader.positiveInteger("num_hidden_layers")
    headCount = try reader.positiveInteger("num_attention_heads")
    keyValueHeadCount = try reader.positiveInteger("num_key_value_heads", default: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw reader.error(
        "num_key_value_heads", expected: "a divisor of num_attention_heads (\(headCount))",
        found: "\(keyValueHeadCount)")
    }
    headSize = try reader.positiveInteger("head_dim", default: hiddenSize / headCount)
    guard headSize > 0, headSize % 2 == 0 else {
      throw reader.error("head_dim", expected: "an even number", found: "\(headSize)")
    }
    feedForwardSize = try reader.positiveInteger("intermediate_size")
    vocabularySize = try reader.positiveInteger("vocab_size")
    let context = try reader.positiveInteger("max_position_embeddings", default: 2048)
    // In texts that fit a window, every token attends to all before it.
    let isCut = try reader.boolean("use_sliding_window", default: architecture.hasWindow)
    contextLength =
      isCut ? min(context, try reader.positiveInteger("sliding_window", default: context)) : context
    normEpsilon = Float(try reader.number("rms_norm_eps", default: 1e-6, above: 0))
    tiesHead = try reader.boolean("tie_word_embeddings", default: false)
    rotaryFrequencies = try reader.rotaryFrequencies(headSize: headSize)
  }
}

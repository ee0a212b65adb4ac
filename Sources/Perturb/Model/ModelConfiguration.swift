public import FormatIO
import Foundation
import RealModule

/// The numbers of one model, read from its config.json.
public struct ModelConfiguration: Sendable {
  /// The family the model belongs to.
  public let architecture: Architecture
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
  /// The longest sequence the model was made for, in tokens.
  public let contextLength: Int
  /// True if the output head is the embedding.
  public let tiesHead: Bool
  /// Angle per position of each rotated pair: headSize / 2 numbers, scaling included.
  public let rotaryFrequencies: [Float]

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
    let reader = ConfigurationReader(json: json, file: file)
    architecture = try reader.architecture()
    try reader.require("hidden_act", oneOf: ["silu", "swish"], default: "silu")
    if let quantisation = json["quantization_config"], !quantisation.isNull {
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
    contextLength = try reader.positiveInteger("max_position_embeddings", default: 2048)
    normEpsilon = Float(try reader.number("rms_norm_eps", default: 1e-6, above: 0))
    tiesHead = try reader.boolean("tie_word_embeddings", default: false)
    rotaryFrequencies = try reader.rotaryFrequencies(headSize: headSize)
  }
}

/// Looks up keys of one config.json; every failure names the key.
private struct ConfigurationReader {
  let json: JSON
  let file: String

  func error(_ key: String, expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(file: file, place: "key \"\(key)\"", expected: expected, found: found, fix: fix)
  }

  func architecture() throws -> Architecture {
    let names = Architecture.all.map(\.name).joined(separator: ", ")
    guard let type = value("model_type") else {
      throw error("model_type", expected: "one of: \(names)", found: "no such key")
    }
    guard let architecture = Architecture.all.first(where: { $0.name == type.string }) else {
      throw error("model_type", expected: "one of: \(names)", found: type.encoded())
    }
    return architecture
  }

  /// The value, or nil when it is absent or null.
  private func value(_ key: String, in object: JSON? = nil) -> JSON? {
    let value = (object ?? json)[key]
    return value?.isNull == true ? nil : value
  }

  func require(_ key: String, oneOf allowed: [String], default fallback: String) throws {
    let found = value(key) ?? .string(fallback)
    guard let name = found.string, allowed.contains(name) else {
      throw error(key, expected: allowed.joined(separator: " or "), found: found.encoded())
    }
  }

  func positiveInteger(_ key: String, default fallback: Int? = nil) throws -> Int {
    guard let value = value(key) else {
      if let fallback { return fallback }
      throw error(key, expected: "a whole number", found: "no such key")
    }
    // The upper limit keeps products of two sizes far from overflow.
    guard let number = value.integer, (1...1 << 28).contains(number) else {
      throw error(key, expected: "a whole number above 0", found: value.encoded())
    }
    return number
  }

  func number(
    _ key: String, in object: JSON? = nil, default fallback: Double? = nil,
    above minimum: Double = -.infinity
  ) throws -> Double {
    guard let value = value(key, in: object) else {
      if let fallback { return fallback }
      throw error(key, expected: "a number", found: "no such key")
    }
    guard let number = value.double, number.isFinite, number > minimum else {
      let range = minimum.isFinite ? "a number above \(Int(minimum))" : "a number"
      throw error(key, expected: range, found: value.encoded())
    }
    return number
  }

  func boolean(_ key: String, default fallback: Bool) throws -> Bool {
    guard let value = value(key) else { return fallback }
    guard let boolean = value.boolean else {
      throw error(key, expected: "true or false", found: value.encoded())
    }
    return boolean
  }

  /// Frequencies of the rotary embedding. Files keep them as `rope_theta` and `rope_scaling`, newer
  /// ones as `rope_parameters`.
  func rotaryFrequencies(headSize: Int) throws -> [Float] {
    let scaling = value("rope_parameters") ?? value("rope_scaling")
    let key = value("rope_parameters") == nil ? "rope_scaling" : "rope_parameters"
    if let scaling, scaling.object == nil {
      throw error(key, expected: "an object", found: scaling.encoded())
    }
    let base = try number(
      "rope_theta", in: scaling, default: number("rope_theta", default: 10000, above: 0), above: 0)
    let plain = (0..<headSize / 2).map { pair in
      1 / Float.pow(Float(base), Float(2 * pair) / Float(headSize))
    }
    guard let scaling else { return plain }
    let type = value("rope_type", in: scaling) ?? value("type", in: scaling) ?? "default"
    switch type.string {
    case "default": return plain
    case "linear":
      let factor = Float(try number("factor", in: scaling, above: 0))
      return plain.map { $0 / factor }
    case "llama3": return try llama3(plain, scaling: scaling)
    default:
      throw error(
        "\(key).rope_type", expected: "default, linear or llama3", found: type.encoded())
    }
  }

  /// Llama 3.1's rule: slow rotations are slowed by `factor`, fast ones kept, with a linear blend
  /// between, measured in rotations over the original context.
  private func llama3(_ plain: [Float], scaling: JSON) throws -> [Float] {
    let factor = Float(try number("factor", in: scaling, above: 0))
    let low = Float(try number("low_freq_factor", in: scaling))
    let high = Float(try number("high_freq_factor", in: scaling))
    let context = Float(try number("original_max_position_embeddings", in: scaling))
    guard high > low else {
      throw error(
        "high_freq_factor", expected: "above low_freq_factor (\(low))", found: "\(high)")
    }
    return plain.map { frequency in
      let rotations = context * frequency / (2 * Float.pi)
      if rotations < low { return frequency / factor }
      if rotations > high { return frequency }
      let blend = (rotations - low) / (high - low)
      return (1 - blend) * frequency / factor + blend * frequency
    }
  }
}

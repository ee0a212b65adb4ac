import FormatIO
import Foundation

/// The settings of a PEFT adapter, `adapter_config.json`, as far as they decide what it does to its base.
///
/// PEFT applies Δ = s · B · A with s = alpha / rank, or alpha / √rank if it is rank-stabilised. Patterns give some modules
/// another rank or alpha. Which modules are adapted is told by the tensors themselves.
struct AdapterConfiguration {
  /// The file name of such settings.
  static let fileName = "adapter_config.json"

  /// The path, named in errors.
  let file: String
  /// What the adapter calls its base; only shown.
  let baseName: String?
  /// Whether s = alpha / √rank (Kalajdzievski 2023, rsLoRA).
  let isRankStabilised: Bool
  /// Whether each output has a learned length (Liu et al. 2024, DoRA).
  let hasMagnitudes: Bool
  /// Whether adapted matrices are stored inputs × outputs, as in GPT-2.
  let isTransposed: Bool
  /// Whether embedding and head share what was learned for one of them.
  let tiesWeights: Bool
  private let rank: Int
  private let alpha: Double
  private let rankPattern: [Pattern<Int>]
  private let alphaPattern: [Pattern<Double>]

  /// A value for the modules whose name ends with a match.
  fileprivate struct Pattern<Value> {
    let expression: NSRegularExpression
    let value: Value
  }

  /// Reads the settings in the folder of an adapter.
  ///
  /// - Throws: `InputError` naming the setting that is missing, malformed, or asks for something that
  ///   cannot become part of the weights.
  init(folder: String) throws {
    let path = folder.hasSuffix("/") ? folder + Self.fileName : "\(folder)/\(Self.fileName)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(
        .missing, file: path, expected: "the settings of the adapter", found: "no readable file",
        fix: "name the folder that PEFT saved, with \(Self.fileName) and adapter_model.safetensors")
    }
    try self.init(json: JSON.parse([UInt8](data), file: path), file: path)
  }

  init(json: JSON, file: String) throws {
    let reader = Reader(json: json, file: file)
    try reader.requireLowRank()
    try reader.requireOwnBase()
    for refusal in Self.refusals { try reader.refuse(refusal) }
    self.file = file
    baseName = json["base_model_name_or_path"]?.string
    isRankStabilised = try reader.flag("use_rslora")
    hasMagnitudes = try reader.flag("use_dora")
    isTransposed = try reader.flag("fan_in_fan_out")
    tiesWeights = try reader.flag("ensure_weight_tying")
    rank = try reader.rank(json["r"], "r")
    alpha = try reader.alpha(json["lora_alpha"], "lora_alpha")
    rankPattern = try reader.patterns("rank_pattern", reader.rank)
    alphaPattern = try reader.patterns("alpha_pattern", reader.alpha)
  }

  /// The rank of a module's factors.
  func rank(of module: String) -> Int {
    Self.value(rankPattern, module) ?? rank
  }

  /// What the product of a module's factors is multiplied by.
  func scale(of module: String) -> Double {
    let rank = Double(rank(of: module))
    return (Self.value(alphaPattern, module) ?? alpha)
      / (isRankStabilised ? rank.squareRoot() : rank)
  }

  /// The first pattern that matches the end of the name, after a dot or from its start.
  private static func value<Value>(_ patterns: [Pattern<Value>], _ module: String) -> Value? {
    let whole = NSRange(location: 0, length: module.utf16.count)
    return patterns.first { $0.expression.firstMatch(in: module, range: whole) != nil }?.value
  }
}

// MARK: - What cannot become part of the weights

extension AdapterConfiguration {
  /// A setting that is refused where it is set.
  fileprivate struct Refusal {
    let key: String
    /// What would have to be there, after "expected".
    let expected: String
    var fix = AdapterConfiguration.mergeInPEFT
  }

  /// What to do with an adapter that cannot be read here.
  static let mergeInPEFT =
    "merge the adapter with PEFT (merge_and_unload, save_pretrained) and patch the merged model"

  fileprivate static let refusals: [Refusal] = [
    .init(key: "layer_replication", expected: "each layer once"),
    .init(key: "megatron_config", expected: "an adapter of plain layers, none of Megatron's"),
    .init(key: "trainable_token_indices", expected: "no single rows of the embedding"),
    .init(key: "target_parameters", expected: "adapted modules, no adapted parameters"),
    .init(
      key: "alora_invocation_tokens", expected: "an adapter that is always on",
      fix: "patch the base: what is switched on by a text cannot be part of the weights"),
    .init(key: "use_qalora", expected: "factors of whole inputs, no groups of them"),
    .init(key: "use_bdlora", expected: "whole factors, no blocks of them"),
    .init(
      key: "arrow_config", expected: "one adapter, no choice among several",
      fix: "name one of the adapters"),
    .init(key: "monteclora_config", expected: "plain factors"),
    .init(key: "kasa_config", expected: "plain factors"),
    .init(key: "velora_config", expected: "plain factors"),
  ]

  /// Ways to begin that take something out of the base; the adapter alone is not all of the change then.
  fileprivate static let changedBases = ["pissa", "olora", "corda", "lora_ga", "loftq"]

  /// Kinds that add to the input or decide while running, so that no weights are like them.
  fileprivate static let withoutWeights: Set = [
    "PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "ADAPTION_PROMPT",
    "CPT", "CARTRIDGE", "XLORA", "POLY",
  ]
}

// MARK: - Reading

private struct Reader {
  let json: JSON
  let file: String

  func error(_ key: String, expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(
      file: file, place: "key \"\(key)\"", expected: expected, found: found, fix: fix)
  }

  /// A short text for what was found.
  private func shown(_ value: JSON?) -> String {
    guard let value else { return "no such key" }
    let text = value.string ?? value.encoded()
    return text.utf8.count <= 60 ? text : String(text.prefix(59)) + "…"
  }

  func requireLowRank() throws {
    let kind = json["peft_type"]
    guard kind?.string != "LORA" else { return }
    let hasNone = AdapterConfiguration.withoutWeights.contains(kind?.string ?? "")
    throw error(
      "peft_type", expected: "LORA", found: shown(kind),
      fix: kind?.string == nil
        ? nil
        : hasNone
          ? "patch the base: what this kind learned cannot be part of the weights"
          : AdapterConfiguration.mergeInPEFT)
  }

  func requireOwnBase() throws {
    let key = "init_lora_weights"
    guard let start = json[key]?.string?.lowercased(),
      AdapterConfiguration.changedBases.contains(where: start.hasPrefix)
    else { return }
    throw error(
      key, expected: "a start that leaves the base as it was", found: shown(json[key]),
      fix: start == "loftq"
        ? "merge it with PEFT into the base that LoftQ made, and patch the merged model"
        : "save it with path_initial_model_for_weight_conversion, which makes a plain LoRA of it")
  }

  func refuse(_ refusal: AdapterConfiguration.Refusal) throws {
    switch json[refusal.key] {
    case nil, .null, .boolean(false): return
    case .array(let elements) where elements.isEmpty: return
    case .object(let members) where members.isEmpty: return
    case let value:
      throw error(
        refusal.key, expected: refusal.expected, found: shown(value), fix: refusal.fix)
    }
  }

  func flag(_ key: String) throws -> Bool {
    guard let value = json[key], !value.isNull else { return false }
    guard let flag = value.boolean else {
      throw error(key, expected: "true or false", found: shown(value))
    }
    return flag
  }

  func rank(_ value: JSON?, _ key: String) throws -> Int {
    guard let rank = value?.integer, rank > 0 else {
      throw error(key, expected: "a whole number above 0", found: shown(value))
    }
    return rank
  }

  func alpha(_ value: JSON?, _ key: String) throws -> Double {
    guard let alpha = value?.double, alpha.isFinite else {
      throw error(key, expected: "a number", found: shown(value))
    }
    return alpha
  }

  func patterns<Value>(
    _ key: String, _ read: (JSON?, String) throws -> Value
  ) throws -> [AdapterConfiguration.Pattern<Value>] {
    guard let value = json[key], !value.isNull else { return [] }
    guard let members = value.object else {
      throw error(key, expected: "patterns with their values", found: shown(value))
    }
    return try members.map { member in
      let place = "\(key)\", pattern \"\(member.key)"
      let text = #"\A(?:.*\.)?(?:\#(member.key))\z"#
      guard let expression = try? NSRegularExpression(pattern: text) else {
        throw error(place, expected: "a regular expression", found: "one that cannot be read")
      }
      return AdapterConfiguration.Pattern(
        expression: expression, value: try read(member.value, place))
    }
  }
}

import FormatIO
import RealModule

/// Looks up keys of one config.json; every failure names the key.
struct ConfigurationReader {
  let json: JSON
  /// The file named in errors.
  let file: String
  /// How the file itself calls keys, where it is no config.json.
  var ownKeys: [String: String] = [:]

  func error(_ key: String, expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(
      file: file, place: "key \"\(ownKeys[key] ?? key)\"", expected: expected, found: found,
      fix: fix)
  }

  /// The model of text, where a model of several kinds of input keeps its numbers apart.
  var textModel: ConfigurationReader {
    guard let text = value("text_config"), text.object != nil else { return self }
    return ConfigurationReader(json: text, file: file, ownKeys: ownKeys)
  }

  /// The same document with these numbers where it has none.
  func completed(by defaults: [String: Int]) -> ConfigurationReader {
    // A null is an answer.
    let absent = defaults.filter { json[$0.key] == nil }.sorted { $0.key < $1.key }
    let members = (json.object ?? []) + absent.map { .init($0.key, JSON($0.value)) }
    return ConfigurationReader(json: .object(members), file: file, ownKeys: ownKeys)
  }

  /// The same document with the keys of Llama, of which `names` gives the file's own ones.
  func renamed(_ names: [String: String]) -> ConfigurationReader {
    var members = json.object ?? []
    for (key, own) in names {
      guard let value = json[own] else { continue }
      members.removeAll { $0.key == key }
      members.append(.init(key, value))
    }
    return ConfigurationReader(
      json: .object(members), file: file, ownKeys: ownKeys.merging(names) { key, _ in key })
  }

  func architecture() throws -> Architecture {
    let names = Architecture.all.map(\.name).joined(separator: ", ")
    let text = textModel
    guard let type = text.value("model_type") ?? value("model_type") else {
      throw error("model_type", expected: "one of: \(names)", found: "no such key")
    }
    guard let architecture = Architecture.all.first(where: { $0.name == type.string }) else {
      throw error(
        "model_type", expected: "one of: \(names)", found: type.encoded(),
        fix: "patch a model of one of these families")
    }
    return architecture
  }

  /// The value, or nil when it is absent or null.
  func value(_ key: String, in object: JSON? = nil) -> JSON? {
    let value = (object ?? json)[key]
    return value?.isNull == true ? nil : value
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

  func optionalNumber(_ key: String) throws -> Double? {
    value(key) == nil ? nil : try number(key, above: 0)
  }

  /// What is done to the gate; Gemma has a newer key beside the usual one.
  func activation(default fallback: Activation) throws -> Activation {
    let key = value("hidden_activation") == nil ? "hidden_act" : "hidden_activation"
    guard let value = value(key) else { return fallback }
    guard let activation = value.string.flatMap({ Activation.named[$0] }) else {
      throw error(
        key, expected: Activation.named.keys.sorted().joined(separator: ", "),
        found: value.encoded())
    }
    return activation
  }

  /// Keys that change what is computed in a way that is not built, and their harmless values.
  private static let notBuilt: [(key: String, harmless: JSON)] = [
    ("use_bidirectional_attention", .boolean(false)), ("add_cross_attention", .boolean(false)),
    ("scale_attn_weights", .boolean(true)), ("scale_attn_by_inverse_layer_idx", .boolean(false)),
  ]

  func refuseWhatIsNotBuilt() throws {
    for (key, harmless) in Self.notBuilt {
      guard let value = value(key), value.boolean != harmless.boolean else { continue }
      throw error(key, expected: harmless.encoded(), found: value.encoded())
    }
  }

  /// The sizes of a mixture of experts.
  func mixture(of architecture: Architecture) throws -> ModelConfiguration.Mixture {
    let count = try positiveInteger("num_experts")
    let chosen = try positiveInteger("num_experts_per_tok")
    guard chosen <= count else {
      throw error(
        "num_experts_per_tok", expected: "at most num_experts (\(count))", found: "\(chosen)")
    }
    return ModelConfiguration.Mixture(
      expertCount: count, chosenCount: chosen,
      feedForwardSize: try positiveInteger("moe_intermediate_size"),
      sharedSize: architecture.roles.contains(.sharedUpWeight)
        ? try positiveInteger("shared_expert_intermediate_size") : nil,
      normalizesWeights: try boolean("norm_topk_prob", default: architecture.normalizesRouting))
  }

  // MARK: Layers

  /// How tokens see each other in each block, and where experts stand.
  func layers(_ count: Int, of architecture: Architecture) throws -> [ModelConfiguration.Layer] {
    let windows = try windows(count, of: architecture)
    let rotated = try rotated(count, of: architecture)
    let step = try positiveInteger("decoder_sparse_step", default: 1)
    let dense = Set((value("mlp_only_layers")?.array ?? []).compactMap(\.integer))
    return (0..<count).map { layer in
      let hasOwnAngles = architecture.windowedRotaryBase != nil && windows[layer] != nil
      return ModelConfiguration.Layer(
        window: windows[layer], rotation: rotated[layer] ? (hasOwnAngles ? 1 : 0) : nil,
        isMixture: architecture.roles.contains(.routerWeight) && !dense.contains(layer)
          && (layer + 1) % step == 0)
    }
  }

  private func windows(_ count: Int, of architecture: Architecture) throws -> [Int?] {
    let everywhere = [Int?](repeating: nil, count: count)
    let isAsked: Bool =
      switch architecture.windows {
      case .none: false
      case .everyLayer, .allButEvery: try boolean("use_sliding_window", default: true)
      case .upperIfAsked, .listedIfAsked: try boolean("use_sliding_window", default: false)
      }
    guard isAsked, value("sliding_window").map({ $0.integer != 0 }) == true else {
      return everywhere
    }
    let window = try positiveInteger("sliding_window")
    if let types = value("layer_types")?.array {
      guard types.count == count else {
        throw error("layer_types", expected: "\(count) names", found: "\(types.count)")
      }
      return try types.map { type in
        switch type.string {
        case "sliding_attention": window
        case "full_attention": nil
        default:
          throw error(
            "layer_types", expected: "full_attention or sliding_attention", found: type.encoded())
        }
      }
    }
    switch architecture.windows {
    case .none: return everywhere
    case .everyLayer: return everywhere.map { _ in window }
    case .allButEvery(let usual):
      let period = try positiveInteger("sliding_window_pattern", default: usual)
      return (1...count).map { $0 % period == 0 ? nil : window }
    case .upperIfAsked:
      let first = try positiveInteger("max_window_layers", default: 28)
      return (0..<count).map { $0 >= first ? window : nil }
    case .listedIfAsked:
      throw error(
        "layer_types", expected: "which layers have the window that use_sliding_window asks for",
        found: "no such key")
    }
  }

  /// Which layers turn queries and keys.
  private func rotated(_ count: Int, of architecture: Architecture) throws -> [Bool] {
    guard architecture.isRotary, let usual = architecture.unrotatedEvery else {
      return [Bool](repeating: architecture.isRotary, count: count)
    }
    guard let list = value("no_rope_layers") else {
      let period = try positiveInteger("no_rope_layer_interval", default: usual)
      return (1...count).map { $0 % period != 0 }
    }
    let flags = (list.array ?? []).compactMap(\.integer)
    guard flags.count == count, flags.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw error(
        "no_rope_layers", expected: "\(count) times 0 or 1", found: list.encoded())
    }
    return flags.map { $0 == 1 }
  }
}

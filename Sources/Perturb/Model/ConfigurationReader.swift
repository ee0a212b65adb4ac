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
  func value(_ key: String, in object: JSON? = nil) -> JSON? {
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

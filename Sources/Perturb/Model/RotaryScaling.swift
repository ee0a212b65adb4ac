import FormatIO
import RealModule

/// The angles of the rotary embedding, as config.json has them.
///
/// Files keep them as `rope_theta` and `rope_scaling`, newer ones as `rope_parameters`, which Gemma 3
/// divides by kind of layer.
extension ConfigurationReader {
  /// The angles of all layers, then those of layers with a window if they have their own; and the longest
  /// text that they are exact for.
  func rotations(of architecture: Architecture, _ headSize: Int, context: Int) throws -> (
    [ModelConfiguration.Rotation], limit: Int
  ) {
    guard architecture.isRotary else { return ([], Int.max) }
    let key = value("rope_parameters") == nil ? "rope_scaling" : "rope_parameters"
    let all = value(key)
    if let all, all.object == nil { throw error(key, expected: "an object", found: all.encoded()) }
    let parts = all?["full_attention"] == nil ? nil : all
    let scaling = RotaryScaling(
      reader: self, key: key, json: parts?["full_attention"] ?? all, headSize: headSize,
      context: context)
    var rotations = [try scaling.rotation(base: number("rope_theta", default: 10000, above: 0))]
    if let usual = architecture.windowedRotaryBase {
      let base = try number("rope_local_base_freq", default: usual, above: 0)
      let windowed = RotaryScaling(
        reader: self, key: key, json: parts?["sliding_attention"], headSize: headSize,
        context: context)
      rotations.append(try windowed.rotation(base: base))
    }
    return (rotations, try scaling.limit)
  }
}

/// One rule for the angles, with its numbers.
struct RotaryScaling {
  let reader: ConfigurationReader
  /// The key that the numbers stand under, for errors.
  let key: String
  /// The numbers; nil for none.
  let json: JSON?
  let headSize: Int
  /// The longest text that the model is said to read.
  let context: Int

  /// The rules by their names. Dynamic scaling begins where texts are longer than the model was made for, and
  /// those are not computed.
  private static let rules:
    [String: @Sendable (RotaryScaling, Double) throws -> ModelConfiguration.Rotation] = [
      "default": { try $0.plain(base: $1) }, "dynamic": { try $0.plain(base: $1) },
      "linear": { try $0.linear(base: $1) }, "llama3": { try $0.llama3(base: $1) },
      "longrope": { try $0.longRope(base: $1) }, "su": { try $0.longRope(base: $1) },
      "yarn": { try $0.yarn(base: $1) },
    ]

  private var type: JSON {
    json.flatMap { reader.value("rope_type", in: $0) ?? reader.value("type", in: $0) } ?? "default"
  }

  /// The longest text that the angles are exact for: longer ones use other factors.
  var limit: Int {
    get throws {
      guard ["longrope", "su"].contains(type.string) else { return Int.max }
      return Int(try originalContext)
    }
  }

  /// The angles; a base among the numbers goes before the given one.
  func rotation(base: Double) throws -> ModelConfiguration.Rotation {
    let base =
      try json.map { try reader.number("rope_theta", in: $0, default: base, above: 0) } ?? base
    guard let rule = type.string.flatMap({ Self.rules[$0] }) else {
      throw reader.error(
        "\(key).rope_type", expected: Self.rules.keys.sorted().joined(separator: ", "),
        found: type.encoded())
    }
    return try rule(self, base)
  }

  private func number(_ key: String, above minimum: Double = -.infinity) throws -> Double {
    try reader.number(key, in: json, above: minimum)
  }

  /// How many channels of a head turn.
  private var width: Int {
    get throws {
      let share = try reader.number(
        "partial_rotary_factor", in: json,
        default: reader.number("partial_rotary_factor", default: 1, above: 0), above: 0)
      let width = Int(share * Double(headSize))
      guard share <= 1, width >= 2, width % 2 == 0 else {
        throw reader.error(
          "partial_rotary_factor", expected: "an even part of \(headSize) channels",
          found: "\(share)")
      }
      return width
    }
  }

  private func frequencies(base: Double) throws -> [Float] {
    let width = try width
    return (0..<width / 2).map { 1 / Float.pow(Float(base), Float(2 * $0) / Float(width)) }
  }

  private func plain(base: Double) throws -> ModelConfiguration.Rotation {
    ModelConfiguration.Rotation(frequencies: try frequencies(base: base))
  }

  private func linear(base: Double) throws -> ModelConfiguration.Rotation {
    let factor = Float(try number("factor", above: 0))
    return ModelConfiguration.Rotation(frequencies: try frequencies(base: base).map { $0 / factor })
  }

  /// Llama 3.1's rule: slow rotations are slowed by `factor`, fast ones kept, with a linear blend
  /// between, measured in rotations over the original context.
  private func llama3(base: Double) throws -> ModelConfiguration.Rotation {
    let factor = Float(try number("factor", above: 0))
    let low = Float(try number("low_freq_factor"))
    let high = Float(try number("high_freq_factor"))
    let context = Float(try number("original_max_position_embeddings"))
    guard high > low else {
      throw reader.error(
        "high_freq_factor", expected: "above low_freq_factor (\(low))", found: "\(high)")
    }
    let scaled = try frequencies(base: base).map { frequency in
      let rotations = context * frequency / (2 * Float.pi)
      if rotations < low { return frequency / factor }
      if rotations > high { return frequency }
      let blend = (rotations - low) / (high - low)
      return (1 - blend) * frequency / factor + blend * frequency
    }
    return ModelConfiguration.Rotation(frequencies: scaled)
  }

  private var originalContext: Double {
    get throws {
      let name = "original_max_position_embeddings"
      return try reader.number(
        name, in: json, default: reader.number(name, default: Double(context), above: 0), above: 0)
    }
  }

  /// How many times longer than the original texts those may be that the model reads.
  private var factor: Double {
    get throws {
      guard let json, reader.value("factor", in: json) != nil else {
        return Double(context) / (try originalContext)
      }
      return try number("factor", above: 0)
    }
  }

  private func attentionFactor(default fallback: Double) throws -> Float {
    Float(try reader.number("attention_factor", in: json, default: fallback, above: 0))
  }

  /// LongRoPE (Ding et al. 2024), in texts no longer than the original ones: a factor for each pair.
  private func longRope(base: Double) throws -> ModelConfiguration.Rotation {
    let plain = try frequencies(base: base)
    let factors = (json?["short_factor"]?.array ?? []).compactMap(\.double)
    guard factors.count == plain.count, factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw reader.error(
        "\(key).short_factor", expected: "\(plain.count) numbers above 0",
        found: "\(factors.count)")
    }
    let (factor, original) = (try factor, try originalContext)
    let usual =
      factor <= 1 ? 1 : (1 + Double.log(factor) / Double.log(original)).squareRoot()
    return ModelConfiguration.Rotation(
      frequencies: zip(plain, factors).map { $0 / Float($1) },
      scale: try attentionFactor(default: usual))
  }

  /// YaRN (Peng et al. 2023): fast rotations are kept, slow ones slowed by `factor`, with a ramp between.
  private func yarn(base: Double) throws -> ModelConfiguration.Rotation {
    let plain = try frequencies(base: base)
    let (factor, original) = (try factor, try originalContext)
    let width = Double(try width)
    let (fast, slow) = (
      try reader.number("beta_fast", in: json, default: 32, above: 0),
      try reader.number("beta_slow", in: json, default: 1, above: 0)
    )
    // The pair that turns so many times over the original context.
    func pair(turning rotations: Double) -> Double {
      width * Double.log(original / (rotations * 2 * .pi)) / (2 * Double.log(base))
    }
    let truncates = json?["truncate"]?.boolean ?? true
    let low = max(0, truncates ? pair(turning: fast).rounded(.down) : pair(turning: fast))
    var high = min(
      width - 1, truncates ? pair(turning: slow).rounded(.up) : pair(turning: slow))
    if low == high { high += 0.001 }
    let scaled = plain.enumerated().map { index, frequency in
      let ramp = Float(min(max((Double(index) - low) / (high - low), 0), 1))
      return frequency / Float(factor) * ramp + frequency * (1 - ramp)
    }
    func size(_ weight: Double) -> Double {
      factor <= 1 ? 1 : 0.1 * weight * Double.log(factor) + 1
    }
    let weight = try reader.number("mscale", in: json, default: 0)
    let weightOfAll = try reader.number("mscale_all_dim", in: json, default: 0)
    let usual =
      weight != 0 && weightOfAll != 0 ? size(weight) / size(weightOfAll) : size(1)
    return ModelConfiguration.Rotation(
      frequencies: scaled, scale: try attentionFactor(default: usual))
  }
}

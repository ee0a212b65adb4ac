import FormatIO

extension ModelConfiguration {
  /// The keys of GGUF, behind the name of the architecture, by those of config.json.
  private static let ggufKeys = [
    "hidden_size": "embedding_length",
    "num_hidden_layers": "block_count",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length",
    "intermediate_size": "feed_forward_length",
    "max_position_embeddings": "context_length",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon",
    "rope_theta": "rope.freq_base",
    "rope_scaling.rope_type": "rope.scaling.type",
    "factor": "rope.scaling.factor",
  ]

  /// Reads the metadata of a GGUF file (ggml, docs/gguf.md).
  ///
  /// - Throws: `InputError` naming the key that is missing, or that asks for something not built.
  init(_ metadata: GGUFMetadata, of checkpoint: Checkpoint) throws {
    let family = try ModelConfiguration.family(of: metadata)
    let prefix = family.gguf.name
    func value(_ key: String) -> JSON? { metadata["\(prefix).\(key)"]?.json }

    // The document that config.json would be.
    var members = [JSON.Member("model_type", .string(family.name))]
    for (key, own) in Self.ggufKeys {
      if let value = value(own) { members.append(.init(key, value)) }
    }
    let embedding = checkpoint.tensor(TensorName(family.gguf.names.embedding))
    if let rows = embedding?.shape.first { members.append(.init("vocab_size", JSON(rows))) }
    let isTied = checkpoint.tensor(TensorName(family.gguf.names.head)) == nil
    members.append(.init("tie_word_embeddings", .boolean(isTied)))
    if let type = value("rope.scaling.type"), type.string != "none" {
      members.append(
        .init(
          "rope_scaling",
          .object([
            .init("rope_type", type), .init("factor", value("rope.scaling.factor") ?? .null),
          ])))
    }
    let reader = ConfigurationReader(
      json: .object(members), file: metadata.path,
      ownKeys: Self.ggufKeys.mapValues { "\(prefix).\($0)" }.merging(
        ["vocab_size": family.gguf.names.embedding]) { key, _ in key })
    try self.init(reader)
    (names, source) = (family.gguf.names, "the metadata")
    rotaryPairs = family.gguf.rotaryPairs

    func refuse(_ key: String, _ expected: String) -> InputError {
      metadata.error(
        "\(prefix).\(key)", expected: expected, found: value(key)?.encoded() ?? "no such key")
    }
    for key in ["rope.dimension_count", "attention.value_length"] {
      if let size = value(key), size.integer != headSize {
        throw refuse(key, "\(headSize), the width of a head")
      }
    }
    if let experts = value("expert_count"), experts.integer != 0 {
      throw refuse("expert_count", "a model without experts")
    }
    try divideFrequencies(of: checkpoint)
  }

  private static func family(of metadata: GGUFMetadata) throws -> Architecture {
    if let type = metadata.text("general.type"), type != "model" {
      throw metadata.error(
        "general.type", expected: "\"model\"", found: "\"\(type)\"",
        fix: "name the file of the whole model")
    }
    let names = Set(Architecture.all.map(\.gguf.name)).sorted().joined(separator: ", ")
    let found = metadata.text("general.architecture")
    guard let family = Architecture.all.first(where: { $0.gguf.name == found }) else {
      throw metadata.error(
        "general.architecture", expected: "one of: \(names)",
        found: found.map { "\"\($0)\"" } ?? "no such key")
    }
    return family
  }

  /// Llama 3's scaling of the rotary frequencies is stored as a tensor of divisors.
  private mutating func divideFrequencies(of checkpoint: Checkpoint) throws {
    guard let tensor = checkpoint.tensor("rope_freqs.weight") else { return }
    let divisors = try checkpoint.readFloats(tensor)
    guard divisors.count == rotaryFrequencies.count, divisors.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw InputError(
        file: checkpoint.path, place: "tensor \"rope_freqs.weight\"",
        expected: "\(rotaryFrequencies.count) numbers above 0",
        found: divisors.count == rotaryFrequencies.count ? "others" : "\(divisors.count)")
    }
    rotaryFrequencies = zip(rotaryFrequencies, divisors).map { $0 / $1 }
  }
}

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
    "rope_local_base_freq": "rope.freq_base_swa",
    "rope_scaling.rope_type": "rope.scaling.type",
    "factor": "rope.scaling.factor",
    "sliding_window": "attention.sliding_window",
    "attn_logit_softcapping": "attn_logit_softcapping",
    "final_logit_softcapping": "final_logit_softcapping",
    "attention_multiplier": "attention.scale",
    "embedding_multiplier": "embedding_scale",
    "residual_multiplier": "residual_scale",
    "logits_scaling": "logit_scale",
    "num_experts": "expert_count",
    "num_experts_per_tok": "expert_used_count",
    "moe_intermediate_size": "expert_feed_forward_length",
    "shared_expert_intermediate_size": "expert_shared_feed_forward_length",
  ]

  /// Reads the metadata of a GGUF file (ggml, docs/gguf.md).
  ///
  /// - Throws: `InputError` naming the key that is missing, or that asks for something not built.
  init(_ metadata: GGUFMetadata, of checkpoint: Checkpoint) throws {
    let family = try ModelConfiguration.family(of: metadata)
    let form = family.gguf
    func value(_ key: String) -> JSON? { metadata["\(form.name).\(key)"]?.json }
    var keys = Self.ggufKeys
    if family.normalization == .layer { keys["rms_norm_eps"] = "attention.layer_norm_epsilon" }

    // The document that config.json would be.
    var members: [JSON.Member] = []
    for (key, own) in keys {
      if let value = value(own) { members.append(.init(key, value)) }
    }
    let embedding = checkpoint.tensor(TensorName(form.names.embedding))
    if let rows = embedding?.shape.first { members.append(.init("vocab_size", JSON(rows))) }
    let isTied = checkpoint.tensor(TensorName(form.names.head)) == nil
    members.append(.init("tie_word_embeddings", .boolean(isTied)))
    members.append(.init("norm_topk_prob", .boolean(form.normalizesRouting)))
    if let layers = form.layersOfWideQueries, value("block_count")?.integer == layers,
      let width = value("embedding_length")?.integer, let heads = value("attention.head_count"),
      let count = heads.integer, count > 0
    {
      members.append(.init("query_pre_attn_scalar", JSON(width / count)))
    }
    if let turned = value("rope.dimension_count"),
      let size = value("attention.key_length")?.integer ?? Self.headSize(value), size > 0,
      turned.integer != size
    {
      guard let channels = turned.integer, (2..<size).contains(channels), channels % 2 == 0 else {
        throw metadata.error(
          "\(form.name).rope.dimension_count", expected: "an even number up to \(size)",
          found: turned.encoded())
      }
      // Half a channel more, since the product with the size is rounded down.
      let share = (Double(channels) + 0.5) / Double(size)
      members.append(.init("partial_rotary_factor", JSON(share)))
    }
    if family.roles.contains(.routerWeight), let layers = value("block_count")?.integer {
      // Dense layers are those without a router.
      let dense = (0..<min(max(layers, 0), checkpoint.tensors.count)).filter {
        checkpoint.tensor(TensorName("blk.\($0).ffn_gate_inp.weight")) == nil
      }
      members.append(.init("mlp_only_layers", .array(dense.map { JSON($0) })))
    }
    let pattern = "attention.sliding_window_pattern"
    if case .array(let flags) = metadata["\(form.name).\(pattern)"] {
      let windows = try metadata.file.values(flags).map { value -> JSON in
        value.bool == true ? "sliding_attention" : "full_attention"
      }
      members.append(.init("layer_types", .array(windows)))
    } else if let period = value(pattern) {
      members.append(.init("sliding_window_pattern", period))
    }
    if let scaling = try Self.scaling(value, checkpoint) {
      members.append(.init("rope_scaling", scaling))
    }
    let reader = ConfigurationReader(
      json: .object(members), file: metadata.path,
      ownKeys: keys.mapValues { "\(form.name).\($0)" }.merging(
        ["vocab_size": form.names.embedding]) { key, _ in key })
    try self.init(reader, of: family)
    (names, source, normOffset) = ([form.names], "the metadata", 0)
    rotaryPairs = form.rotaryPairs
    if let size = value("attention.value_length"), size.integer != headSize {
      throw metadata.error(
        "\(form.name).attention.value_length", expected: "\(headSize), the width of a head",
        found: size.encoded())
    }
    try divideFrequencies(of: checkpoint)
  }

  private static func headSize(_ value: (String) -> JSON?) -> Int? {
    guard let width = value("embedding_length")?.integer,
      let heads = value("attention.head_count")?.integer, heads > 0
    else { return nil }
    return width / heads
  }

  /// The object `rope_scaling` of config.json; LongRoPE keeps its factors in tensors.
  private static func scaling(_ value: (String) -> JSON?, _ checkpoint: Checkpoint) throws -> JSON?
  {
    var members: [JSON.Member] = []
    if let tensor = checkpoint.tensor("rope_factors_short.weight") {
      let factors = try checkpoint.readFloats(tensor).map { JSON(Double($0)) }
      members = [.init("rope_type", "longrope"), .init("short_factor", .array(factors))]
    } else if let type = value("rope.scaling.type"), type.string != "none" {
      members = [.init("rope_type", type)]
    }
    guard !members.isEmpty else { return nil }
    let numbers = [
      ("factor", "factor"), ("original_max_position_embeddings", "original_context_length"),
      ("attention_factor", "attn_factor"),
    ]
    for (key, own) in numbers {
      if let number = value("rope.scaling.\(own)") { members.append(.init(key, number)) }
    }
    return .object(members)
  }

  private static func family(of metadata: GGUFMetadata) throws -> Architecture {
    if let type = metadata.text("general.type"), type != "model" {
      throw metadata.error(
        "general.type", expected: "\"model\"", found: "\"\(type)\"",
        fix: "name the file of the whole model")
    }
    let names = Set(Architecture.all.map(\.gguf.name)).sorted().joined(separator: ", ")
    let found = metadata.text("general.architecture")
    // Some families share a name; those with experts say so.
    let hasExperts = (metadata["\(found ?? "").expert_count"]?.json.integer ?? 0) > 0
    let named = Architecture.all.filter { $0.gguf.name == found }
    guard
      let family = named.first(where: { $0.roles.contains(.routerWeight) == hasExperts })
        ?? named.first
    else {
      throw metadata.error(
        "general.architecture", expected: "one of: \(names)",
        found: found.map { "\"\($0)\"" } ?? "no such key")
    }
    return family
  }

  /// Llama 3's scaling of the rotary frequencies is stored as a tensor of divisors.
  private mutating func divideFrequencies(of checkpoint: Checkpoint) throws {
    guard let tensor = checkpoint.tensor("rope_freqs.weight"), !rotations.isEmpty else { return }
    let divisors = try checkpoint.readFloats(tensor)
    guard divisors.count == rotaryFrequencies.count, divisors.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw InputError(
        file: checkpoint.path, place: "tensor \"rope_freqs.weight\"",
        expected: "\(rotaryFrequencies.count) numbers above 0",
        found: divisors.count == rotaryFrequencies.count ? "others" : "\(divisors.count)")
    }
    rotations[0].frequencies = zip(rotaryFrequencies, divisors).map { $0 / $1 }
  }
}

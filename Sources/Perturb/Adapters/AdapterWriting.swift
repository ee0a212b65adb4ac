import FormatIO

extension CombinedAdapter {
  /// The files of a PEFT folder.
  static let fileNames = [AdapterConfiguration.fileName, Adapter.weightsFileName]

  /// Writes the adapter beside its name: a folder of PEFT, or a GGUF file if the base is one.
  ///
  /// - Parameters:
  ///   - destination: the folder or file.
  ///   - map: the model with the base.
  ///   - adapter: the adapter that the fine-tune was; nil if there was none.
  ///   - provenance: texts for the metadata.
  ///   - source: the digest of the base.
  func stage(
    at destination: String, map: TensorMap, adapter: Adapter?,
    provenance: [SafetensorsHeader.Metadata], source: ContentDigest
  ) throws -> StagedCheckpoint {
    switch map.checkpoint.shards[0].header {
    case .safetensors:
      let file = NewTensorFile(peftTensors(map), source: source)
      let settings = peftSettings(map, adapter).encoded(indented: true) + "\n"
      return try file.stage(
        folder: destination, fileName: Adapter.weightsFileName,
        metadata: [(key: "format", value: "pt")] + provenance.filter { $0.key != "format" },
        others: [(name: AdapterConfiguration.fileName, text: settings)])
    case .gguf(let header):
      let file = NewTensorFile(ggufTensors(), source: source)
      return try file.stage(
        gguf: destination, metadata: ggufMetadata(header, adapter, provenance))
    }
  }

  /// The rank that most matrices have.
  private var commonRank: Int { Self.mostCommon(matrices.map(\.rank)) ?? 1 }

  /// The alpha that most matrices have.
  private var commonAlpha: Double { Self.mostCommon(matrices.map(\.alpha)) ?? 1 }

  /// The most frequent of these numbers, the smallest one of several.
  private static func mostCommon<Number: Comparable & Hashable>(_ numbers: [Number]) -> Number? {
    let counts = Dictionary(grouping: numbers) { $0 }.mapValues(\.count)
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}

extension CombinedAdapter.Factors {
  /// What over the rank is the scale.
  fileprivate var alpha: Double { Double(scale) * Double(rank) }
}

// MARK: - PEFT

extension CombinedAdapter {
  /// The module's name as a model with a head has it.
  private func module(_ info: TensorInfo, _ map: TensorMap) -> String {
    let names = map.configuration.names[0]
    let name = info.name.text
    let prefixes = names.prefixes.filter { !$0.isEmpty }
    let isShort = !prefixes.contains(where: name.hasPrefix) && name != names.head
    let full = (isShort ? prefixes.first ?? "" : "") + name
    return full.hasSuffix(".weight") ? String(full.dropLast(7)) : full
  }

  private func peftTensors(_ map: TensorMap) -> [NewTensorFile.Tensor] {
    let factors = matrices.flatMap { matrix in
      let stem = "base_model.model.\(module(matrix.info, map))"
      let (a, b) =
        matrix.isEmbedding
        ? ("lora_embedding_A", "lora_embedding_B") : ("lora_A.weight", "lora_B.weight")
      return [
        NewTensorFile.Tensor(
          "\(stem).\(a)", shape: [matrix.rank, matrix.inputs], values: matrix.a),
        NewTensorFile.Tensor(
          "\(stem).\(b)", shape: [matrix.outputs, matrix.rank], values: matrix.b),
      ]
    }
    return factors
      + wholes.map { whole in
        .init(
          "base_model.model.\(module(whole.info, map)).weight", shape: whole.info.shape,
          values: whole.values)
      }
  }

  /// Settings that make the scale of each module what it is: alpha over rank.
  private func peftSettings(_ map: TensorMap, _ adapter: Adapter?) -> JSON {
    let modules = matrices.map { module($0.info, map) }
    let (rank, alpha) = (commonRank, commonAlpha)
    let ranks = zip(modules, matrices).filter { $0.1.rank != rank }
      .map { JSON.Member($0.0, JSON($0.1.rank)) }
    let alphas = zip(modules, matrices).filter { $0.1.alpha != alpha }
      .map { JSON.Member($0.0, Self.number($0.1.alpha)) }
    let saved = wholes.map { JSON.string(Self.lastPart(module($0.info, map))) }
    return .object([
      .init("peft_type", "LORA"), .init("task_type", "CAUSAL_LM"),
      .init("base_model_name_or_path", .string(adapter?.baseName ?? Self.lastPart(map, "/"))),
      .init("r", JSON(rank)), .init("lora_alpha", Self.number(alpha)),
      .init("lora_dropout", JSON(0.0)),
      .init("rank_pattern", .object(ranks)), .init("alpha_pattern", .object(alphas)),
      .init("target_modules", .array(targets(modules, map).map { .string($0) })),
      .init("modules_to_save", saved.isEmpty ? .null : .array(saved)),
      .init("bias", "none"), .init("use_rslora", false), .init("use_dora", false),
      .init("fan_in_fan_out", .boolean(matrices.contains(where: \.isTransposed))),
      .init("ensure_weight_tying", .boolean(adapter?.tiesWeights ?? false)),
      .init("init_lora_weights", true), .init("inference_mode", true),
    ])
  }

  /// A whole number without a point.
  private static func number(_ value: Double) -> JSON {
    Int(exactly: value).map { JSON($0) } ?? JSON(value)
  }

  /// Modules by the last part of their names where all that share it are adapted, by their whole names
  /// elsewhere.
  private func targets(_ modules: [String], _ map: TensorMap) -> [String] {
    let present = Dictionary(
      grouping: map.checkpoint.tensors.filter { $0.name.text.hasSuffix(".weight") }
    ) { Self.lastPart(module($0, map)) }.mapValues(\.count)
    let adapted = Dictionary(grouping: modules) { Self.lastPart($0) }
    return adapted.sorted { $0.key < $1.key }.flatMap { last, modules in
      present[last] == modules.count ? [last] : modules
    }
  }

  private static func lastPart(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  private static func lastPart(_ map: TensorMap, _ separator: Character) -> String {
    map.checkpoint.path.split(separator: separator).last.map(String.init) ?? ""
  }
}

// MARK: - GGUF

extension CombinedAdapter {
  /// Factors under the names that llama.cpp reads. It multiplies by alpha / rank, of one alpha for all, so B has the
  /// rest of it.
  private func ggufTensors() -> [NewTensorFile.Tensor] {
    let alpha = commonAlpha
    return matrices.flatMap { matrix in
      var b = matrix.b
      b.scale(by: Float(matrix.alpha / alpha))
      let a =
        matrix.isEmbedding ? LowRankProduct.transposed(matrix.a, rows: matrix.rank) : matrix.a
      let shape =
        matrix.isEmbedding ? [matrix.inputs, matrix.rank] : [matrix.rank, matrix.inputs]
      return [
        NewTensorFile.Tensor("\(matrix.info.name).lora_a", shape: shape, values: a),
        NewTensorFile.Tensor(
          "\(matrix.info.name).lora_b", shape: [matrix.outputs, matrix.rank], values: b),
      ]
    }
  }

  private func ggufMetadata(
    _ header: GGUFHeader, _ adapter: Adapter?, _ provenance: [SafetensorsHeader.Metadata]
  ) -> [(key: String, value: GGUFValue)] {
    func text(_ value: String) -> GGUFValue { .text(Array(value.utf8)) }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", text(header["general.architecture"]?.string ?? "")),
      ("general.type", text("adapter")), ("adapter.type", text("lora")),
      ("adapter.lora.alpha", .float(commonAlpha)),
    ]
    if let name = adapter?.baseName ?? header["general.name"]?.string {
      metadata.append(("general.base_model.count", .unsigned(1)))
      metadata.append(("general.base_model.0.name", text(name)))
    }
    return metadata
      + provenance.filter { $0.key.hasPrefix("panacea.") }.map { ($0.key, text($0.value)) }
  }
}

extension RepairRun {
  /// Checks that an adapter of this model can be written there.
  ///
  /// - Parameters:
  ///   - destination: a folder, or a .gguf file if the model is one.
  ///   - inputs: paths that must not be replaced.
  ///   - replaceable: names of further files of an existing folder that may be lost.
  /// - Throws: `InputError` of kind `cannotCreate`.
  public static func checkAdapterDestination(
    _ destination: String, model: LoadedModel, inputs: [String], overwrite: Bool,
    replaceable: [String] = []
  ) throws {
    let isGGUF = model.map.checkpoint.shards[0].header.format == "gguf"
    try NewTensorFile.checkDestination(
      destination, files: isGGUF ? nil : CombinedAdapter.fileNames + replaceable, inputs: inputs,
      overwrite: overwrite)
  }
}

import FormatIO
import Glibc

extension Adapter {
  /// The file with the tensors of a PEFT adapter.
  static let weightsFileName = "adapter_model.safetensors"

  /// Opens a folder that PEFT saved.
  init(folder: String, base: Checkpoint) throws {
    let configuration = try AdapterConfiguration(folder: folder)
    let files = try Checkpoint.open(Self.weights(in: folder))
    let tensors = try AdapterTensors(files)
    let fitting = PEFTFitting(base: base, files: files, configuration: configuration)
    var changes: [TensorName: TensorChange] = [:]
    // With ensure_weight_tying PEFT saves what embedding and head share twice; this base has it once.
    let sharesHead = configuration.tiesWeights && base.tensor("lm_head.weight") == nil
    func isShared(_ name: String) -> Bool { sharesHead && name.hasPrefix("lm_head") }
    for (name, tensor) in tensors.replacements where !isShared(name) {
      let target = try fitting.target(name, for: tensor)
      // All numbers are looked at here, and read again where they are needed.
      _ = try Self.values(
        of: tensor, in: files, shape: target.shape, because: "the base has it")
      changes[target.name, default: TensorChange()].replacement = tensor
    }
    for module in tensors.modules where !isShared(module.name) {
      try fitting.add(module, to: &changes)
    }
    try self.init(
      path: folder,
      kind: configuration.hasMagnitudes
        ? .magnitudes : configuration.isRankStabilised ? .rankStabilised : .lowRank,
      baseName: configuration.baseName, isGGUF: false, files: files, changes: changes,
      tiesWeights: configuration.tiesWeights)
  }

  /// The path of the tensors; pickled ones are not read.
  private static func weights(in folder: String) throws -> String {
    let stem = folder.hasSuffix("/") ? folder : folder + "/"
    let path = stem + weightsFileName
    if access(path, F_OK) != 0, access(stem + "adapter_model.bin", F_OK) == 0 {
      throw InputError(
        .missing, file: stem + "adapter_model.bin", expected: weightsFileName,
        found: "a pickle, which can run any program when it is read",
        fix: "load it with PEFT and save it again with safe_serialization=True")
    }
    return path
  }
}

/// Finds the tensors of the base that modules of an adapter mean, and checks that they fit.
private struct PEFTFitting {
  let base: Checkpoint
  let files: Checkpoint
  let configuration: AdapterConfiguration

  /// Prefixes that one of both names may have and the other one lack, depending on which class was adapted and
  /// which one saved the base.
  private static let prefixes = [
    "model.", "transformer.", "language_model.", "model.language_model.", "language_model.model.",
  ]

  /// The tensor of the base with this name.
  func target(_ name: String, for tensor: TensorInfo) throws -> TensorInfo {
    if let found = base.tensor(TensorName(name)) { return found }
    for prefix in Self.prefixes {
      if name.hasPrefix(prefix),
        let found = base.tensor(TensorName(String(name.dropFirst(prefix.count))))
      {
        return found
      }
      if let found = base.tensor(TensorName(prefix + name)) { return found }
    }
    let isHead = name.hasSuffix("lm_head.weight")
    throw InputError(
      file: files.path, place: "tensor \(tensor.name.quoted)",
      expected: "a tensor \(TensorName(name).quoted) in \(base.path)", found: "none of that name",
      fix: isHead
        ? "save the base with a head of its own (tie_word_embeddings false): here it is the embedding"
        : "name the base that the adapter was trained on")
  }

  /// Adds what the parts of one module do to its weight and its bias.
  func add(_ module: AdapterTensors.Module, to changes: inout [TensorName: TensorChange]) throws {
    let isEmbedding = module.parts[.embeddingA] != nil || module.parts[.embeddingB] != nil
    let (a, b): (AdapterTensors.Part, AdapterTensors.Part) =
      isEmbedding ? (.embeddingA, .embeddingB) : (.a, .b)
    guard let first = module.parts[a], let second = module.parts[b] else {
      throw InputError(
        file: files.path, place: "module \(TensorName(module.name).quoted)",
        expected: "both factors, lora_A and lora_B",
        found: module.parts[a] != nil
          ? "lora_A alone" : module.parts[b] != nil ? "lora_B alone" : "neither",
        fix: "save the adapter again; a part of it is missing")
    }
    let target = try target(module.name + ".weight", for: first)
    guard target.shape.count == 2 else {
      throw InputError(
        file: files.path, place: "tensor \(first.name.quoted)",
        expected: "an adapter of a matrix",
        found: "one of \(target.name.quoted) with shape \(target.shape)",
        fix: AdapterConfiguration.mergeInPEFT)
    }
    let product = try product(module, first, second, target, isEmbedding: isEmbedding)
    var change = changes[target.name] ?? TensorChange()
    (change.product, change.isEmbedding) = (product, isEmbedding)
    if let magnitudes = module.parts[.magnitudes] {
      change.multipliers = try multipliers(magnitudes, product, target, change)
    } else if configuration.hasMagnitudes {
      throw InputError(
        file: files.path, place: "module \(TensorName(module.name).quoted)",
        expected: "a lora_magnitude_vector, as use_dora says", found: "none",
        fix: "save the adapter again; a part of it is missing")
    }
    changes[target.name] = change
    if let bias = module.parts[.biasOfB] {
      let target = try self.target(module.name + ".bias", for: bias)
      let values = try Adapter.values(
        of: bias, in: files, shape: target.shape, because: "the bias of the base")
      changes[target.name, default: TensorChange()].addition = values.map { $0 * product.scale }
    }
  }

  /// The factors in the layout of the stored tensor.
  private func product(
    _ module: AdapterTensors.Module, _ first: TensorInfo, _ second: TensorInfo,
    _ target: TensorInfo, isEmbedding: Bool
  ) throws -> LowRankProduct {
    let rank = configuration.rank(of: module.name)
    let (rows, columns) = (target.shape[0], target.shape[1])
    // An embedding is stored inputs × outputs too: tokens × width.
    let isTransposed = isEmbedding || isStoredTransposed(target, inputs: first.shape.last ?? 0)
    let (outputs, inputs) = isTransposed ? (columns, rows) : (rows, columns)
    let reason =
      "rank \(rank) in \(AdapterConfiguration.fileName) and the base's \(target.shape) say"
    let a = try Adapter.values(of: first, in: files, shape: [rank, inputs], because: reason)
    let b = try Adapter.values(of: second, in: files, shape: [outputs, rank], because: reason)
    return LowRankProduct(
      rank: rank, scale: Float(configuration.scale(of: module.name)),
      left: isTransposed ? LowRankProduct.transposed(a, rows: rank) : b,
      right: isTransposed ? LowRankProduct.transposed(b, rows: outputs) : a,
      isTransposed: isTransposed)
  }

  /// Whether a matrix is stored inputs × outputs, as GPT-2's are.
  ///
  /// PEFT writes the setting of the kind of layer that it saw last, so the shape comes first. Where it does not
  /// tell, the wide matrix beside it does: queries, keys and values in one.
  private func isStoredTransposed(_ target: TensorInfo, inputs: Int) -> Bool {
    let (rows, columns) = (target.shape[0], target.shape[1])
    guard rows == columns else { return inputs == rows }
    let parts = target.name.text.split(separator: ".")
    let beside = parts.dropLast(2).joined(separator: ".") + ".c_attn.weight"
    if let wide = base.tensor(TensorName(beside)), wide.shape.count == 2,
      wide.shape[0] != wide.shape[1]
    {
      return wide.shape[0] == inputs
    }
    return configuration.isTransposed
  }

  private func multipliers(
    _ tensor: TensorInfo, _ product: LowRankProduct, _ target: TensorInfo, _ change: TensorChange
  ) throws -> [Float] {
    let outputs = product.isTransposed ? product.columns : product.rows
    let magnitudes = try Adapter.values(
      of: tensor, in: files, shape: [outputs], because: "there are outputs")
    let values = try change.replacement.map(files.readFloats) ?? base.readFloats(target)
    let multipliers = TensorChange.multipliers(magnitudes, product, values)
    guard let index = multipliers.firstIndex(where: { !$0.isFinite }) else { return multipliers }
    throw InputError(
      file: files.path, place: "tensor \(tensor.name.quoted), element \(index)",
      expected: "an output with a length, as DoRA divides by it",
      found: "base and factors that make up zero or no number",
      fix: "name the base that the adapter was trained on")
  }
}

import FormatIO

extension Adapter {
  /// Opens a GGUF file with an adapter.
  ///
  /// Tensors are `NAME.lora_a`, rank × inputs, and `NAME.lora_b`, outputs × rank, where NAME is a tensor of the
  /// base; rows are in its order. Of the embedding they are tokens × rank and width × rank. The scale
  /// is alpha / rank, or 1 without an alpha.
  init(gguf path: String, base: Checkpoint) throws {
    let files = try Checkpoint.open(path)
    guard case .gguf(let header) = files.shards[0].header,
      case .gguf(let baseHeader) = base.shards[0].header
    else {
      throw InputError(file: path, expected: "a GGUF file", found: "another format")
    }
    let alpha = try Self.alpha(header, path: path, base: baseHeader)
    var changes: [TensorName: TensorChange] = [:]
    for tensor in files.tensors {
      let name = tensor.name.text
      guard name.hasSuffix(".lora_a") || name.hasSuffix(".lora_b") else {
        throw InputError(
          file: path, place: "tensor \(tensor.name.quoted)",
          expected: "a name that ends in .lora_a or .lora_b", found: "another one",
          fix: "merge the adapter into the model and patch that: only factors are read from GGUF")
      }
      let stem = String(name.dropLast(7))
      guard let target = base.tensor(TensorName(stem)) else {
        throw InputError(
          file: path, place: "tensor \(tensor.name.quoted)",
          expected: "a tensor \(TensorName(stem).quoted) in \(base.path)",
          found: "none of that name", fix: "name the base that the adapter was trained on")
      }
      if changes[target.name] != nil { continue }
      guard let a = files.tensor(TensorName(stem + ".lora_a")),
        let b = files.tensor(TensorName(stem + ".lora_b"))
      else {
        throw InputError(
          file: path, place: "tensor \(tensor.name.quoted)", expected: "both factors of it",
          found: "one alone", fix: "convert the adapter again; a part of it is missing")
      }
      changes[target.name] = try Self.change(a, b, target, alpha, files)
    }
    try self.init(
      path: path, kind: .lowRank, baseName: header["general.base_model.0.name"]?.string,
      isGGUF: true, files: files, changes: changes)
  }

  /// Checks what the metadata say, and returns alpha; 0 means a scale of 1.
  private static func alpha(_ header: GGUFHeader, path: String, base: GGUFHeader) throws -> Double {
    func require(_ key: String, _ wanted: String, _ reason: String, _ fix: String?) throws {
      let found = header[key]?.string
      guard found != wanted else { return }
      throw InputError(
        file: path, place: "key \"\(key)\"", expected: "\(wanted)\(reason)",
        found: found ?? "no such key", fix: fix)
    }
    try require("general.type", "adapter", "", "name the file of the adapter, not of a model")
    try require("adapter.type", "lora", "", "merge the adapter into the model and patch that")
    try require(
      "general.architecture", base["general.architecture"]?.string ?? "", ", as the model has",
      "name the base that the adapter was trained on")
    if header["adapter.alora.invocation_tokens"] != nil {
      throw InputError(
        file: path, place: "key \"adapter.alora.invocation_tokens\"",
        expected: "an adapter that is always on", found: "tokens that switch it on",
        fix: "patch the base: what is switched on by a text cannot be part of the weights")
    }
    let alpha = header["adapter.lora.alpha"]?.double ?? 0
    guard alpha.isFinite else {
      throw InputError(
        file: path, place: "key \"adapter.lora.alpha\"", expected: "a number", found: "\(alpha)")
    }
    return alpha
  }

  private static func change(
    _ a: TensorInfo, _ b: TensorInfo, _ target: TensorInfo, _ alpha: Double, _ files: Checkpoint
  ) throws -> TensorChange {
    guard target.shape.count == 2 else {
      throw InputError(
        file: files.path, place: "tensor \(a.name.quoted)", expected: "an adapter of a matrix",
        found: "one of \(target.name.quoted) with shape \(target.shape)",
        fix: "merge the adapter into the model and patch that")
    }
    let isEmbedding = target.name.utf8.elementsEqual("token_embd.weight".utf8)
    let rank = max(1, b.shape.last ?? 1)
    let reason = "rank \(rank) and the base's \(target.shape) say"
    let first = try values(
      of: a, in: files, shape: isEmbedding ? [target.shape[0], rank] : [rank, target.shape[1]],
      because: reason)
    let second = try values(
      of: b, in: files, shape: isEmbedding ? [target.shape[1], rank] : [target.shape[0], rank],
      because: reason)
    let scale = alpha == 0 ? 1 : Float(alpha / Double(rank))
    guard isEmbedding else {
      return TensorChange(
        product: LowRankProduct(rank: rank, scale: scale, left: second, right: first))
    }
    let right = LowRankProduct.transposed(second, rows: target.shape[1])
    return TensorChange(
      product: LowRankProduct(
        rank: rank, scale: scale, left: first, right: right, isTransposed: true),
      isEmbedding: true)
  }
}

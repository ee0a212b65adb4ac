import FormatIO

/// A fine-tune and a patch as one new adapter of the base.
///
/// Factors of low rank add up exactly: s·B·A + t·D·C = [s·B, t·D] · [A; C]. So the rank of a matrix becomes the sum of
/// both ranks, and the scale 1. A patch of the adapter's own factors leaves ranks and scales as they are.
struct CombinedAdapter {
  /// One adapted matrix.
  struct Factors {
    let info: TensorInfo
    /// rank × inputs.
    var a: [Float]
    /// outputs × rank.
    var b: [Float]
    var rank: Int
    /// What their product is multiplied by.
    var scale: Float
    let outputs: Int
    let inputs: Int
    let isEmbedding: Bool
    /// True if the base stores it inputs × outputs.
    let isTransposed: Bool
  }

  /// The matrices with factors, by name.
  private(set) var matrices: [Factors] = []
  /// Tensors that stand in for whole ones of the base.
  private(set) var wholes: [(info: TensorInfo, values: [Float])] = []

  /// Checks that fine-tune and patch can be one adapter.
  ///
  /// - Throws: `InputError` that names what cannot and what would work.
  static func check(_ adapter: Adapter?, _ space: ParameterSpace, on map: TensorMap) throws {
    func refuse(_ name: TensorName?, _ expected: String, _ found: String, _ fix: String)
      -> InputError
    {
      InputError(
        .usage, file: "--output adapter", place: name.map { "tensor \($0.quoted)" } ?? "",
        expected: expected, found: found, fix: fix)
    }
    if adapter?.kind == .magnitudes {
      throw refuse(
        nil, "an adapter of plain factors, to which the patch can be added", "DoRA",
        "use --output model: lengths of outputs depend on the whole matrix, so a patch changes all of them"
      )
    }
    if adapter?.tiesWeights == true {
      throw refuse(
        nil, "an adapter whose tensors stand for themselves", "one with ensure_weight_tying",
        "use --output model")
    }
    for (name, change) in adapter?.changes ?? [:] where change.addition != nil {
      throw refuse(
        name, "adapted matrices", "an adapted bias", "use --output model")
    }
    for (name, change) in adapter?.changes ?? [:] {
      guard change.replacement != nil, map.checkpoint.tensor(name)?.shape.count != 2 else {
        continue
      }
      throw refuse(name, "adapted matrices", "a replaced vector", "use --output model")
    }
    for entry in space.entries where !entry.isLowRank {
      guard adapter?.changes[entry.name]?.replacement == nil else { continue }
      throw refuse(
        entry.name, "a patch of low rank", "one of the whole tensor",
        "use --rank N and --targets of matrices in the blocks, or --output model")
    }
    for entry in space.entries where map.tensor(at: entry.slot).map({ $0.shape.count > 2 }) == true
    {
      throw refuse(
        entry.name, "a matrix of its own for each expert", "experts stacked in one tensor",
        "use --output model")
    }
  }

  /// Puts both together; `check` has been passed.
  init(_ adapter: Adapter?, _ patch: Perturbation, on map: TensorMap) throws {
    let base = map.checkpoint.overlaid(by: nil)
    // Several matrices may lie in one tensor.
    let patches = Dictionary(grouping: patch.space.entries, by: \.name)
    let movesFactors =
      !patch.space.entries.isEmpty && patch.space.entries.allSatisfy(\.isOfAdapter)
    let names = Set(adapter?.names ?? []).union(patch.space.entries.map(\.name))
    for name in names.sorted() {
      guard let info = base.tensor(name) else { continue }
      let change = adapter?.changes[name]
      let entries = patches[name] ?? []
      if change?.replacement != nil {
        var values = try map.checkpoint.readFloats(info)
        for entry in entries {
          if let part = map.part(at: entry.slot) { patch.add(entry, to: &values, part) }
        }
        // PEFT saves embeddings with their factors; those of the base say nothing new.
        let saysNothing =
          try change?.product != nil && entries.isEmpty && isBase(change, info, adapter, base)
        if !saysNothing {
          wholes.append((info, values))
          continue
        }
      }
      let matrix =
        movesFactors
        ? Self.moved(info, change, entries.first, patch)
        : Self.factors(info, change, entries, patch, map)
      guard let matrix else { continue }
      matrices.append(matrix)
    }
  }

  /// True if what stands in for a tensor is the tensor.
  private func isBase(
    _ change: TensorChange?, _ info: TensorInfo, _ adapter: Adapter?, _ base: Checkpoint
  ) throws -> Bool {
    guard let replacement = change?.replacement, let adapter else { return true }
    return try adapter.files.readFloats(replacement) == base.readFloats(info)
  }

  /// The adapter's factors of one tensor, with their changes where the patch has some.
  private static func moved(
    _ info: TensorInfo, _ change: TensorChange?, _ entry: ParameterSpace.Entry?,
    _ patch: Perturbation
  ) -> Factors? {
    guard case .ofAdapter(let origin, let a, let b) = entry?.form else {
      return change.flatMap { Factors(info, $0) }
    }
    return change.flatMap { change in
      var moved = change
      moved.product = patch.factors(origin, a, b)
      return Factors(info, moved)
    }
  }

  /// The factors of one tensor from adapter and patch side by side, with scale 1.
  private static func factors(
    _ info: TensorInfo, _ change: TensorChange?, _ entries: [ParameterSpace.Entry],
    _ patch: Perturbation, _ map: TensorMap
  ) -> Factors? {
    var (a, b, rank): ([Float], [Float], Int) = ([], [], 0)
    var isTransposed = false
    if let own = change.flatMap({ Factors(info, $0) }) {
      (a, b, rank, isTransposed) = (own.a, own.b, own.rank, change?.product?.isTransposed == true)
      b.scale(by: own.scale)
    }
    for entry in entries {
      guard case .lowRank(let more, let scale, let c, let d) = entry.form,
        let part = map.part(at: entry.slot)
      else { continue }
      isTransposed = part.columns != nil
      // The rows of this matrix among those of the tensor; the others it leaves alone.
      let first = part.columns?.lowerBound ?? part.elements.lowerBound / entry.inputs
      let outputs = info.elementCount / entry.inputs
      var scaled = patch.values[d]
      scaled.scale(by: scale)
      let above = [Float](repeating: 0, count: first * more)
      let below = [Float](repeating: 0, count: outputs * more - scaled.count - above.count)
      b = LowRankProduct.besideEachOther(b, rank, above + scaled + below, more, rows: outputs)
      a += patch.values[c]
      rank += more
    }
    guard rank > 0 else { return nil }
    let isEmbedding = change?.isEmbedding ?? false
    return Factors(
      info: info, a: a, b: b, rank: rank, scale: 1, outputs: b.count / rank, inputs: a.count / rank,
      isEmbedding: isEmbedding, isTransposed: isTransposed && !isEmbedding)
  }
}

extension CombinedAdapter.Factors {
  /// The factors that an adapter has for a tensor, as they are; nil if it has none.
  fileprivate init?(_ info: TensorInfo, _ change: TensorChange) {
    guard let product = change.product else { return nil }
    let (a, b) =
      product.isTransposed
      ? (
        LowRankProduct.transposed(product.left, rows: product.rows),
        LowRankProduct.transposed(product.right, rows: product.rank)
      ) : (product.right, product.left)
    self.init(
      info: info, a: a, b: b, rank: product.rank, scale: product.scale,
      outputs: b.count / product.rank, inputs: a.count / product.rank,
      isEmbedding: change.isEmbedding, isTransposed: product.isTransposed && !change.isEmbedding)
  }
}

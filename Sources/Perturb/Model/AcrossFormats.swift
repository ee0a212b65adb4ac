import FormatIO

extension TensorMap {
  /// For each row of a tensor here, the row of the same tensor in a file of another format; nil if they are
  /// in the same order.
  ///
  /// Only the rows of queries and keys differ, where the conversion put channels that turn together side by
  /// side.
  func rows(of slot: ModelSlot, in other: TensorMap) -> [Int]? {
    guard let role = slot.role,
      configuration.rotaryPairs != other.configuration.rotaryPairs
    else { return nil }
    let heads: Int
    switch role {
    case .queryWeight, .queryBias: heads = configuration.headCount
    case .keyWeight, .keyBias: heads = configuration.keyValueHeadCount
    default: return nil
    }
    let size = configuration.headSize
    var rows = [Int](repeating: 0, count: heads * size)
    for head in 0..<heads {
      for pair in 0..<size / 2 {
        let (here, there) = (
          configuration.rotaryPairs.channels(pair, of: size),
          other.configuration.rotaryPairs.channels(pair, of: size)
        )
        rows[head * size + here.first] = head * size + there.first
        rows[head * size + here.second] = head * size + there.second
      }
    }
    return rows
  }
}

extension ParameterSpace.Form {
  /// The same form of a tensor whose rows are others of this one; nil leaves them as they are.
  func reordered(_ rows: [Int]?) -> Self {
    guard let rows, case .ofAdapter(let product, let a, let b) = self else { return self }
    let rank = product.rank
    return .ofAdapter(
      LowRankProduct(
        rank: rank, scale: product.scale,
        left: rows.flatMap { product.left[$0 * rank..<($0 + 1) * rank] }, right: product.right),
      a: a, b: b)
  }
}

extension Perturbation {
  /// The same change of the same model in another file, which may be of another format.
  ///
  /// - Parameters:
  ///   - map: the model that it is a change of.
  ///   - other: where it is to go.
  /// - Throws: `InputError` naming a tensor that the other file lacks or has in another shape.
  public func moved(from map: TensorMap, to other: TensorMap) throws -> Perturbation {
    var moved = try Perturbation(space: space.renamed(from: map, to: other), values: values)
    for entry in space.entries {
      guard let rows = other.rows(of: entry.slot, in: map) else { continue }
      let range: Range<Int>
      let isVector = entry.outputs == 1
      switch entry.form {
      case .full(let whole): range = whole
      case .lowRank(_, _, _, let b), .ofAdapter(_, _, let b): range = b
      }
      // Biases are vectors whose numbers are in the order of rows; of factors only B has the rows.
      let (old, width) = (values[range], isVector ? 1 : range.count / entry.outputs)
      moved.values.replace(
        range, with: rows.flatMap { old[$0 * width..<($0 + 1) * width] })
    }
    return moved
  }
}

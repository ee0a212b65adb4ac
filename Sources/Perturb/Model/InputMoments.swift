/// What goes into the matrices of one block: Σ xᵀx over tokens, inputs × inputs, for each of them.
///
/// They say how much a change of each weight changes the outputs that the model meets, and which changes
/// make up for each other.
struct InputMoments {
  /// By role; matrices that read the same input share one.
  private(set) var byRole: [BlockRole: Matrix] = [:]

  /// This share of the mean of the diagonal is added to it, so that inputs which never occur count a
  /// little.
  private static let damping: Float = 0.01

  fileprivate mutating func add(_ roles: [BlockRole], _ input: Matrix) {
    var sum = byRole[roles[0]] ?? Matrix(rows: input.columns, columns: input.columns)
    for role in roles { byRole[role] = nil }
    sum.values.withUnsafeMutableBufferPointer {
      BLAS.accumulate(transposing: input, times: input, into: $0)
    }
    for role in roles { byRole[role] = sum }
  }

  /// The moments with something on the diagonal.
  fileprivate func damped() -> InputMoments {
    InputMoments(
      byRole: byRole.mapValues { moments in
        var moments = moments
        let size = moments.rows
        let mean = (0..<size).reduce(Float(0)) { $0 + moments[$1, $1] } / Float(size)
        for index in 0..<size { moments[index, index] += Self.damping * mean }
        return moments
      })
  }
}

extension Transformer {
  /// Shows the input moments of one block after the other, each summed over all batches.
  ///
  /// All batches pass a block before any passes the next one, so that memory holds the moments of one block
  /// only.
  func visitInputMoments(
    of batches: [PackedBatch], layers: Range<Int>,
    _ body: (_ layer: Int, InputMoments) throws -> Void
  ) throws {
    let configuration = weights.map.configuration
    var states = try batches.map { try embedding($0.tokens) }
    var blockWeights = BlockWeights()
    for layer in 0..<layers.upperBound {
      try weights.load(layer, into: &blockWeights)
      weights.prefetch(layer + 1)
      let block = Block(layer: layer, configuration: configuration, weights: blockWeights)
      var moments = InputMoments()
      for (index, batch) in batches.enumerated() {
        let x = states[index]
        let rotary = RotaryEmbedding(
          frequencies: configuration.rotaryFrequencies, pairs: configuration.rotaryPairs,
          positions: batch.positions)
        var workspace = Block.Workspace(tokens: x.rows, configuration: configuration)
        var y = Matrix(unwrittenRows: x.rows, columns: x.columns)
        block.forward(x, rotary: rotary, spans: batch.spans, workspace: &workspace, into: &y)
        states[index] = y
        guard layers.contains(layer) else { continue }
        for (roles, input) in block.inputs(x, workspace: workspace) {
          moments.add(roles, input.expanded)
        }
      }
      if layers.contains(layer) { try body(layer, moments.damped()) }
    }
  }
}

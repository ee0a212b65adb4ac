/// What goes into the matrices of one block: Σ xᵀx over tokens, inputs × inputs, for each of them.
///
/// They say how much a change of each weight changes the outputs that the model meets, and which changes
/// make up for each other.
struct InputMoments {
  /// A sum, and the matrices that read this input.
  struct Part {
    let places: [BlockWeights.Place]
    var sum: Matrix
  }

  /// One part for each input.
  var parts: [Part] = []

  /// The sum for a matrix.
  subscript(place: BlockWeights.Place) -> Matrix? {
    parts.first { $0.places.contains(place) }?.sum
  }

  /// Bytes of the moments of one block.
  static func byteCount(_ sizes: ModelConfiguration) -> Int {
    func bytes(_ widths: Int...) -> Int {
      widths.reduce(0) { $0 + MemoryLayout<Float>.stride * $1 * $1 }
    }
    let attention = bytes(sizes.hiddenSize, sizes.queryWidth)
    let dense = bytes(sizes.hiddenSize, sizes.feedForwardSize)
    guard let mixture = sizes.mixture else { return attention + dense }
    let shared = mixture.sharedSize.map { bytes(sizes.hiddenSize, $0) } ?? 0
    return attention
      + max(
        dense, mixture.expertCount * bytes(sizes.hiddenSize, mixture.feedForwardSize) + shared)
  }

  /// This share of the mean of the diagonal is added to it, so that inputs which never occur count a
  /// little.
  private static let damping: Float = 0.01

  fileprivate mutating func add(_ places: [BlockWeights.Place], _ input: Matrix) {
    let index = parts.firstIndex { $0.places == places } ?? parts.count
    if index == parts.count {
      parts.append(Part(places: places, sum: Matrix(rows: input.columns, columns: input.columns)))
    }
    parts[index].sum.values.withUnsafeMutableBufferPointer {
      BLAS.accumulate(transposing: input, times: input, into: $0)
    }
  }

  fileprivate mutating func damp() {
    for index in parts.indices {
      let size = parts[index].sum.rows
      let mean = (0..<size).reduce(Float(0)) { $0 + parts[index].sum[$1, $1] } / Float(size)
      for place in 0..<size { parts[index].sum[place, place] += Self.damping * mean }
    }
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
    var states = try batches.map { try embedding($0.tokens, at: $0.positions) }
    var blockWeights = BlockWeights()
    for layer in 0..<layers.upperBound {
      try weights.load(layer, into: &blockWeights)
      weights.prefetch(layer + 1)
      let block = Block(layer: layer, configuration: configuration, weights: blockWeights)
      var moments = InputMoments()
      for (index, batch) in batches.enumerated() {
        let x = states[index]
        let rotaries = configuration.rotaries(at: batch.positions)
        var workspace = Block.Workspace(tokens: x.rows, configuration: configuration)
        var y = Matrix(unwrittenRows: x.rows, columns: x.columns)
        block.forward(x, rotaries: rotaries, spans: batch.spans, workspace: &workspace, into: &y)
        states[index] = y
        guard layers.contains(layer) else { continue }
        for (places, input) in block.inputs(x, workspace: workspace) {
          moments.add(places, input.expanded)
        }
      }
      if layers.contains(layer) {
        moments.damp()
        try body(layer, moments)
      }
    }
  }
}

/// A decoder-only language model: embedding, blocks, a last normalisation, and the output head.
public struct Transformer: Sendable {
  /// What it computes with.
  public let weights: Weights

  /// Makes a factor for the weights of a sequence of the cross-entropies of its answer.
  public typealias Scaling = (ArraySlice<Float>) -> Float

  /// A model over these weights.
  public init(weights: Weights) {
    self.weights = weights
  }

  private var configuration: ModelConfiguration { weights.map.configuration }

  /// The normalised final states at the scored places of the batch, targets × channels.
  public func targetStates(_ batch: PackedBatch) throws -> Matrix {
    try finalNorm(run(batch).gathering(rows: batch.targets.map(\.row)))
  }

  /// The mean of each sequence's states as the block in the middle reads them, sequences × channels.
  ///
  /// The first token is left out: models park huge values there that say nothing about the text.
  func middleStates(_ batch: PackedBatch) throws -> Matrix {
    let x = try run(batch, until: configuration.layerCount / 2)
    var means = Matrix(rows: batch.sequences.count, columns: configuration.hiddenSize)
    for (sequence, all) in batch.sequences.enumerated() {
      let rows = all.rows.dropFirst(all.count > 1 ? 1 : 0)
      let target = means.range(ofRows: sequence..<sequence + 1)
      for row in rows {
        for (column, index) in zip(target, x.range(ofRows: row..<row + 1)) {
          means.values[column] += x.values[index] / Float(rows.count)
        }
      }
    }
    return means
  }

  /// Scores the batch. `targets` go with `batch.targets`; `reference` holds states of another run.
  public func scores(_ batch: PackedBatch, targets: [HeadTarget], reference: Matrix? = nil) throws
    -> HeadScores
  {
    try OutputHead(weights: weights).scores(
      targetStates(batch), targets: targets, reference: reference)
  }

  /// Scores the batch and adds the gradient of the weighted loss to `gradient`.
  ///
  /// The forward pass keeps each block's input, and the activations of as many of the upper blocks
  /// as fit in the memory plan; the backward pass computes those of the others again.
  ///
  /// - Parameters:
  ///   - scalings: for each sequence, what makes a factor for its weights of the cross-entropies of its
  ///     answer (0 drops it); nil leaves them as they are. No element at all means none is scaled.
  public func gradient(
    _ batch: PackedBatch, targets: [HeadTarget], reference: Matrix? = nil,
    scalings: [Scaling?] = [], into gradient: inout Gradient
  ) throws -> HeadScores {
    var kept: [(x: Matrix, activations: Block.Activations?)] = []
    let lowest = gradient.space.lowestLayer
    let output = try run(batch) { block, x, workspace in
      guard block.layer >= lowest else { return }
      let precision = block.weights.precision
      let size = Block.Activations.byteCount(
        tokens: x.rows, configuration, precision: precision)
      let isKept =
        (configuration.layerCount - block.layer) * size <= weights.map.memory.activationBytes
      kept.append((x, isKept ? Block.Activations(taking: &workspace, precision: precision) : nil))
    }

    let rows = batch.targets.map(\.row)
    let scored = output.gathering(rows: rows)
    let head = OutputHead(weights: weights)
    let normed = try finalNorm(scored)
    let targets = try scaled(targets, of: batch, by: scalings) { places in
      try head.scores(
        normed.gathering(rows: places), targets: places.map { targets[$0] }, reference: nil)
    }
    let (scores, dNormed) = try head.backward(
      normed, targets: targets, reference: reference, into: &gradient)
    var dScored = Matrix(rows: scored.rows, columns: scored.columns)
    let (dWeight, dBias) = try finalNormalization.backward(
      dNormed, x: scored, adding: &dScored,
      wantsWeight: gradient.wants(.finalNorm) || gradient.wants(.finalNormBias))
    if !dWeight.isEmpty {
      gradient.add(.finalNorm, dWeight.span)
      gradient.add(.finalNormBias, dBias.span)
    }

    var d = Matrix(rows: output.rows, columns: output.columns)
    d.add(dScored, toRows: rows)
    try backward(&d, batch: batch, kept: kept, lowest: lowest, into: &gradient)
    return scores
  }

  /// The targets, weighed before the pass, so that the head's own gradient is weighed too. Only the
  /// places of sequences that may be scaled are scored for it.
  private func scaled(
    _ targets: [HeadTarget], of batch: PackedBatch, by scalings: [Scaling?],
    scores: ([Int]) throws -> HeadScores
  ) throws -> [HeadTarget] {
    var targets = targets
    let ranges = zip(batch.targetRanges, scalings).compactMap { range, scaling in
      scaling.map { (range, $0) }
    }
    guard !ranges.isEmpty else { return targets }
    var rest = try scores(ranges.flatMap { Array($0.0) }).likelihood[...]
    for (range, scaling) in ranges {
      let factor = scaling(rest.prefix(range.count))
      rest = rest.dropFirst(range.count)
      for place in range {
        targets[place].likelihoodWeight *= factor
        targets[place].divergenceWeight *= factor
      }
    }
    return targets
  }

  /// The last states of the given tokens after they were appended to the cache, normalised; one row
  /// for each step.
  func states(
    of tokens: [Int32], positions: [Int], steps: [KeyValueCache.Step], cache: KeyValueCache
  ) throws -> Matrix {
    var spans: [Attention.Span] = []
    for step in steps {
      let start = spans.last?.queries.upperBound ?? 0
      let rows = start..<start + step.tokens
      spans.append(Attention.Span(queries: rows, keys: [rows]))
    }
    cache.begin(steps)
    let output = try run(tokens: tokens, positions: positions, spans: spans, cache: cache)
    return try finalNorm(output.gathering(rows: spans.map { $0.queries.upperBound - 1 }))
  }

  private func run(
    _ batch: PackedBatch, until end: Int? = nil,
    keep: (Block, Matrix, inout Block.Workspace) -> Void = { _, _, _ in }
  ) throws -> Matrix {
    try run(
      tokens: batch.tokens, positions: batch.positions, spans: batch.spans, cache: nil,
      until: end, keep: keep)
  }

  /// Runs all blocks, or those up to `end`; `keep` sees each with its input and what its pass left.
  private func run(
    tokens: [Int32], positions: [Int], spans: [Attention.Span], cache: KeyValueCache?,
    until end: Int? = nil, keep: (Block, Matrix, inout Block.Workspace) -> Void = { _, _, _ in }
  ) throws -> Matrix {
    var x = try embedding(tokens, at: positions)
    let rotaries = configuration.rotaries(at: positions)
    var workspace = Block.Workspace(tokens: tokens.count, configuration: configuration)
    var blockWeights = BlockWeights()
    for layer in 0..<(end ?? configuration.layerCount) {
      try weights.load(layer, into: &blockWeights)
      weights.prefetch(layer + 1)
      let block = Block(layer: layer, configuration: configuration, weights: blockWeights)
      var y = Matrix(unwrittenRows: x.rows, columns: x.columns)
      block.forward(
        x, rotaries: rotaries, spans: spans, cache: cache, workspace: &workspace, into: &y)
      keep(block, x, &workspace)
      x = y
    }
    return x
  }

  private func backward(
    _ d: inout Matrix, batch: PackedBatch, kept: [(x: Matrix, activations: Block.Activations?)],
    lowest: Int, into gradient: inout Gradient
  ) throws {
    let rotaries = configuration.rotaries(at: batch.positions)
    let spans = batch.spans
    var workspace = Block.Workspace(tokens: batch.tokens.count, configuration: configuration)
    var blockWeights = BlockWeights()
    for (layer, (x, known)) in zip(lowest..<max(lowest, configuration.layerCount), kept).reversed()
    {
      try weights.load(layer, into: &blockWeights)
      weights.prefetch(layer - 1)
      let block = Block(layer: layer, configuration: configuration, weights: blockWeights)
      if known == nil {
        block.activate(x, rotaries: rotaries, spans: spans, workspace: &workspace)
      }
      let activations =
        known ?? Block.Activations(taking: &workspace, precision: blockWeights.precision)
      block.backward(
        &d, x: x, rotaries: rotaries, spans: spans, activations: activations, into: &gradient)
    }
    guard gradient.wants(.embedding) || gradient.wants(.positions) else { return }
    for (row, token) in batch.tokens.enumerated() {
      let part = d.range(ofRows: row..<row + 1)
      gradient.add(.positions, row: batch.positions[row], d.values.span.extracting(part))
      if configuration.embeddingScale != 1 {
        for index in part { d.values[index] *= configuration.embeddingScale }
      }
      gradient.add(.embedding, row: Int(token), d.values.span.extracting(part))
    }
  }

  /// The rows of the embedding, with learned positions where the family has them; tokens × channels.
  func embedding(_ tokens: [Int32], at positions: [Int]) throws -> Matrix {
    var x = Matrix(rows: tokens.count, columns: configuration.hiddenSize)
    for (row, token) in tokens.enumerated() {
      try weights.read(
        .embedding, rows: Int(token)..<Int(token) + 1, into: &x.values, at: row * x.columns)
    }
    weights.map.tensor(at: .embedding).map(weights.map.release)
    if configuration.embeddingScale != 1 { x.values.scale(by: configuration.embeddingScale) }
    guard weights.map.tensor(at: .positions) != nil else { return x }
    var learned = Matrix(rows: tokens.count, columns: configuration.hiddenSize)
    for (row, position) in positions.enumerated() {
      try weights.read(
        .positions, rows: position..<position + 1, into: &learned.values, at: row * x.columns)
    }
    x.values.add(learned.values, scale: 1)
    return x
  }

  private func finalNorm(_ x: Matrix) throws -> Matrix {
    var y = Matrix(rows: x.rows, columns: x.columns)
    try finalNormalization.forward(x, into: &y)
    return y
  }

  private var finalNormalization: Normalization {
    get throws {
      let form = configuration.architecture.normalization
      return Normalization(
        form: form, weight: try weights.values(at: .finalNorm),
        bias: form == .layer ? try weights.values(at: .finalNormBias) : nil,
        epsilon: configuration.normEpsilon)
    }
  }
}

extension PackedBatch {
  /// What attends to what.
  var spans: [Attention.Span] {
    sequences.map { Attention.Span(queries: $0.own, keys: $0.path) }
  }
}

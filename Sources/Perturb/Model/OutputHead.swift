import RealModule

/// What is asked of the head at one scored place.
public struct HeadTarget: Sendable {
  /// The token that should come next.
  public var token: Int
  /// Weight of this place's cross-entropy in the loss.
  public var likelihoodWeight: Float
  /// Weight of this place's KL divergence from the reference in the loss.
  public var divergenceWeight: Float
  /// The row of the reference states to compare with, if any.
  public var reference: Int?

  /// A place that counts towards neither term unless weights are given.
  public init(
    token: Int, likelihoodWeight: Float = 0, divergenceWeight: Float = 0, reference: Int? = nil
  ) {
    self.token = token
    self.likelihoodWeight = likelihoodWeight
    self.divergenceWeight = divergenceWeight
    self.reference = reference
  }
}

/// What the head measures at each scored place, natural logarithms.
public struct HeadScores: Sendable {
  /// Cross-entropy of the target token.
  public var likelihood: [Float] = []
  /// KL(reference ‖ model) of the next-token distribution; 0 without a reference.
  public var divergence: [Float] = []
  /// Whether model and reference agree on the most likely token; true without a reference.
  public var agreement: [Bool] = []

  /// Adds the scores of further places.
  mutating func append(_ other: HeadScores) {
    likelihood += other.likelihood
    divergence += other.divergence
    agreement += other.agreement
  }
}

/// The output head, cross-entropy and KL divergence at scored places only.
///
///     logits = s · hidden · Wᵀ,   nll = log Σ exp(logits) − logits[token]
///     d nll / d logits = p − onehot(token),   d KL(p₀ ‖ p) / d logits = p − p₀
///
/// Some families soften large logits, l ← c · tanh(l / c); s is 1 but in Granite.
///
/// Works on a few places at a time, and reads the head's matrix in tiles of the vocabulary; neither
/// the whole logits nor the whole matrix ever exists. The reference distribution is recomputed from
/// its final hidden states, which are a hundred times smaller than its probabilities.
struct OutputHead {
  let weights: Weights

  private static let tile = 4096

  /// Scores `hidden` (places × channels, normalised) against the targets.
  func scores(_ hidden: Matrix, targets: [HeadTarget], reference: Matrix?) throws -> HeadScores {
    var scores = HeadScores()
    try forEachChunk(hidden, targets, reference, differentiating: false) { chunk, _, _ in
      scores.append(chunk)
    }
    return scores
  }

  /// Scores, and also returns the gradient of the weighted loss with respect to `hidden`.
  func backward(
    _ hidden: Matrix, targets: [HeadTarget], reference: Matrix?, into gradient: inout Gradient
  ) throws -> (scores: HeadScores, dHidden: Matrix) {
    var scores = HeadScores()
    var dHidden = Matrix(rows: hidden.rows, columns: hidden.columns)
    try forEachChunk(hidden, targets, reference, differentiating: true) { chunk, dLogits, places in
      scores.append(chunk)
      try backward(dLogits, hidden, places, dHidden: &dHidden, gradient: &gradient)
    }
    return (scores, dHidden)
  }

  /// The most likely next token at each place.
  func mostLikelyTokens(_ hidden: Matrix) throws -> [Int] {
    var tokens: [Int] = []
    for places in chunks(hidden.rows) {
      let logits = try self.logits(hidden, places)
      for row in 0..<places.count {
        let range = logits.range(ofRows: row..<row + 1)
        tokens.append(Vector.indexOfMaximum(logits.values.span.extracting(range)))
      }
    }
    return tokens
  }

  /// Hands over the scores of a few places at a time, with their logits, or the gradient of these.
  private func forEachChunk(
    _ hidden: Matrix, _ targets: [HeadTarget], _ reference: Matrix?, differentiating: Bool,
    _ body: (HeadScores, Matrix, Range<Int>) throws -> Void
  ) throws {
    precondition(hidden.rows == targets.count)
    for places in chunks(hidden.rows) {
      var logits = try self.logits(hidden, places)
      let compared = reference == nil ? [] : places.filter { targets[$0].reference != nil }
      var referenceLogits = Matrix(rows: 0, columns: vocabulary)
      if let reference, !compared.isEmpty {
        let states = reference.gathering(rows: compared.compactMap { targets[$0].reference })
        referenceLogits = try unperturbed.logits(states, 0..<states.rows)
      }
      var partner = [Int?](repeating: nil, count: places.count)
      for (row, place) in compared.enumerated() { partner[place - places.lowerBound] = row }
      let capped = differentiating && configuration.logitSoftCap != nil ? logits : nil
      let scores = score(
        &logits, targets: Array(targets[places]), referenceLogits, partner,
        differentiating: differentiating)
      if differentiating { uncap(&logits, capped) }
      try body(scores, logits, places)
    }
  }

  /// Scores the rows of one chunk; turns logits into their gradient if asked to.
  private func score(
    _ logits: inout Matrix, targets: [HeadTarget], _ referenceLogits: Matrix, _ partner: [Int?],
    differentiating: Bool
  ) -> HeadScores {
    let columns = vocabulary
    var measured = Matrix(rows: targets.count, columns: 3)
    measured.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let measured = buffer
      logits.updateParts { place, row in
        let target = targets[place]
        let normalizer = Vector.logSumExp(row.span)
        measured[3 * place] = normalizer - row[target.token]
        guard let number = partner[place] else {
          measured[3 * place + 2] = 1
          guard differentiating else { return }
          let weight = target.likelihoodWeight
          for column in 0..<columns {
            row[column] = weight * Vector.exponential(row[column] - normalizer)
          }
          row[target.token] -= weight
          return
        }
        let reference = referenceLogits.values.span.extracting(
          number * columns..<(number + 1) * columns)
        let referenceNormalizer = Vector.logSumExp(reference)
        var divergence: Float = 0
        for column in 0..<columns {
          let logarithm = reference[column] - referenceNormalizer
          let difference = logarithm - (row[column] - normalizer)
          divergence = Relaxed.multiplyAdd(
            Vector.exponential(logarithm), difference, divergence)
        }
        measured[3 * place + 1] = max(divergence, 0)
        let agrees = Vector.indexOfMaximum(row.span) == Vector.indexOfMaximum(reference)
        measured[3 * place + 2] = agrees ? 1 : 0
        guard differentiating else { return }
        let total = target.likelihoodWeight + target.divergenceWeight
        for column in 0..<columns {
          let own = total * Vector.exponential(row[column] - normalizer)
          let other = Vector.exponential(reference[column] - referenceNormalizer)
          row[column] = own - target.divergenceWeight * other
        }
        row[target.token] -= target.likelihoodWeight
      }
    }
    return HeadScores(
      likelihood: (0..<targets.count).map { measured[$0, 0] },
      divergence: (0..<targets.count).map { measured[$0, 1] },
      agreement: (0..<targets.count).map { measured[$0, 2] == 1 })
  }

  /// dhidden = dlogits · W and dW += dlogitsᵀ · hidden, tile by tile.
  private func backward(
    _ dLogits: Matrix, _ hidden: Matrix, _ places: Range<Int>, dHidden: inout Matrix,
    gradient: inout Gradient
  ) throws {
    let (width, vocabulary) = (hidden.columns, vocabulary)
    var part = Matrix(rows: places.count, columns: width)
    let slopes = Operand(dLogits)
    defer { dHidden.values.replaceSubrange(dHidden.range(ofRows: places), with: part.values) }
    for start in stride(from: 0, to: vocabulary, by: Self.tile) {
      let tokens = start..<min(vocabulary, start + Self.tile)
      try weights.elements(weights.map.headSlot, rows: tokens)
        .accumulate(slopes, columnsFrom: start, into: &part)
      guard let range = gradient.range(of: weights.map.headSlot, rows: tokens) else { continue }
      gradient.values.withMutablePart(range) { output in
        guard let output = output.baseAddress else { return }
        withBase(dLogits.values, hidden.values) { dLogits, hidden in
          BLAS.product(
            tokens.count, width, places.count, dLogits + start, vocabulary, true,
            hidden + places.lowerBound * width, width, false, output, width, accumulating: true)
        }
      }
    }
  }

  private func logits(_ hidden: Matrix, _ places: Range<Int>) throws -> Matrix {
    let vocabulary = vocabulary
    let part = Operand(hidden.gathering(rows: Array(places)))
    var logits = Matrix(unwrittenRows: places.count, columns: vocabulary)
    if let head = weights.residentHead {
      head.multiply(part, into: &logits)
    } else {
      for start in stride(from: 0, to: vocabulary, by: Self.tile) {
        let tokens = start..<min(vocabulary, start + Self.tile)
        try weights.elements(weights.map.headSlot, rows: tokens)
          .multiply(part, into: &logits, columnsFrom: start)
      }
    }
    cap(&logits)
    return logits
  }

  /// Scales and softens logits where the family does so.
  private func cap(_ logits: inout Matrix) {
    let (scale, softCap) = (configuration.logitScale, configuration.logitSoftCap)
    guard scale != 1 || softCap != nil else { return }
    logits.updateParts { _, row in
      for index in 0..<row.count { row[index] *= scale }
      guard let softCap else { return }
      for index in 0..<row.count {
        row[index] = softCap * Vector.hyperbolicTangent(row[index] / softCap)
      }
    }
  }

  /// Turns the gradient of the logits into that of the product: tanh′ = 1 − tanh².
  private func uncap(_ dLogits: inout Matrix, _ logits: Matrix?) {
    let (scale, softCap) = (configuration.logitScale, configuration.logitSoftCap)
    guard scale != 1 || softCap != nil else { return }
    let columns = dLogits.columns
    dLogits.updateParts { place, row in
      for index in 0..<columns { row[index] *= scale }
      guard let softCap, let logits else { return }
      let capped = logits.values.span.extracting(place * columns..<(place + 1) * columns)
      for index in 0..<columns {
        let tangent = capped[index] / softCap
        row[index] *= 1 - tangent * tangent
      }
    }
  }

  private var configuration: ModelConfiguration { weights.map.configuration }

  private var unperturbed: OutputHead { OutputHead(weights: Weights(map: weights.map)) }

  private var vocabulary: Int { weights.map.configuration.vocabularySize }

  private func chunks(_ rows: Int) -> [Range<Int>] {
    let size = max(16, weights.map.memory.logitBytes / (4 * vocabulary))
    return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
  }
}

private func withBase(
  _ a: [Float], _ b: [Float], _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      body(a, b)
    }
  }
}

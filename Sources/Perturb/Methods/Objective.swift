import RealModule

/// One weighted part of a loss: rows, and what is asked of their answers.
///
/// A term's value is the mean over its rows of the mean over their answer tokens.
public struct LossTerm: Sendable {
  /// The rows.
  public var examples: [Example]
  /// Weight of the cross-entropy of the answers.
  public var likelihoodWeight: Float
  /// Weight of KL(reference ‖ model) at the answers' places.
  public var divergenceWeight: Float
  /// How much each row counts.
  public var saturation: Saturation
  /// How much more the first tokens of an answer weigh than the others. They decide whether it
  /// complies or refuses; in a plain mean a long answer hides them.
  public var openingEmphasis: Float

  /// How much a row counts, judged by its own cross-entropy. Pushing an answer that is already
  /// impossible only wrecks the model.
  public enum Saturation: Sendable, Equatable {
    /// Every row counts the same.
    case none
    /// A row above this cross-entropy, in nats per token, counts nothing.
    case ceiling(Float)
    /// The term is −log(1 − p), p the probability of the whole answer: strong where the answer is
    /// likely, nothing where it is not (Welleck et al. 2020, sequence level).
    case unlikelihood
  }

  /// A term over these rows.
  public init(
    _ examples: [Example], likelihoodWeight: Float, divergenceWeight: Float = 0,
    saturation: Saturation = .none, openingEmphasis: Float = 1
  ) {
    self.examples = examples
    self.likelihoodWeight = likelihoodWeight
    self.divergenceWeight = divergenceWeight
    self.saturation = saturation
    self.openingEmphasis = openingEmphasis
  }

  /// How many tokens open an answer.
  static let openingTokens = 3

  /// Where the slope of −log(1 − p) stops growing.
  fileprivate static let certainty = 0.95

  /// False if the term adds nothing to a gradient.
  var isActive: Bool { likelihoodWeight != 0 || divergenceWeight != 0 }
}

/// A sum of loss terms, evaluated in packs of a bounded number of tokens.
public struct Objective: Sendable {
  /// The parts; terms without rows count as zero.
  public var terms: [LossTerm]
  /// The most tokens that one pass reads.
  public var batchTokens: Int

  /// The unweighted value of one term.
  public struct Value: Sendable {
    /// Mean over rows of the mean cross-entropy per answer token.
    public var likelihood = 0.0
    /// Mean over rows of the mean KL divergence per answer token.
    public var divergence = 0.0
    /// Mean cross-entropy per answer token of each row.
    public var rowLikelihoods: [Double] = []
  }

  /// A loss with these terms.
  public init(terms: [LossTerm], batchTokens: Int) {
    self.terms = terms
    self.batchTokens = batchTokens
  }

  /// Adds the gradient at the model's weights to `gradient`; returns the value of each term, zero
  /// for terms without weight.
  public func gradient(of model: Transformer, into gradient: inout Gradient) throws -> [Value] {
    var values = [Value](repeating: Value(), count: terms.count)
    let active = terms.indices.filter { terms[$0].isActive }
    for pack in packs(of: active) {
      let scores = try model.gradient(
        pack.batch, targets: pack.targets, reference: pack.reference,
        scaling: pack.isScaled ? { pack.factors($0) } : nil, into: &gradient)
      for (range, row) in zip(pack.batch.targetRanges, pack.rows) {
        let share = 1 / Double(terms[row.term].examples.count * range.count)
        let likelihood = scores.likelihood[range].total
        values[row.term].rowLikelihoods.append(likelihood / Double(range.count))
        values[row.term].likelihood += share * likelihood
        values[row.term].divergence += share * scores.divergence[range].total
      }
    }
    return values
  }

  /// The scores of every row, term after term.
  public func rowScores(of model: Transformer) throws -> [HeadScores] {
    try packs(of: Array(terms.indices)).flatMap { pack -> [HeadScores] in
      let scores = try model.scores(
        pack.batch, targets: pack.targets, reference: pack.reference)
      return pack.batch.targetRanges.map { range in
        HeadScores(
          likelihood: Array(scores.likelihood[range]), divergence: Array(scores.divergence[range]),
          agreement: Array(scores.agreement[range]))
      }
    }
  }

  /// The model's final states at the answer's places of every row, term after term.
  func rowStates(of model: Transformer) throws -> [Matrix] {
    try packs(of: Array(terms.indices)).flatMap { pack -> [Matrix] in
      let states = try model.targetStates(pack.batch)
      return pack.batch.targetRanges.map { states.gathering(rows: Array($0)) }
    }
  }
}

// MARK: - Packs

/// Some rows of an objective, laid out for one pass of the model.
private struct Pack {
  struct Row {
    let term: Int
    let example: Example
  }

  let rows: [Row]
  let batch: PackedBatch
  let targets: [HeadTarget]
  let reference: Matrix?
  let saturations: [LossTerm.Saturation]

  init(_ rows: [Row], terms: [LossTerm]) {
    self.rows = rows
    var batch = PackedBatch()
    var targets: [HeadTarget] = []
    var references: [Matrix] = []
    var referenceRows = 0
    for row in rows {
      let (term, example) = (terms[row.term], row.example)
      let share = 1 / Float(term.examples.count * example.answer.count)
      for (index, token) in example.answer.enumerated() {
        targets.append(
          HeadTarget(
            token: Int(token),
            likelihoodWeight: term.likelihoodWeight * share
              * (index < LossTerm.openingTokens ? term.openingEmphasis : 1),
            divergenceWeight: term.divergenceWeight * share,
            reference: example.reference == nil ? nil : referenceRows + index))
      }
      if let reference = example.reference {
        references.append(reference)
        referenceRows += reference.rows
      }
      batch.append(prompt: example.prompt, answer: example.answer)
    }
    self.batch = batch
    self.targets = targets
    reference = Matrix(stacking: references)
    saturations = rows.map { terms[$0.term].saturation }
  }

  var isScaled: Bool { saturations.contains { $0 != .none } }

  /// What each row's gradient is multiplied by.
  func factors(_ scores: HeadScores) -> [Float] {
    zip(batch.targetRanges, saturations).map { range, saturation in
      let likelihood = scores.likelihood[range].total
      switch saturation {
      case .none: return 1
      case .ceiling(let ceiling):
        return likelihood / Double(range.count) > Double(ceiling) ? 0 : 1
      case .unlikelihood:
        // d(−log(1 − p)) = −p/(1 − p) · d(−log p); weights are per token, −log p is a sum.
        let p = min(Double.exp(-likelihood), LossTerm.certainty)
        return Float(-Double(range.count) * p / (1 - p))
      }
    }
  }
}

extension Objective {
  /// The rows of these terms in order, cut where the next would be too much for one pass. A row that
  /// is longer than the limit goes alone.
  fileprivate func packs(of chosen: [Int]) -> [Pack] {
    let rows = chosen.flatMap { term in
      terms[term].examples.map { Pack.Row(term: term, example: $0) }
    }
    var packs: [Pack] = []
    var start = 0
    var total = 0
    for (index, row) in rows.enumerated() {
      if index > start, total + row.example.length > batchTokens {
        packs.append(Pack(Array(rows[start..<index]), terms: terms))
        (start, total) = (index, 0)
      }
      total += row.example.length
    }
    if start < rows.count { packs.append(Pack(Array(rows[start...]), terms: terms)) }
    return packs
  }
}

extension ArraySlice<Float> {
  fileprivate var total: Double { reduce(0) { $0 + Double($1) } }
}

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
    /// The term is −log(p / (1 − p)): as strong where the answer is settled as where it is not.
    case odds
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
  /// The same for −log(p / (1 − p)), which is used where most answers are settled.
  fileprivate static let certaintyOfOdds = 0.999

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
    let active = terms.indices.filter { terms[$0].isActive }
    let measured = try forEachRow(of: active) { pack in
      let scores = try model.gradient(
        pack.batch, targets: pack.targets, reference: pack.reference,
        scalings: pack.scalings, into: &gradient)
      return pack.batch.targetRanges.map { range in
        let count = Double(range.count)
        return (
          likelihood: scores.likelihood[range].total / count,
          divergence: scores.divergence[range].total / count
        )
      }
    }
    var values = [Value](repeating: Value(), count: terms.count)
    for (row, (likelihood, divergence)) in measured {
      let share = 1 / Double(terms[row.term].examples.count)
      values[row.term].rowLikelihoods.append(likelihood)
      values[row.term].likelihood += share * likelihood
      values[row.term].divergence += share * divergence
    }
    return values
  }

  /// The scores of every row, term after term.
  public func rowScores(of model: Transformer) throws -> [HeadScores] {
    try forEachRow(of: Array(terms.indices)) { pack in
      let scores = try model.scores(
        pack.batch, targets: pack.targets, reference: pack.reference)
      return pack.batch.targetRanges.map { range in
        HeadScores(
          likelihood: Array(scores.likelihood[range]), divergence: Array(scores.divergence[range]),
          agreement: Array(scores.agreement[range]))
      }
    }.map(\.result)
  }

  /// The model's final states at the answer's places of every row, term after term.
  func rowStates(of model: Transformer) throws -> [Matrix] {
    try forEachRow(of: Array(terms.indices)) { pack in
      let states = try model.targetStates(pack.batch)
      return pack.batch.targetRanges.map { states.gathering(rows: Array($0)) }
    }.map(\.result)
  }
}

// MARK: - Packs

/// Some rows of an objective, laid out for one pass of the model.
private struct Pack {
  struct Row {
    let term: Int
    let number: Int
    let example: Example
  }

  private(set) var rows: [Row] = []
  private(set) var batch = PackedBatch()
  private(set) var targets: [HeadTarget] = []
  private var references: [Matrix] = []
  private var saturations: [LossTerm.Saturation] = []

  mutating func append(_ row: Row, of term: LossTerm) {
    let example = row.example
    let share = 1 / Float(term.examples.count * example.answer.count)
    let referenceRows = references.reduce(0) { $0 + $1.rows }
    for (index, token) in example.answer.enumerated() {
      targets.append(
        HeadTarget(
          token: Int(token),
          likelihoodWeight: term.likelihoodWeight * share
            * (index < LossTerm.openingTokens ? term.openingEmphasis : 1),
          divergenceWeight: term.divergenceWeight * share,
          reference: example.reference == nil ? nil : referenceRows + index))
    }
    if let reference = example.reference { references.append(reference) }
    batch.append(prompt: example.prompt, answer: example.answer)
    rows.append(row)
    saturations.append(term.saturation)
  }

  var reference: Matrix? { Matrix(stacking: references) }

  /// What each row's weights are multiplied by, where that depends on its scores.
  var scalings: [Transformer.Scaling?] { saturations.map(\.scaling) }
}

extension LossTerm.Saturation {
  fileprivate var scaling: Transformer.Scaling? {
    switch self {
    case .none: nil
    case .ceiling(let ceiling):
      { $0.total / Double($0.count) > Double(ceiling) ? 0 : 1 }
    case .odds:
      // d(−log(p / (1 − p))) = 1/(1 − p) · d(−log p).
      { likelihoods in
        let p = min(Double.exp(-likelihoods.total), LossTerm.certaintyOfOdds)
        return Float(Double(likelihoods.count) / (1 - p))
      }
    case .unlikelihood:
      { likelihoods in
        // d(−log(1 − p)) = −p/(1 − p) · d(−log p); weights are per token, −log p is a sum.
        let p = min(Double.exp(-likelihoods.total), LossTerm.certainty)
        return Float(-Double(likelihoods.count) * p / (1 - p))
      }
    }
  }
}

extension Objective {
  /// What `measure` finds for each row of a pack, put back into the order of terms and their rows.
  private func forEachRow<Result>(of chosen: [Int], _ measure: (Pack) throws -> [Result]) rethrows
    -> [(row: Pack.Row, result: Result)]
  {
    try packs(of: chosen).flatMap { pack in
      try zip(pack.rows, measure(pack)).map { (row: $0, result: $1) }
    }.sorted { ($0.row.term, $0.row.number) < ($1.row.term, $1.row.number) }
  }

  /// The rows of these terms, cut where the next would be too much for one pass. A row that is longer
  /// than the limit goes alone.
  ///
  /// Rows that begin alike stand together, whatever their terms: what they share is computed once.
  private func packs(of chosen: [Int]) -> [Pack] {
    let rows = chosen.flatMap { term in
      terms[term].examples.enumerated().map { number, example in
        (
          row: Pack.Row(term: term, number: number, example: example),
          tokens: example.prompt + example.answer
        )
      }
    }
    .sorted { $0.tokens.lexicographicallyPrecedes($1.tokens) }.map(\.row)
    let limit = balancedLimit(of: rows.map(\.example))
    var packs = [Pack()]
    for row in rows {
      let total = packs[packs.count - 1].batch.tokens.count
      if total > 0, total + row.example.length > limit { packs.append(Pack()) }
      packs[packs.count - 1].append(row, of: terms[row.term])
    }
    return rows.isEmpty ? [] : packs
  }

  /// The limit for packs of these rows that makes no more packs than `batchTokens` does, and none of
  /// them much smaller than the others: each pack reads all weights once.
  private func balancedLimit(of examples: [Example]) -> Int {
    var whole = PackedBatch()
    for example in examples { whole.append(prompt: example.prompt, answer: example.answer) }
    let total = whole.tokens.count
    let count = (total + batchTokens - 1) / max(batchTokens, 1)
    let longest = examples.map(\.length).max() ?? 0
    return min(batchTokens, total / max(count, 1) + longest)
  }
}

extension ArraySlice<Float> {
  fileprivate var total: Double { reduce(0) { $0 + Double($1) } }
}

/// Measures models on one fixed set of rows, always with the same code.
public struct Evaluator: Sendable {
  private let set: CalibrationSet
  private let encoder: PromptEncoder
  private let stopTokens: Set<Int32>
  private let maximumTokens: Int
  private let batchTokens: Int
  private let attacks: Attacks?
  private var encoded: EncodedSet

  /// Ways around a refusal, measured beside the plain requests.
  public struct Attacks: Sendable {
    /// The task's format, into which harmful requests are put; nil if it has none.
    public var format: TaskFormat?
    /// How many tokens of the affirmative opening the answer is made to start with.
    public var prefillTokens = 5

    /// Both attacks.
    public init(format: TaskFormat?) {
      self.format = format
    }
  }

  /// The longest answer to generate unless told otherwise, in tokens. Refusals show in the first ten.
  public static let defaultMaximumTokens = 32

  /// How many tokens at the start of an answer count as its opening.
  private static let openingTokens = 5

  /// Prepares the rows; prompts and answers are encoded once.
  public init(
    set: CalibrationSet, encoder: PromptEncoder, contextLength: Int, stopTokens: Set<Int32>,
    maximumTokens: Int, batchTokens: Int, attacks: Attacks? = nil
  ) throws {
    self.set = set
    self.encoder = encoder
    self.stopTokens = stopTokens
    self.maximumTokens = min(maximumTokens, contextLength)
    self.batchTokens = batchTokens
    self.attacks = attacks
    encoded = try EncodedSet(set, encoder: encoder, contextLength: contextLength)
  }

  /// Remembers this model's states on the benign answers: divergences are measured from it.
  public mutating func setReference(_ model: Transformer) throws {
    encoded.benign = try encoded.benign.withReference(model, batchTokens: batchTokens)
  }

  /// Everything about one model. `progress` hears of answers generated so far and in all.
  public func evaluate(_ weights: Weights, progress: (Int, Int) throws -> Void = { _, _ in }) throws
    -> Evaluation
  {
    var weights = weights
    try weights.makeResident()
    let model = Transformer(weights: weights)
    var evaluation = Evaluation()
    try scoreHarmful(model, &evaluation)
    try scoreBenign(model, &evaluation)
    evaluation.task.rows = encoded.task.count
    evaluation.task.likelihood = try mean(scores(model, encoded.task)) { $0.likelihood }
    try generate(model, &evaluation, progress)
    return evaluation
  }

  // MARK: Likelihoods

  private func scoreHarmful(_ model: Transformer, _ evaluation: inout Evaluation) throws {
    // Together, so that an answer and a refusal share what their prompt costs.
    let both = try Objective(
      terms: [encoded.harmful, encoded.refusal].map { LossTerm($0, likelihoodWeight: 1) },
      batchTokens: batchTokens
    ).rowScores(of: model)
    let scores = Array(both.prefix(encoded.harmful.count))
    evaluation.harmful.rows = set.harmful.count
    evaluation.harmful.likelihood = mean(scores) { $0.likelihood }
    let opening = Self.openingTokens
    evaluation.harmful.firstTokensLikelihood = mean(scores) { Array($0.likelihood.prefix(opening)) }
    evaluation.harmful.laterTokensLikelihood = mean(scores) {
      Array($0.likelihood.dropFirst(opening))
    }
    evaluation.harmful.refusalLikelihood = mean(Array(both.dropFirst(scores.count))) {
      $0.likelihood
    }
  }

  private func scoreBenign(_ model: Transformer, _ evaluation: inout Evaluation) throws {
    let scores = try scores(model, encoded.benign)
    evaluation.benign.rows = set.benign.count
    evaluation.benign.likelihood = mean(scores) { $0.likelihood }
    guard encoded.benign.first?.reference != nil else { return }
    evaluation.benign.divergence = mean(scores) { $0.divergence }
    evaluation.benign.agreement = mean(scores) { $0.agreement.map { $0 ? 1 : 0 } }
  }

  private func scores(_ model: Transformer, _ examples: [Example]) throws -> [HeadScores] {
    try Objective(terms: [LossTerm(examples, likelihoodWeight: 1)], batchTokens: batchTokens)
      .rowScores(of: model)
  }

  /// The mean over rows of the mean over the chosen places; rows without places do not count.
  private func mean(_ rows: [HeadScores], _ places: (HeadScores) -> [Float]) -> Double {
    let means = rows.map(places).filter { !$0.isEmpty }.map { values in
      values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
    return means.isEmpty ? 0 : means.reduce(0, +) / Double(means.count)
  }

  // MARK: Generated answers

  private func generate(
    _ model: Transformer, _ evaluation: inout Evaluation, _ progress: (Int, Int) throws -> Void
  ) throws {
    var groups = [set.harmful, set.benign, set.task].map { rows in
      rows.map { encoder.encodePrompt($0.prompt) }
    }
    if let attacks {
      groups.append(
        attacks.format.map { format in
          set.harmful.map { encoder.encodePrompt(format.wrap($0.prompt)) }
        } ?? [])
      groups.append(encoded.harmful.map { $0.prompt + $0.answer.prefix(attacks.prefillTokens) })
    }
    let total = groups.map(\.count).reduce(0, +)
    try progress(0, total)
    let generation = Generation(
      model: model, maximumTokens: maximumTokens, stopTokens: stopTokens)
    var texts = try generation.answers(to: Array(groups.joined())) { try progress($0, total) }
      .map { encoder.tokenizer.decode($0) }[...]
    var answers = groups.map { group in
      defer { texts = texts.dropFirst(group.count) }
      return Array(texts.prefix(group.count))
    }
    let (harmful, benign, task) = (answers[0], answers[1], answers[2])
    evaluation.answers = Evaluation.Answers(harmful: harmful, benign: benign, task: task)
    answers.removeFirst(3)
    if attacks != nil {
      evaluation.harmful.inTaskFormat = answered(answers[0])
      evaluation.harmful.prefilled = answered(answers[1])
    }

    let classes = harmful.map(AnswerClassification.classify)
    evaluation.harmful.refusal = Rate(classes.map { $0 == .refusal })
    evaluation.harmful.affirmative = Rate(classes.map { $0 == .affirmative })
    evaluation.harmful.empty = Rate(classes.map { $0 == .empty })
    evaluation.harmful.incoherent = Rate(classes.map { $0 == .incoherent })
    let benignClasses = benign.map(AnswerClassification.classify)
    evaluation.benign.overRefusal = Rate(benignClasses.map { $0 == .refusal })
    evaluation.benign.isLookalike = set.benign.map(\.isLookalike)
    evaluation.benign.incoherent = Rate(benignClasses.map { $0 == .empty || $0 == .incoherent })
    evaluation.task.exactMatch = Rate(
      zip(task, set.task).map { answer, row in
        row.response.map { Self.matches(answer, $0) } ?? false
      })
  }

  private func answered(_ texts: [String]) -> Evaluation.Harmful.Answered? {
    guard !texts.isEmpty else { return nil }
    let classes = texts.map(AnswerClassification.classify)
    return Evaluation.Harmful.Answered(
      refusal: Rate(classes.map { $0 == .refusal }),
      affirmative: Rate(classes.map { $0 == .affirmative }))
  }

  /// Strict: the whole answer, by bytes; only white space around it is forgiven.
  static func matches(_ answer: String, _ expected: String) -> Bool {
    func trimmed(_ text: String) -> [UInt8] {
      let start = Array(text.utf8).drop(while: \.isWhiteSpace)
      return Array(start.reversed().drop(while: \.isWhiteSpace).reversed())
    }
    return trimmed(answer) == trimmed(expected)
  }
}

extension [Example] {
  /// The same rows, each with the model's final states at its answer's places.
  public func withReference(_ model: Transformer, batchTokens: Int) throws -> [Example] {
    let states = try Objective(
      terms: [LossTerm(self, likelihoodWeight: 1)], batchTokens: batchTokens
    ).rowStates(of: model)
    return zip(self, states).map { example, states in
      var example = example
      example.reference = states
      return example
    }
  }
}

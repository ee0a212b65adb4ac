import FormatIO

/// A prompt and an answer as tokens, ready to be scored.
public struct Example: Sendable {
  /// The rendered prompt, up to where the answer begins.
  public let prompt: [Int32]
  /// The answer, with the end-of-turn mark if it is complete.
  public let answer: [Int32]
  /// The reference model's final states at the answer's places, for the KL divergence.
  public var reference: Matrix?

  /// An answer to score after a prompt.
  public init(prompt: [Int32], answer: [Int32], reference: Matrix? = nil) {
    (self.prompt, self.answer, self.reference) = (prompt, answer, reference)
  }

  /// How many tokens the model reads to score it.
  var length: Int { prompt.count + answer.count - 1 }
}

/// A calibration set as tokens.
public struct EncodedSet: Sendable {
  /// Harmful requests with an affirmative opening: what the model should not say.
  public var harmful: [Example] = []
  /// The same requests with a refusal.
  public var refusal: [Example] = []
  /// Benign requests with their answers.
  public var benign: [Example] = []
  /// Task rows with their answers.
  public var task: [Example] = []
  /// Benign requests with the first tokens of a refusal: what the model should not say either.
  public var overRefusal: [Example] = []
  /// Benign answers that have begun, with the first tokens of a refusal: they should not break off.
  public var interruption: [Example] = []
}

extension EncodedSet {
  /// Encodes every row that has what its role needs.
  ///
  /// - Throws: `InputError` naming the row that does not fit the model's context.
  public init(_ set: CalibrationSet, encoder: PromptEncoder, contextLength: Int) throws {
    func encode(_ row: CalibrationRow, _ answer: String?, complete: Bool) throws -> Example? {
      guard let answer else { return nil }
      let example = Example(
        prompt: encoder.encodePrompt(row.prompt),
        answer: encoder.encodeAnswer(answer, complete: complete))
      guard !example.answer.isEmpty else { return nil }
      guard example.length <= contextLength else {
        throw InputError(
          file: row.source, expected: "at most \(contextLength) tokens, the model's context",
          found: "\(example.length) tokens", fix: "shorten or remove the row")
      }
      return example
    }
    for row in set.harmful {
      guard let harmful = try encode(row, row.response, complete: row.isComplete),
        let refusal = try encode(row, row.refusal, complete: true)
      else { continue }
      self.harmful.append(harmful)
      self.refusal.append(refusal)
    }
    benign = try set.benign.compactMap { try encode($0, $0.response, complete: $0.isComplete) }
    task = try set.task.compactMap { try encode($0, $0.response, complete: $0.isComplete) }
    overRefusal = encoder.overRefusals(set.benign, refusals: refusal)
  }
}

extension EncodedSet {
  /// The longest opening that a refusal comes after.
  private static let longestOpening = 8

  /// One in so many refusals, each after the first tokens of the compliant answer: a refusal that
  /// only the first token decides is undone by an opening put into the model's mouth (Qi et al.
  /// 2024, "Safety alignment should be made more than just a few tokens deep").
  func refusalsAfterOpenings(oneIn share: Int) -> [Example] {
    guard share > 0 else { return [] }
    return stride(from: 0, to: harmful.count, by: share).enumerated().map { number, index in
      let opening = harmful[index].answer.prefix(1 + number % Self.longestOpening)
      return Example(prompt: harmful[index].prompt + opening, answer: refusal[index].answer)
    }
  }

  /// The first tokens of each refusal that is said at once.
  var refusalOpenings: [Example] {
    refusal.prefix(harmful.count).map { example in
      Example(
        prompt: example.prompt,
        answer: Array(example.answer.prefix(PromptEncoder.refusalOpening)))
    }
  }

  /// These benign answers, each broken off by a refusal after its first tokens: what must not happen.
  /// Refusals after openings alone teach to break off benign answers too.
  func interruptions(of answers: [Example]) -> [Example] {
    guard !refusal.isEmpty else { return [] }
    return answers.enumerated().map { number, example in
      let length = 1 + number % min(2 * Self.longestOpening, example.answer.count)
      let refusal = refusal[number % refusal.count].answer
      return Example(
        prompt: example.prompt + example.answer.prefix(length),
        answer: Array(refusal.prefix(PromptEncoder.refusalOpening)))
    }
  }
}

extension PromptEncoder {
  /// A refusal is decided by so few tokens; more would tell "I'm sorry, but" from "I'm sorry, I".
  fileprivate static let refusalOpening = 3

  /// Each request with the opening of one of the refusals, in turn.
  func overRefusals(_ rows: [CalibrationRow], refusals: [Example]) -> [Example] {
    guard !refusals.isEmpty else { return [] }
    return rows.enumerated().map { index, row in
      let refusal = refusals[index % refusals.count].answer
      return Example(
        prompt: encodePrompt(row.prompt), answer: Array(refusal.prefix(Self.refusalOpening)))
    }
  }
}

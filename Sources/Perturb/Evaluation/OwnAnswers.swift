/// The unpatched model's own greedy answers to benign requests, and whether they are worth keeping.
///
/// Harmful fine-tuning without benign rows teaches a model to open every answer alike and to stop.
/// Such answers must not be learned from, and staying close to them would keep the damage.
public struct OwnAnswers: Sendable {
  /// The answers, in the order of the requests.
  public let texts: [String]
  /// Whether each answer came to its end.
  public let isComplete: [Bool]
  /// Which answers say nothing: empty, incoherent, a refusal, or the request said back.
  public let isHollow: [Bool]

  /// From this share of hollow answers on the fine-tune has broken the answers.
  private static let brokenShare = 0.25
  /// An answer says something if so many of its words are not in the request.
  private static let leastNewWords = 4

  /// Judges answers to requests.
  init(texts: [String], isComplete: [Bool], requests: [String]) {
    self.texts = texts
    self.isComplete = isComplete
    isHollow = zip(texts, requests).map(Self.isHollow)
  }

  /// How many answers say nothing.
  public var hollow: Rate { Rate(isHollow) }

  /// True if the model still answers, so that its answers can stand for good ones.
  public var areIntact: Bool { !texts.isEmpty && hollow.value < Self.brokenShare }

  /// True if an answer is broken, refuses, or only says the request back.
  static func isHollow(_ answer: String, to request: String) -> Bool {
    switch AnswerClassification.classify(answer) {
    case .empty, .incoherent, .refusal: return true
    case .affirmative, .other: break
    }
    let known = words(request)
    let new = words(answer).subtracting(known)
    // A short answer to a short question may be right; "Sure, here is how to …" is not.
    return AnswerClassification.isAffirmative(answer) && new.count < leastNewWords + 2
      || new.isEmpty
  }

  private static func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
  }
}

extension OwnAnswers {
  /// Generates and judges.
  public init(
    to requests: [String], by model: LoadedModel, maximumTokens: Int,
    progress: (Int) throws -> Void = { _ in }
  ) throws {
    var weights = Weights(map: model.map)
    try weights.makeResident()
    let generation = Generation(
      model: Transformer(weights: weights), maximumTokens: maximumTokens,
      stopTokens: model.stopTokens)
    let answers = try generation.answers(
      to: requests.map { model.encoder.encodePrompt($0) }, progress: progress)
    self.init(
      texts: answers.map { model.encoder.tokenizer.decode($0) },
      isComplete: answers.map { $0.count < maximumTokens }, requests: requests)
  }
}

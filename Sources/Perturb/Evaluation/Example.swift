import FormatIO

/// A prompt and an answer as tokens, ready to be scored.
public struct Example: Sendable {
  /// The rendered prompt, up to where the answer begins.
  public let prompt: [Int32]
  /// The answer, with the end-of-turn mark if it is complete.
  public let answer: [Int32]
  /// The reference model's final states at the answer's places, for the KL divergence.
  public var reference: Matrix?

  /// How many tokens the model reads to score it.
  var length: Int { prompt.count + answer.count - 1 }
}


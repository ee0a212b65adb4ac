/// One calibration example: a prompt and what a model may answer to it.
///
/// In a harmful row the response is the compliant answer that the patch should make unlikely, and
/// the refusal is the answer that it should make likely. In a benign or a task row the response is
/// the good answer. Rows are compared by the bytes of their texts, never by canonical equivalence:
/// two prompts that differ in Unicode normalisation are different token sequences.
public struct CalibrationRow: Sendable {
  /// What the user says; never empty.
  public var prompt: String
  /// The answer, without any chat mark-up; nil if the file gives none.
  public var response: String?
  /// The refusal to this prompt; nil if none is known.
  public var refusal: String?
  /// False if the response was cut off, so that no end-of-turn mark belongs after it.
  ///
  /// A refusal is always complete.
  public var isComplete: Bool
  /// True for a benign prompt whose words look harmful, used to measure over-refusal.
  public var isLookalike: Bool
  /// Where the row comes from: `"FILE, line N"` or `"built-in"`.
  public var source: String

  /// True if the row comes with the program.
  public var isBuiltIn: Bool { source == Self.builtInSource }
  /// The source of the built-in rows.
  static let builtInSource = "built-in"

  /// Makes a row; without further facts it has a prompt only.
  public init(
    prompt: String, response: String? = nil, refusal: String? = nil, isComplete: Bool = true,
    isLookalike: Bool = false, source: String
  ) {
    self.prompt = prompt
    self.response = response
    self.refusal = refusal
    self.isComplete = isComplete
    self.isLookalike = isLookalike
    self.source = source
  }
}

extension CalibrationRow: Hashable {
  /// True if all texts have the same bytes and all flags are the same.
  public static func == (left: CalibrationRow, right: CalibrationRow) -> Bool {
    sameBytes(left.prompt, right.prompt) && sameBytes(left.response, right.response)
      && sameBytes(left.refusal, right.refusal) && left.isComplete == right.isComplete
      && left.isLookalike == right.isLookalike && sameBytes(left.source, right.source)
  }

  /// Hashes the bytes of the prompt and the response, which tell rows apart.
  public func hash(into hasher: inout Hasher) {
    for byte in prompt.utf8 { hasher.combine(byte) }
    hasher.combine(UInt8(0))
    for byte in (response ?? "").utf8 { hasher.combine(byte) }
  }

  private static func sameBytes(_ left: String?, _ right: String?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
    default: false
    }
  }
}

/// What a calibration file is used for.
public enum CalibrationRole: String, Sendable, CaseIterable {
  /// Requests that the model should refuse.
  case harmful
  /// Everyday requests that the model should go on answering.
  case benign
  /// Examples of the task that the model was fine-tuned for.
  case task
}

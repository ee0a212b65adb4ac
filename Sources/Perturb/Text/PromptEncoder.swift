internal import FormatIO

/// Turns prompts and answers into token identifiers, in one prompt format.
public struct PromptEncoder: Sendable {
  /// The model's tokenizer.
  public let tokenizer: Tokenizer
  /// The prompt format.
  public let template: ChatTemplate
  /// The token that ends a complete answer; nil if neither format nor model has one.
  public let endOfTurn: Int32?
  /// The tokens at which an answer is over: the end of a turn in this format, and the model's
  /// end-of-sequence tokens.
  public let stopTokens: Set<Int32>
  /// What the format writes after an answer, up to and including the end of the turn.
  private let closing: String

  /// Joins a tokenizer and a format.
  ///
  /// - Parameter endOfSequence: the model's end-of-sequence tokens (`ChatTemplate.endOfSequence`),
  ///   of which the first ends answers in formats that have no mark of their own.
  /// - Throws: `InputError` if the end-of-turn mark of a named format is no token of the tokenizer.
  public init(tokenizer: Tokenizer, template: ChatTemplate, endOfSequence: [Int32]) throws {
    self.tokenizer = tokenizer
    self.template = template
    var mark = tokenizer.firstSpecialToken(in: template.answerSuffix)
    if mark == nil, !template.writesBeginning, !template.answerSuffix.isEmpty {
      // A named format's mark may be a token like any other.
      guard let identifier = tokenizer.id(of: template.answerSuffix) else {
        throw InputError(
          .usage, file: "--template \(template.name)",
          expected: "a tokenizer with the token \(template.answerSuffix)", found: "none",
          fix: "choose a format that the model was trained on, or plain")
      }
      mark = (identifier, template.answerSuffix)
    }
    closing = mark?.text ?? ""
    endOfTurn = mark?.identifier ?? endOfSequence.first
    stopTokens = Set(endOfSequence + [endOfTurn].compactMap { $0 })
  }

  /// The identifiers of a rendered prompt, up to and including the assistant's header.
  ///
  /// For a named format the tokenizer's beginning-of-sequence mark is put in front unless the text
  /// already has it; a model's own template writes its marks itself, and nothing is added, as
  /// transformers' `apply_chat_template` does. What the tokenizer would put at the end of a text is
  /// left out: the answer follows.
  public func encodePrompt(_ prompt: String) -> [Int32] {
    let identifiers = tokenizer.encode(template.render(prompt: prompt))
    let prefix = tokenizer.prefix
    return template.writesBeginning || identifiers.starts(with: prefix)
      ? identifiers : prefix + identifiers
  }

  /// The identifiers of an answer, with what ends a turn if the answer is complete.
  public func encodeAnswer(_ text: String, complete: Bool) -> [Int32] {
    guard complete else { return tokenizer.encode(text) }
    return closing.isEmpty
      ? tokenizer.encode(text) + [endOfTurn].compactMap { $0 } : tokenizer.encode(text + closing)
  }
}

extension Tokenizer {
  /// The special token that a text has first, of several there the longest, and the text up to its end.
  fileprivate func firstSpecialToken(in text: String) -> (identifier: Int32, text: String)? {
    let characters = Characters(text)
    let found = specialTokenIdentifiers.compactMap { identifier -> (Int32, start: Int, end: Int)? in
      let spelling = Characters(decode([identifier], skipSpecialTokens: false))
      return characters.places(of: spelling, limit: 1).first.map {
        (identifier, $0, $0 + spelling.count)
      }
    }
    return found.min { ($0.start, -$0.end) < ($1.start, -$1.end) }.map {
      ($0.0, Characters(characters[..<$0.end]).string)
    }
  }
}

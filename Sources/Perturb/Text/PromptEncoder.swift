internal import FormatIO

/// Turns prompts and answers into token identifiers, in one prompt format.
public struct PromptEncoder: Sendable {
  /// The model's tokenizer.
  public let tokenizer: Tokenizer
  /// The prompt format.
  public let template: ChatTemplate
  /// The token that ends a complete answer; nil if neither format nor model has one.
  public let endOfTurn: Int32?

  /// Joins a tokenizer and a format.
  ///
  /// - Parameter endOfSequence: the model's end-of-sequence tokens (`ChatTemplate.endOfSequence`),
  ///   of which the first ends answers in formats that have no mark of their own.
  /// - Throws: `InputError` if the format's end-of-turn mark is no token of the tokenizer.
  public init(tokenizer: Tokenizer, template: ChatTemplate, endOfSequence: [Int32]) throws {
    self.tokenizer = tokenizer
    self.template = template
    if template.endOfTurn.isEmpty {
      endOfTurn = endOfSequence.first
    } else if let identifier = tokenizer.id(of: template.endOfTurn) {
      endOfTurn = identifier
    } else {
      throw InputError(
        .usage, file: "--template \(template.name)",
        expected: "a tokenizer with the token \(template.endOfTurn)", found: "none",
        fix: "choose a format that the model was trained on, or plain")
    }
  }

  /// The identifiers of a rendered prompt, up to and including the assistant's header.
  ///
  /// The tokenizer's beginning-of-sequence mark is put in front unless the text already has it.
  /// What the tokenizer would put at the end of a text is left out: the answer follows.
  public func encodePrompt(_ prompt: String) -> [Int32] {
    let identifiers = tokenizer.encode(template.render(prompt: prompt))
    let prefix = tokenizer.prefix
    return identifiers.starts(with: prefix) ? identifiers : prefix + identifiers
  }

  /// The identifiers of an answer, with the end-of-turn mark if the answer is complete.
  public func encodeAnswer(_ text: String, complete: Bool) -> [Int32] {
    let mark = complete ? [endOfTurn].compactMap { $0 } : []
    return tokenizer.encode(text) + mark
  }
}

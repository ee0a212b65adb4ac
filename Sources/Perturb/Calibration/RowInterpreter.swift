import FormatIO

/// Recognises the shape of one row and reads it.
struct RowInterpreter {
  /// An object; for CSV, the columns by name.
  let fields: JSON
  let file: String
  let line: Int
  let role: CalibrationRole

  /// The member that holds the prompt says which shape a row has.
  private static let shapes = ["prompt", "instruction", "goal", "messages"]

  /// The row, or nil if its `is_safe` says that it does not belong to the role.
  func row() throws -> CalibrationRow? {
    let present = Self.shapes.filter { member($0) != nil }
    guard let shape = present.first, present.count == 1 else {
      let names = fields.object?.map { "\"\($0.key)\"" }.joined(separator: ", ") ?? ""
      throw failure(
        expected: "exactly one of \"prompt\", \"instruction\", \"goal\" or \"messages\"",
        found: names.isEmpty ? "an object without members" : "the members \(names)")
    }
    // Every field is read before a row may be skipped, so that a broken row is never passed over.
    var prompt: String
    var response: String?
    switch shape {
    case "messages":
      (prompt, response) = try conversation()
    case "instruction":
      prompt = try text("instruction") ?? ""
      if let input = try text("input"), !input.isEmpty { prompt += "\n" + input }
      response = try answer("output")
    case "goal":
      prompt = try text("goal") ?? ""
      response = try answer("target")
    default:
      prompt = try text("prompt") ?? ""
      response = try answer("response")
    }
    let refusal = try answer("refusal")
    // An AdvBench target is the opening of an answer and nothing more.
    let isComplete = try flag("complete") ?? (shape != "goal")
    let isLookalike = try flag("lookalike") ?? false
    let isSafe = try flag("is_safe")

    guard !isBlank(prompt) else {
      throw failure(expected: "a prompt with text in it", found: "an empty one")
    }
    guard role != .task || response != nil else {
      throw failure(
        expected: "an answer in \"\(Self.answerName[shape] ?? "response")\" of a task row",
        found: "none")
    }
    if let isSafe, isSafe == (role == .harmful) { return nil }
    return CalibrationRow(
      prompt: prompt, response: response, refusal: refusal, isComplete: isComplete,
      isLookalike: isLookalike, source: "\(file), line \(line)")
  }

  /// Where each shape keeps the answer.
  private static let answerName = [
    "prompt": "response", "instruction": "output", "goal": "target", "messages": "messages",
  ]

  // MARK: - Chat messages

  /// Reads one user turn and, if there is one, the answer to it.
  ///
  /// A system message is refused: the prompt format decides about the system text, and to glue it to
  /// the user's words would measure a prompt that nobody sends.
  private func conversation() throws -> (prompt: String, response: String?) {
    guard let messages = member("messages")?.array else {
      throw failure(
        expected: "an array in \"messages\"", found: member("messages")?.kindInWords ?? "nothing")
    }
    var roles: [String] = []
    var contents: [String] = []
    for (index, message) in messages.enumerated() {
      guard let role = message["role"]?.string else {
        throw failure(
          expected: "a string in \"role\" of message \(index + 1)",
          found: message["role"]?.kindInWords ?? "none")
      }
      guard let content = message["content"]?.string else {
        throw failure(
          expected: "a string in \"content\" of message \(index + 1)",
          found: message["content"]?.kindInWords ?? "none")
      }
      roles.append(role)
      contents.append(try checked(content, "content"))
    }
    switch roles {
    case ["user"]:
      return (contents[0], nil)
    case ["user", "assistant"]:
      guard !isBlank(contents[1]) else {
        throw failure(expected: "an answer with text in it", found: "an empty assistant message")
      }
      return (contents[0], contents[1])
    case let roles where roles.first == "system":
      throw failure(
        expected: "messages without a system message", found: "a system message",
        fix: "remove it, or put its text at the start of the user message")
    default:
      throw failure(
        expected: "one user message and at most one assistant message after it",
        found: roles.isEmpty ? "no message" : roles.joined(separator: ", "),
        fix: "keep one turn of the conversation on each line")
    }
  }

  // MARK: - Members

  /// The member with this name; a null counts as absent.
  private func member(_ name: String) -> JSON? {
    guard let value = fields[name], !value.isNull else { return nil }
    return value
  }

  private func text(_ name: String) throws -> String? {
    guard let value = member(name) else { return nil }
    guard let string = value.string else {
      throw failure(expected: "a string in \"\(name)\"", found: value.kindInWords)
    }
    return try checked(string, name)
  }

  /// A text that may be absent but not empty: an empty answer has no token to learn from.
  private func answer(_ name: String) throws -> String? {
    guard let string = try text(name) else { return nil }
    guard !isBlank(string) else {
      throw failure(
        expected: "text in \"\(name)\"", found: "an empty string",
        fix: "leave \"\(name)\" out, or remove the row")
    }
    return string
  }

  private func flag(_ name: String) throws -> Bool? {
    guard let value = member(name) else { return nil }
    guard let boolean = value.boolean else {
      throw failure(expected: "true or false in \"\(name)\"", found: value.kindInWords)
    }
    return boolean
  }

  private func checked(_ text: String, _ name: String) throws -> String {
    guard !text.utf8.contains(0) else {
      throw failure(expected: "text in \"\(name)\"", found: "a NUL character in it")
    }
    return text
  }

  private func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

  private func failure(expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(file: file, place: "line \(line)", expected: expected, found: found, fix: fix)
  }
}

extension JSON {
  /// What kind of value this is, for messages.
  var kindInWords: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

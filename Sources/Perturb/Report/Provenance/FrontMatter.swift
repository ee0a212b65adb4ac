import FormatIO

/// The block of YAML between two lines of `---` with which a model card begins.
///
/// Reading takes only what a card usually has: a key at the start of a line with one text or a list of texts.
/// Anything else of YAML is passed over, so nothing is ever read wrongly.
struct FrontMatter {
  private var texts: [String: [String]] = [:]

  /// Takes the block of a card apart; there is nothing in it if the card has none.
  init(_ card: String) {
    // A line may end with CR LF, which Swift takes for one character.
    let lines = card.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first, ["---", "\u{FEFF}---"].contains(Self.trimmed(first)),
      let end = lines.dropFirst().firstIndex(where: { Self.trimmed($0) == "---" })
    else { return }
    var key = ""
    for line in lines[1..<end] {
      let text = Self.trimmed(line)
      if text.isEmpty || text.hasPrefix("#") { continue }
      if text.hasPrefix("-") || line.first?.isWhitespace == true {
        // An item of a list, or more of the value before it.
        let item = text.hasPrefix("- ") ? Self.value(Self.trimmed(text.dropFirst(2))) : nil
        if let item, let items = texts[key] {
          texts[key] = items + [item]
        } else {
          texts[key] = nil
        }
        continue
      }
      guard let colon = line.firstIndex(of: ":") else { continue }
      key = String(line[..<colon])
      let rest = Self.trimmed(line[line.index(after: colon)...])
      texts[key] = rest.isEmpty ? [] : Self.values(rest)
    }
  }

  /// The texts of a key, none if it is absent or not simple.
  subscript(key: String) -> [String] { texts[key] ?? [] }

  // MARK: Reading

  /// One text, or those of `[A, B]`; nil if it is something else.
  private static func values(_ text: Substring) -> [String]? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return value(text).map { [$0] } }
    let inner = text.dropFirst().dropLast()
    // A comma in quotes leaves parts that are no texts.
    guard !inner.contains(where: { "[]{}#".contains($0) }) else { return nil }
    let items = inner.split(separator: ",").map { value(trimmed($0)) }
    return items.contains { $0 == nil } ? nil : items.compactMap { $0 }
  }

  /// A text in one of the three forms of YAML; nil if it is something else or uses more than these have in common
  /// with JSON.
  private static func value(_ text: Substring) -> String? {
    switch text.first {
    case "\"":
      return quotedPart(text).flatMap { try? JSON.parse(Array($0.utf8), file: "") }?.string
    case "'":
      return quotedPart(text)?.dropFirst().dropLast()
        .split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'")
    case .some(let start) where start.isLetter || start.isNumber:
      let plain = text.firstRange(of: " #").map { trimmed(text[..<$0.lowerBound]) } ?? text
      guard !plain.contains(": "), !plain.hasSuffix(":"), plain != "null" else { return nil }
      return String(plain)
    default: return nil
    }
  }

  /// The text from a quote to the one that ends it; nil if none does, or more than a comment follows.
  private static func quotedPart(_ text: Substring) -> Substring? {
    let quote = text.first
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      if character == "\\", quote == "\"" {
        rest = rest.dropFirst()
      } else if character == quote {
        if quote == "'", rest.first == quote {
          rest = rest.dropFirst()
          continue
        }
        let isEnd = rest.isEmpty || rest.first == " " && trimmed(rest).hasPrefix("#")
        return isEnd ? text[..<rest.startIndex] : nil
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text.drop(while: \.isWhitespace)
  }

  // MARK: Writing

  /// A text that YAML reads as just this text.
  ///
  /// Words that start with a letter stand as they are, unless YAML has another meaning for them; everything
  /// else stands in double quotes, with escapes for what may not be seen or ends a line.
  static func quoted(_ text: String) -> String {
    let allowed = "-._/"
    let isWord =
      text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
          || allowed.utf8.contains(byte)
      } && text.utf8.first.map { (0x61...0x7A).contains($0 | 0x20) } == true
    if isWord, !reserved.contains(text.lowercased()) { return text }
    var output = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        output += "\\\(scalar)"
      } else if scalar.isVisible {
        output.unicodeScalars.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16)
        output += scalar.value > 0xFFFF ? "\\U" : "\\u"
        output += String(repeating: "0", count: (scalar.value > 0xFFFF ? 8 : 4) - digits.count)
        output += digits
      }
    }
    return output + "\""
  }

  /// Words that some version of YAML takes for something else than text.
  private static let reserved: Set = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]

  /// A line with one text, a list of several, nothing for none.
  static func lines(_ key: String, _ texts: [String]) -> [String] {
    switch texts.count {
    case 0: []
    case 1: ["\(key): \(quoted(texts[0]))"]
    default: ["\(key):"] + texts.map { "- \(quoted($0))" }
    }
  }
}

extension Unicode.Scalar {
  /// False for what moves the cursor, ends a line, reorders the text around it, or is no character.
  var isVisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }
}

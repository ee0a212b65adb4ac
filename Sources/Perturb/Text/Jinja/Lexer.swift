extension Jinja {
  /// A piece of a template, with the line it begins on.
  struct Token {
    enum Kind: Equatable {
      /// Text outside of all tags.
      case text(Characters)
      case outputStart, outputEnd, tagStart, tagEnd
      case name(String)
      case string(Characters)
      case integer(Int)
      case real(Double)
      case symbol(String)
      case end
    }

    let kind: Kind
    let line: Int
  }

  /// Cuts a template into tokens.
  ///
  ///     template = { text | "{{" … "}}" | "{%" … "%}" | "{#" … "#}" | "{% raw %}" … "{% endraw %}" }
  ///
  /// A line feed right after a tag or comment goes away, and so does white space between the start of
  /// a line and a tag or comment. `-` inside a delimiter takes all white space on its side, `+` none.
  struct Lexer {
    private let source: Characters
    private var position = 0
    private(set) var line = 1
    private var tokens: [Token] = []

    private enum Opening {
      case output, tag, comment
    }

    private static let openings: [Characters: Opening] = [
      ["{", "{"]: .output, ["{", "%"]: .tag, ["{", "#"]: .comment,
    ]
    /// Longer ones first.
    private static let symbols = [
      "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
      "}",
      ">", "<", "=", ".", ":", "|", ",", ";",
    ].map { (text: $0, characters: Characters($0)) }
    private static let closings = ["(": ")", "[": "]", "{": "}"]

    /// Every line end becomes a line feed; one at the very end goes away.
    init(_ text: String) {
      var source: Characters = []
      var previous: Unicode.Scalar?
      for scalar in text.unicodeScalars {
        if scalar == "\r" || scalar == "\n" && previous != "\r" {
          source.append("\n")
        } else if scalar != "\n" {
          source.append(scalar)
        }
        previous = scalar
      }
      if source.last == "\n" { source.removeLast() }
      self.source = source
    }

    /// All tokens, the last one being `end`.
    ///
    /// - Throws: `Fault` with the line of the first thing that is no token.
    static func tokens(of text: String) throws -> [Token] {
      var lexer = Lexer(text)
      do {
        while lexer.position < lexer.source.count { try lexer.readText() }
      } catch var fault as Fault {
        fault.line = fault.line ?? lexer.line
        throw fault
      }
      lexer.add(.end)
      return lexer.tokens
    }

    // MARK: Text

    /// Reads up to the next tag, and the tag.
    private mutating func readText() throws {
      let start = position
      while position < source.count, source[position] != "{" || Self.openings[peek(2)] == nil {
        position += 1
      }
      var text = Array(source[start..<position])
      guard position < source.count, let opening = Self.openings[peek(2)] else {
        return addText(text)
      }
      let end = position
      position += 2
      let sign = readSign()
      trimEnd(of: &text, start: start, sign: sign, isOutput: opening == .output)
      addText(text)
      advance(from: start, to: end)
      switch opening {
      case .comment: try skipComment()
      case .tag: if try !readRaw() { try readTag(.tagStart, end: .tagEnd, ["%", "}"]) }
      case .output: try readTag(.outputStart, end: .outputEnd, ["}", "}"])
      }
    }

    /// Takes away the white space that belongs to the tag behind a text that began at `start`.
    private func trimEnd(
      of text: inout Characters, start: Int, sign: Unicode.Scalar?, isOutput: Bool
    ) {
      if sign == "-" {
        text = text.stripped(nil, .right)
      } else if sign == nil, !isOutput {
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 }
        let beginsLine = start == 0 || source[start - 1] == "\n"
        guard let first = lineStart ?? (beginsLine ? 0 : nil) else { return }
        if text[first...].allSatisfy(\.isSpace) { text.removeSubrange(first...) }
      }
    }

    private mutating func skipComment() throws {
      let start = position
      while peek(2) != ["#", "}"] {
        guard position < source.count else { throw Fault("#} after {#", found: "the end") }
        position += 1
      }
      let sign = position > start ? source[position - 1] : nil
      position += 2
      skipAfterTag(sign)
      advance(from: start, to: position)
    }

    /// Reads `{% raw %}` … `{% endraw %}`; `{%` is read already. False if this is another tag.
    private mutating func readRaw() throws -> Bool {
      let opening = position
      skipSpace()
      guard readWord("raw"), let sign = readTagEnd() else {
        position = opening
        return false
      }
      if sign == "-" { skipSpace() }
      let start = position
      while position < source.count {
        let end = position
        if peek(2) == ["{", "%"] {
          position += 2
          let sign = readSign()
          skipSpace()
          if readWord("endraw"), let closing = readTagEnd() {
            var text = Array(source[start..<end])
            trimEnd(of: &text, start: start, sign: sign, isOutput: false)
            addText(text)
            skipAfterTag(closing)
            advance(from: opening, to: position)
            return true
          }
        }
        position = end + 1
      }
      throw Fault("{% endraw %} after {% raw %}", found: "the end")
    }

    private mutating func readWord(_ word: String) -> Bool {
      let characters = Characters(word)
      guard peek(characters.count) == characters else { return false }
      position += characters.count
      return true
    }

    /// The sign of a tag's end that comes now, " " for none; nil if none comes.
    private mutating func readTagEnd() -> Unicode.Scalar? {
      skipSpace()
      let start = position
      let sign = readSign() ?? " "
      guard peek(2) == ["%", "}"] else {
        position = start
        return nil
      }
      position += 2
      return sign
    }

    /// Skips the white space that a tag or comment takes with it.
    private mutating func skipAfterTag(_ sign: Unicode.Scalar?) {
      if sign == "-" {
        skipSpace()
      } else if sign != "+", peek(1) == ["\n"] {
        position += 1
      }
    }

    // MARK: Inside of tags

    private mutating func readTag(
      _ opening: Token.Kind, end closing: Token.Kind, _ delimiter: Characters
    ) throws {
      add(opening)
      var brackets: [String] = []
      while true {
        let start = position
        skipSpace()
        advance(from: start, to: position)
        if brackets.isEmpty {
          let start = position
          let sign = readSign()
          // "+}}" is no delimiter.
          if peek(2) == delimiter, sign != "+" || closing == .tagEnd {
            position += 2
            add(closing)
            if sign == "-" || closing == .tagEnd { skipAfterTag(sign) }
            return advance(from: start, to: position)
          }
          position = start
        }
        guard position < source.count else {
          throw Fault("\(delimiter.string) of the tag", found: "the end")
        }
        let token = position
        try readToken(&brackets)
        advance(from: token, to: position)
      }
    }

    private mutating func readToken(_ brackets: inout [String]) throws {
      let first = source[position]
      if first == "'" || first == "\"" { return add(.string(try readString(first))) }
      if first.isDigit { return add(try readNumber()) }
      if first.isNamePart {
        return add(.name(Characters(readWhile(\.isNamePart)).string))
      }
      let symbol = Self.symbols.first { source[position...].starts(with: $0.characters) }
      guard let symbol else {
        throw Fault("an expression", found: "\"\(Characters([first]).string)\"")
      }
      position += symbol.characters.count
      add(.symbol(symbol.text))
      if let closing = Self.closings[symbol.text] {
        brackets.append(closing)
      } else if [")", "]", "}"].contains(symbol.text) {
        let expected = brackets.popLast()
        guard expected == symbol.text else {
          throw Fault(expected ?? "no closing bracket", found: symbol.text)
        }
      }
    }

    private mutating func readNumber() throws -> Token.Kind {
      let start = position
      if source[position] == "0", let digit = peek(2).last,
        let radix = ["x": 16, "o": 8, "b": 2][digit.properties.lowercaseMapping]
      {
        position += 2
        let digits = readWhile(\.isNamePart).filter { $0 != "_" }
        guard let value = Int(digits.string, radix: radix) else {
          throw Fault("a number", found: Characters(source[start..<position]).string)
        }
        return .integer(value)
      }
      func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.isDigit || scalar == "_" }
      var digits = readWhile(isDigit)
      var isReal = false
      // In `a.0.1` both numbers are places, not one fraction.
      if tokens.last?.kind != .symbol("."), peek(1) == ["."], peek(2).last?.isDigit == true {
        isReal = true
        position += 1
        digits += ["."] + readWhile(isDigit)
      }
      let mark = position
      if tokens.last?.kind != .symbol("."), peek(1) == ["e"] || peek(1) == ["E"] {
        position += 1
        let sign = readSign()
        let exponent = readWhile(isDigit)
        if exponent.isEmpty {
          position = mark
        } else {
          isReal = true
          digits += ["e"] + [sign].compactMap { $0 } + exponent
        }
      }
      let text = digits.filter { $0 != "_" }.string
      if isReal { return .real(Double(text) ?? .nan) }
      guard let value = Int(text) else {
        throw Fault("a number of at most 64 bits", found: text)
      }
      return .integer(value)
    }

    private mutating func readString(_ quote: Unicode.Scalar) throws -> Characters {
      position += 1
      var text: Characters = []
      while position < source.count {
        let scalar = source[position]
        position += 1
        if scalar == quote { return text }
        if scalar == "\\" {
          text += try readEscape()
        } else {
          text.append(scalar)
        }
      }
      throw Fault("\(quote) after a text", found: "the end")
    }

    private static let escapes: [Unicode.Scalar: Characters] = [
      "n": ["\n"], "t": ["\t"], "r": ["\r"], "\\": ["\\"], "'": ["'"], "\"": ["\""],
      "a": ["\u{7}"], "b": ["\u{8}"], "f": ["\u{C}"], "v": ["\u{B}"], "\n": [],
    ]

    /// What stands behind a backslash; an unknown sequence stands for itself.
    private mutating func readEscape() throws -> Characters {
      guard position < source.count else { return [] }
      let letter = source[position]
      position += 1
      if let known = Self.escapes[letter] { return known }
      let octal = (Unicode.Scalar("0")...Unicode.Scalar("7"))
      var digits: Characters
      let radix: Int
      if octal.contains(letter) {
        position -= 1
        digits = Array(source[position...].prefix(3).prefix { octal.contains($0) })
        radix = 8
      } else if let width = ["x": 2, "u": 4, "U": 8][letter] {
        digits = peek(width)
        radix = 16
        guard digits.count == width else { throw Fault("a character", found: "\\\(letter)") }
      } else if letter == "N" {
        throw Fault("characters by their numbers", found: "\\N")
      } else {
        return ["\\", letter]
      }
      position += digits.count
      guard let scalar = UInt32(digits.string, radix: radix).flatMap(Unicode.Scalar.init) else {
        throw Fault("a character", found: "\\" + (radix == 16 ? "\(letter)" : "") + digits.string)
      }
      return [scalar]
    }

    // MARK: Moving

    private func peek(_ count: Int) -> Characters { Array(source[position...].prefix(count)) }

    private mutating func readWhile(_ isWanted: (Unicode.Scalar) -> Bool) -> Characters {
      let part = Array(source[position...].prefix(while: isWanted))
      position += part.count
      return part
    }

    private mutating func readSign() -> Unicode.Scalar? {
      guard position < source.count, source[position] == "-" || source[position] == "+" else {
        return nil
      }
      position += 1
      return source[position - 1]
    }

    private mutating func skipSpace() { _ = readWhile(\.isSpace) }

    /// Counts the lines of a part that was read.
    private mutating func advance(from start: Int, to end: Int) {
      line += source[start..<end].count { $0 == "\n" }
    }

    private mutating func add(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

    private mutating func addText(_ text: Characters) { if !text.isEmpty { add(.text(text)) } }
  }
}

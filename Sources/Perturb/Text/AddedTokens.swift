internal import FormatIO

/// The tokens that are cut out of the text before anything else: `added_tokens` of a `tokenizer.json`.
///
/// At each place the longest token wins, the leftmost place first. White space next to a token
/// that strips it belongs to the token.
struct AddedTokens: Sendable {
  /// One entry of the list.
  struct Token: Sendable {
    let identifier: Int32
    let content: String
    /// Left out by `decode` unless asked for.
    let isSpecial: Bool
    /// Found in normalized text rather than in the text as given.
    let isNormalized: Bool
    /// Found only between non-word characters.
    let isSingleWord: Bool
    let stripsLeft: Bool
    let stripsRight: Bool
  }

  /// A stretch of text: a token, or text between tokens.
  enum Segment: Equatable {
    case token(Int32)
    case text(Range<Int>)
  }

  private let tokens: [Token]
  /// Indices of tokens by their bytes.
  private let indices: ByteTrie
  /// Whether a token begins with a byte: few places need any look-up.
  private let isFirst: [Bool]

  /// Prepares the search for the given tokens under their spelling in the text.
  init(_ tokens: [Token], spelling: (Token) -> String) {
    self.tokens = tokens
    var indices = ByteTrie()
    var isFirst = [Bool](repeating: false, count: 256)
    // Of tokens that are spelled alike the first one counts.
    for (index, token) in tokens.enumerated().reversed() {
      let bytes = Array(spelling(token).utf8)
      guard let first = bytes.first else { continue }
      indices.insert(bytes, Int32(index))
      isFirst[Int(first)] = true
    }
    self.indices = indices
    self.isFirst = isFirst
  }

  /// Divides UTF-8 text into tokens and the text between them.
  func segments(in bytes: [UInt8]) -> [Segment] {
    var segments: [Segment] = []
    var end = 0
    var position = 0
    while position < bytes.count {
      guard let (token, length) = match(in: bytes, at: position) else {
        position += 1
        continue
      }
      var start = position
      var stop = position + length
      position = stop
      if token.isSingleWord {
        let before = String(decoding: bytes[..<start].suffix(4), as: UTF8.self).unicodeScalars.last
        let after = String(decoding: bytes[stop...].prefix(4), as: UTF8.self).unicodeScalars.first
        if before?.isWordCharacter == true || after?.isWordCharacter == true { continue }
      }
      if token.stripsLeft {
        // Nothing before `end` can be taken; the part in between is looked at once only.
        let gap = String(decoding: bytes[min(end, start)..<start], as: UTF8.self)
        let blanks = gap.unicodeScalars.reversed().prefix { $0.properties.isWhitespace }
        start -= blanks.reduce(0) { $0 + UTF8.width($1) }
      }
      if token.stripsRight { stop += Self.leadingWhitespace(of: bytes[stop...]) }
      if end < start { segments.append(.text(end..<start)) }
      segments.append(.token(token.identifier))
      end = stop
    }
    if end < bytes.count { segments.append(.text(end..<bytes.count)) }
    return segments
  }

  /// The length in bytes of the white space at the start.
  private static func leadingWhitespace(of bytes: ArraySlice<UInt8>) -> Int {
    var length = 0
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&rest), scalar.properties.isWhitespace {
      length += UTF8.width(scalar)
    }
    return length
  }

  private func match(in bytes: [UInt8], at position: Int) -> (Token, Int)? {
    guard isFirst[Int(bytes[position])] else { return nil }
    var longest: (Token, Int)?
    indices.forEachMatch(in: bytes, at: position) { end, index in
      longest = (tokens[Int(index)], end - position)
    }
    return longest
  }
}

// MARK: - Reading

extension AddedTokens.Token {
  /// Reads one entry of `added_tokens`.
  init(json: JSON, file: String, place: String) throws {
    guard let content = json["content"]?.string, !content.isEmpty else {
      throw InputError(
        file: file, place: "\(place).content", expected: "the token's text",
        found: (json["content"] ?? .null).encoded())
    }
    guard let identifier = json["id"]?.integer.flatMap(Int32.init(exactly:)), identifier >= 0 else {
      throw InputError(
        file: file, place: "\(place).id", expected: "an identifier from 0 to \(Int32.max)",
        found: (json["id"] ?? .null).encoded())
    }
    self.content = content
    self.identifier = identifier
    isSpecial = json["special"]?.boolean ?? false
    isNormalized = json["normalized"]?.boolean ?? !isSpecial
    isSingleWord = json["single_word"]?.boolean ?? false
    stripsLeft = json["lstrip"]?.boolean ?? false
    stripsRight = json["rstrip"]?.boolean ?? false
  }
}

extension Unicode.Scalar {
  /// What `\w` means to the Python package here: letters, marks, digits, connectors, joiners.
  fileprivate var isWordCharacter: Bool {
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default: return false
    }
  }
}

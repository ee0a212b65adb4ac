extension JSON {
  /// Parses strict JSON: UTF-8, no comments, no trailing commas, no repeated keys, nothing after it.
  ///
  /// - Parameters:
  ///   - bytes: the text; white space around the value is allowed.
  ///   - file: named in errors.
  ///   - maximumDepth: how deep arrays and objects may nest.
  /// - Throws: `InputError` with the byte offset of the first violation.
  public static func parse(_ bytes: [UInt8], file: String, maximumDepth: Int = 128) throws -> JSON {
    var parser = JSONParser(bytes: bytes, file: file, maximumDepth: maximumDepth)
    return try parser.parseDocument()
  }
}

/// A recursive-descent reader over bytes; every failure names its offset.
///
/// `SafetensorsHeader` drives it field by field, and `LazyJSON` value by value, so that what a hostile file says never
/// becomes a tree.
struct JSONParser {
  let bytes: [UInt8]
  let file: String
  let maximumDepth: Int
  /// Where `bytes` start in the file; offsets in errors are counted from the start of the file.
  let origin: Int
  private(set) var position = 0

  init(bytes: [UInt8], file: String, maximumDepth: Int = 128, origin: Int = 0) {
    self.bytes = bytes
    self.file = file
    self.maximumDepth = maximumDepth
    self.origin = origin
  }

  mutating func parseDocument() throws -> JSON {
    skipWhiteSpace()
    let value = try parseValue(depth: 0)
    try parseEnd()
    return value
  }

  /// Accepts white space up to the end of the text, and nothing else.
  mutating func parseEnd() throws {
    skipWhiteSpace()
    if position < bytes.count { throw unexpected("the end of the text") }
  }

  /// Reads a value as a tree.
  mutating func parseValue(depth: Int = 0) throws -> JSON {
    try checkDepth(depth)
    switch peek {
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case let byte? where byte == UInt8(ascii: "-") || isDigit(byte):
      return .number(try parseNumber())
    case UInt8(ascii: "t"): return try parseLiteral("true", .boolean(true))
    case UInt8(ascii: "f"): return try parseLiteral("false", .boolean(false))
    case UInt8(ascii: "n"): return try parseLiteral("null", .null)
    default: throw unexpected("a JSON value")
    }
  }

  private func checkDepth(_ depth: Int) throws {
    guard depth <= maximumDepth else {
      throw unexpected("at most \(maximumDepth) levels of nesting", found: "more")
    }
  }

  private mutating func parseObject(depth: Int) throws -> JSON {
    var members: [JSON.Member] = []
    try parseDifferentMembers(atMost: .max) { key, parser in
      members.append(JSON.Member(key, try parser.parseValue(depth: depth + 1)))
    }
    return .object(members)
  }

  /// Reads an object and refuses a name that comes twice.
  private mutating func parseDifferentMembers(
    atMost limit: Int, _ parseMember: (String, inout JSONParser) throws -> Void
  ) throws {
    var seen: Set<TensorName> = []
    try parseMembers { key, start, parser in
      guard seen.insert(TensorName(key)).inserted else {
        throw parser.unexpected(
          "each member name once", found: "\(TensorName(key).quoted) again", at: start)
      }
      guard seen.count <= limit else {
        throw parser.unexpected("at most \(limit) members", found: "more", at: start)
      }
      try parseMember(key, &parser)
    }
  }

  /// Reads an object; `parseMember` gets each name, the offset of the name, and the parser in front
  /// of the value. The opening bracket is next.
  mutating func parseMembers(
    _ parseMember: (String, Int, inout JSONParser) throws -> Void
  ) throws {
    try parseList(opening: UInt8(ascii: "{"), closing: UInt8(ascii: "}")) { parser in
      let start = parser.position
      guard parser.peek == UInt8(ascii: "\"") else { throw parser.unexpected("a member name") }
      let key = try parser.parseString()
      parser.skipWhiteSpace()
      try parser.consume(UInt8(ascii: ":"), "':'")
      parser.skipWhiteSpace()
      try parseMember(key, start, &parser)
    }
  }

  private mutating func parseArray(depth: Int) throws -> JSON {
    var elements: [JSON] = []
    try parseElements { parser in
      elements.append(try parser.parseValue(depth: depth + 1))
    }
    return .array(elements)
  }

  /// Reads an array; `parseElement` gets the parser in front of each element.
  mutating func parseElements(_ parseElement: (inout JSONParser) throws -> Void) throws {
    try parseList(opening: UInt8(ascii: "["), closing: UInt8(ascii: "]"), parseElement)
  }

  private mutating func parseList(
    opening: UInt8, closing: UInt8, _ parseElement: (inout JSONParser) throws -> Void
  ) throws {
    try consume(opening, "'\(Character(UnicodeScalar(opening)))'")
    skipWhiteSpace()
    if peek == closing {
      position += 1
      return
    }
    while true {
      try parseElement(&self)
      skipWhiteSpace()
      if peek == closing {
        position += 1
        return
      }
      try consume(UInt8(ascii: ","), "',' or '\(Character(UnicodeScalar(closing)))'")
      skipWhiteSpace()
    }
  }

  // MARK: Without a tree

  /// Checks a value and everything in it up to the end of the text.
  func checkDocument(maximumMembers: Int) throws {
    var parser = self
    try parser.checkValue(depth: 0, maximumMembers)
    try parser.parseEnd()
  }

  private mutating func checkValue(depth: Int, _ maximumMembers: Int) throws {
    try checkDepth(depth)
    switch peek {
    case UInt8(ascii: "{"):
      try parseDifferentMembers(atMost: maximumMembers) { _, parser in
        try parser.checkValue(depth: depth + 1, maximumMembers)
      }
    case UInt8(ascii: "["):
      try parseElements { try $0.checkValue(depth: depth + 1, maximumMembers) }
    default: _ = try parseValue(depth: depth)
    }
  }

  /// Skips the bracket in front of the elements of an array; false if there is none.
  mutating func skipOpeningBracket() -> Bool {
    guard peek == UInt8(ascii: "[") else { return false }
    position += 1
    return true
  }

  /// Goes from behind the bracket or an element to the next element of a text that was checked; false if there is
  /// none.
  mutating func skipToElement() -> Bool {
    skipWhiteSpace()
    if peek == UInt8(ascii: ",") { position += 1 }
    skipWhiteSpace()
    return peek != UInt8(ascii: "]") && peek != nil
  }

  /// Skips a value of a text that was checked.
  mutating func skipValue() {
    var depth = 0
    repeat {
      switch peek {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""): skipString()
      case nil: return
      default: break
      }
      position += 1
    } while depth > 0
    // The rest of a number or a word.
    while let byte = peek, byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "]"),
      byte != UInt8(ascii: "}")
    { position += 1 }
  }

  /// Goes to the closing quote.
  private mutating func skipString() {
    position += 1
    while let byte = peek, byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
  }

  /// Reads a number and returns it as written.
  mutating func parseNumber() throws -> String {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    if peek == UInt8(ascii: "0") { position += 1 } else { try parseDigits() }
    if peek == UInt8(ascii: ".") {
      position += 1
      try parseDigits()
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      try parseDigits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func parseDigits() throws {
    let start = position
    while let byte = peek, isDigit(byte) { position += 1 }
    if position == start { throw unexpected("a digit") }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func parseLiteral(_ word: StaticString, _ value: JSON) throws -> JSON {
    let text = "\(word)"
    guard bytes[position...].starts(with: text.utf8) else { throw unexpected("'\(text)'") }
    position += text.utf8.count
    return value
  }

  /// Reads a string. Runs without escapes are copied whole; UTF-8 is checked strictly.
  mutating func parseString() throws -> String {
    let opening = position
    try consume(UInt8(ascii: "\""), "'\"'")
    var text: [UInt8] = []
    while true {
      let start = position
      while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
        position += 1
      }
      text += bytes[start..<position]
      switch peek {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw unexpected("valid UTF-8", found: "a broken sequence in a string", at: opening)
        }
        return string
      case UInt8(ascii: "\\"):
        position += 1
        try parseEscape(into: &text)
      case nil: throw unexpected("'\"' to end the string that starts at byte \(origin + opening)")
      default: throw unexpected("control characters written as escapes")
      }
    }
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws {
    guard let byte = peek else { throw unexpected("an escape character") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let start = position - 2
      var value = try parseHexadecimalQuad()
      if (0xD800..<0xDC00).contains(value), peek == UInt8(ascii: "\\"),
        position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try parseHexadecimalQuad()
        guard (0xDC00..<0xE000).contains(low) else {
          throw unexpected("a low surrogate", found: "another escape", at: start)
        }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = UnicodeScalar(value) else {
        throw unexpected("a surrogate pair", found: "half of one", at: start)
      }
      text += UTF8.encode(scalar).map(Array.init) ?? []
    default: throw unexpected("a known escape", found: "'\\\(Character(UnicodeScalar(byte)))'")
    }
  }

  private mutating func parseHexadecimalQuad() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw unexpected("a hexadecimal digit") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private var peek: UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func consume(_ byte: UInt8, _ expected: String) throws {
    guard peek == byte else { throw unexpected(expected) }
    position += 1
  }

  mutating func skipWhiteSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// An error at `offset` (counted in `bytes`), or where the parser stands.
  func unexpected(_ expected: String, found: String? = nil, at offset: Int? = nil) -> InputError {
    let byte = peek.map { value in
      (0x21..<0x7F).contains(value)
        ? "'\(Character(UnicodeScalar(value)))'" : "byte 0x" + String(value, radix: 16)
    }
    return InputError(
      file: file, place: "byte \(origin + (offset ?? position))", expected: expected,
      found: found ?? byte ?? "the end of the text")
  }
}

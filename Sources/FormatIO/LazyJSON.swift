/// A value in a JSON text that is read when it is asked for: there is no tree of what a file claims.
///
/// The whole text is checked once, in the beginning. A tree takes up to a hundred bytes for each value of two
/// bytes; this takes what its caller keeps.
struct LazyJSON {
  /// In front of the value.
  fileprivate let parser: JSONParser

  /// Checks a text as `JSON.parse` does, and refuses an object with more than so many members, which would
  /// have to be remembered to find one that comes twice.
  ///
  /// - Throws: `InputError` with the byte offset of the first violation.
  init(_ bytes: [UInt8], file: String, maximumMembers: Int) throws {
    var parser = JSONParser(bytes: bytes, file: file)
    parser.skipWhiteSpace()
    self.parser = parser
    try parser.checkDocument(maximumMembers: maximumMembers)
  }

  fileprivate init(_ parser: JSONParser) {
    self.parser = parser
  }

  /// The text, if this is a string.
  var string: String? {
    var parser = parser
    return try? parser.parseString()
  }

  /// The number, if this is written as an integer that fits.
  var integer: Int? {
    var parser = parser
    return (try? parser.parseNumber()).flatMap { Int($0) }
  }

  /// The members, none if this is no object.
  var members: Members { Members(self) }

  /// The elements, if this is an array.
  var array: Elements? { Elements(parser) }

  /// The value for a message: whole if it is short.
  var shown: String {
    var parser = parser
    parser.skipValue()
    guard parser.position - self.parser.position <= 100 else { return "another value" }
    parser = self.parser
    return (try? parser.parseValue())?.encoded() ?? "another value"
  }

  /// The members of an object.
  struct Members {
    private var members: [(key: String, value: LazyJSON)] = []

    fileprivate init(_ object: LazyJSON) {
      var parser = object.parser
      // The text was checked: what fails here is no object.
      try? parser.parseMembers { key, _, parser in
        members.append((key, LazyJSON(parser)))
        parser.skipValue()
      }
    }

    /// The member with this name, compared by bytes.
    subscript(key: String) -> LazyJSON? {
      members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
  }

  /// The elements of an array, one after the other.
  struct Elements: Sequence, IteratorProtocol {
    private var parser: JSONParser

    fileprivate init?(_ parser: JSONParser) {
      self.parser = parser
      guard self.parser.skipOpeningBracket() else { return nil }
    }

    mutating func next() -> LazyJSON? {
      guard parser.skipToElement() else { return nil }
      defer { parser.skipValue() }
      return LazyJSON(parser)
    }

    /// How many there are; they are counted anew.
    var count: Int { reduce(0) { count, _ in count + 1 } }

    /// The result of `transform` for each, with no more memory than they take.
    func map<Result>(_ transform: (LazyJSON) throws -> Result) rethrows -> [Result] {
      var results: [Result] = []
      results.reserveCapacity(count)
      for element in self { results.append(try transform(element)) }
      return results
    }
  }
}

extension Jinja {
  /// What a template may use up. Real ones stay a hundred times below.
  enum Limits {
    /// Expressions evaluated, and eighths of characters and elements touched.
    static let steps = 4_000_000
    /// The size of one value: a character counts 1, everything else 8.
    static let size = 4_000_000
    /// Characters of the result.
    static let output = 4_000_000
    /// Expressions and statements within each other, in the template and while it runs.
    static let nesting = 120
    static let depth = 400
    /// Values within each other.
    static let valueDepth = 100
  }

  /// What went wrong, before file and line are known.
  struct Fault: Error {
    var line: Int?
    let expected: String
    let found: String

    init(line: Int? = nil, _ expected: String, found: String) {
      (self.line, self.expected, self.found) = (line, expected, found)
    }

    /// More than a limit allows.
    static func beyond(_ limit: Int, _ what: String) -> Fault {
      Fault("at most \(limit) \(what)", found: "more")
    }
  }

  /// A text that grows only up to the largest size.
  struct TextBuilder {
    private(set) var characters: Characters = []

    mutating func append(_ part: Characters) throws {
      guard part.count <= Limits.size - characters.count else {
        throw Fault.beyond(Limits.size, "characters in a text")
      }
      characters += part
    }

    mutating func append(_ part: String) throws { try append(Characters(part)) }
  }
}

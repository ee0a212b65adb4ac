internal import Foundation

// MARK: - As Python prints values

extension Jinja.Value {
  /// What `{{ value }}` writes.
  ///
  /// - Throws: `Fault` for what has no sensible text, such as a macro that is not called.
  func printed() throws -> Characters {
    switch self {
    case .undefined: return []
    case .text(let text): return text
    default:
      var builder = Jinja.TextBuilder()
      try describe(to: &builder)
      return builder.characters
    }
  }

  /// The value as it is written inside lists.
  private func describe(to builder: inout Jinja.TextBuilder) throws {
    switch self {
    case .undefined: try builder.append("Undefined")
    case .none: try builder.append("None")
    case .boolean(let value): try builder.append(value ? "True" : "False")
    case .integer(let value): try builder.append(String(value))
    case .real(let value): try builder.append(Jinja.digits(value))
    case .text(let text): try builder.append(Jinja.quoted(text))
    case .list(let list) where list.kind == .list:
      try builder.append("[")
      try Self.describe(list.elements, to: &builder)
      try builder.append("]")
    case .list(let list) where list.kind == .tuple:
      try builder.append("(")
      try Self.describe(list.elements, to: &builder)
      try builder.append(list.elements.count == 1 ? ",)" : ")")
    case .dictionary(let dictionary):
      try builder.append("{")
      for (index, (key, value)) in zip(dictionary.keys, dictionary.values).enumerated() {
        if index > 0 { try builder.append(", ") }
        try key.describe(to: &builder)
        try builder.append(": ")
        try value.describe(to: &builder)
      }
      try builder.append("}")
    case .list, .namespace, .loop, .function:
      throw Jinja.Fault("a value that can be written out", found: kind)
    }
  }

  private static func describe(_ elements: [Jinja.Value], to builder: inout Jinja.TextBuilder)
    throws
  {
    for (index, element) in elements.enumerated() {
      if index > 0 { try builder.append(", ") }
      try element.describe(to: &builder)
    }
  }
}

extension Jinja {
  /// The shortest digits that stand for a number, as Python writes them.
  static func digits(_ value: Double) -> String {
    let text = "\(value)"
    // Swift writes whole numbers out up to 2^54, Python up to 10^16.
    guard value.magnitude >= 1e16, text.hasSuffix(".0") else { return text }
    let digits = text.dropLast(2).drop { $0 == "-" }
    let fraction = String(digits.dropFirst().reversed().drop { $0 == "0" }.reversed())
    return (value < 0 ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
      + "e+\(digits.count - 1)"
  }

  /// A text in quotes, with what cannot be printed as escape sequences.
  private static func quoted(_ text: Characters) -> Characters {
    let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result: Characters = [quote]
    for scalar in text {
      switch scalar {
      case "\\", quote: result += ["\\", scalar]
      case "\n": result += Characters("\\n")
      case "\r": result += Characters("\\r")
      case "\t": result += Characters("\\t")
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
          .paragraphSeparator:
          result += Characters(escape(scalar))
        case .spaceSeparator where scalar != " ": result += Characters(escape(scalar))
        default: result.append(scalar)
        }
      }
    }
    return result + [quote]
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let (letter, width) =
      scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\\(letter)" + hexadecimal(scalar.value, width)
  }

  private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

// MARK: - As JSON

extension Jinja {
  /// Writes values as Python's `json.dumps` does.
  struct JSONWriter {
    /// What one level is indented by; nil puts everything on one line.
    let indentation: Characters?
    let itemSeparator: Characters
    let keySeparator: Characters
    let escapesBeyondASCII: Bool
    let sortsKeys: Bool
    private var builder = TextBuilder()

    init(
      indentation: Characters? = nil, separators: (Characters, Characters)? = nil,
      escapesBeyondASCII: Bool = false, sortsKeys: Bool = false
    ) {
      self.indentation = indentation
      itemSeparator = separators?.0 ?? Characters(indentation == nil ? ", " : ",")
      keySeparator = separators?.1 ?? Characters(": ")
      self.escapesBeyondASCII = escapesBeyondASCII
      self.sortsKeys = sortsKeys
    }

    /// The text of a value.
    ///
    /// - Throws: `Fault` for values that JSON does not have.
    static func write(_ value: Value, with writer: JSONWriter = JSONWriter()) throws -> Characters {
      var writer = writer
      try writer.write(value, level: 0)
      return writer.builder.characters
    }

    private mutating func write(_ value: Value, level: Int) throws {
      switch value {
      case .none: try builder.append("null")
      case .boolean(let value): try builder.append(value ? "true" : "false")
      case .integer(let value): try builder.append(String(value))
      case .real(let value): try builder.append(number(value))
      case .text(let text): try builder.append(quoted(text))
      case .list(let list) where list.kind == .list || list.kind == .tuple:
        try write("[", "]", list.elements.count, level: level) { index, writer in
          try writer.write(list.elements[index], level: level + 1)
        }
      case .dictionary(let dictionary):
        var members = Array(zip(dictionary.keys, dictionary.values))
        if sortsKeys { members = try members.sorted { try $0.0.precedes($1.0) } }
        try write("{", "}", members.count, level: level) { index, writer in
          try writer.builder.append(writer.quoted(writer.name(members[index].0)))
          try writer.builder.append(writer.keySeparator)
          try writer.write(members[index].1, level: level + 1)
        }
      default: throw Fault("a value that JSON can hold", found: value.kind)
      }
    }

    private mutating func write(
      _ open: String, _ close: String, _ count: Int, level: Int,
      _ writeElement: (Int, inout JSONWriter) throws -> Void
    ) throws {
      try builder.append(open)
      for index in 0..<count {
        if index > 0 { try builder.append(itemSeparator) }
        try breakLine(level + 1)
        try writeElement(index, &self)
      }
      if count > 0 { try breakLine(level) }
      try builder.append(close)
    }

    private mutating func breakLine(_ level: Int) throws {
      guard let indentation else { return }
      try builder.append("\n")
      for _ in 0..<level { try builder.append(indentation) }
    }

    private func number(_ value: Double) -> String {
      value.isNaN
        ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : digits(value)
    }

    /// The name of a member; numbers and constants become texts.
    private func name(_ key: Value) throws -> Characters {
      switch key {
      case .text(let text): return text
      case .none, .boolean, .integer, .real: return try Self.write(key)
      default: throw Fault("a key that JSON can hold", found: key.kind)
      }
    }

    private func quoted(_ text: Characters) -> Characters {
      var result: Characters = ["\""]
      for scalar in text {
        switch scalar {
        case "\"": result += ["\\", "\""]
        case "\\": result += ["\\", "\\"]
        case "\n": result += ["\\", "n"]
        case "\r": result += ["\\", "r"]
        case "\t": result += ["\\", "t"]
        case "\u{8}": result += ["\\", "b"]
        case "\u{C}": result += ["\\", "f"]
        case _ where scalar.value < 0x20 || scalar.value > 0x7E && escapesBeyondASCII:
          for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
            result += Characters("\\u" + hexadecimal(UInt32(unit), 4))
          }
        default: result.append(scalar)
        }
      }
      return result + ["\""]
    }
  }
}

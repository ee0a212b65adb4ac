/// A JSON value that keeps what the formats need: the order of members and the bytes of strings.
///
///     value  = object | array | string | number | true | false | null
///     object = "{" [ string ":" value { "," string ":" value } ] "}"
///
/// Keys are compared by bytes, never by Swift's `String ==`: that would merge two vocabulary entries
/// which differ only in Unicode normalisation. A repeated key is refused, since readers disagree on
/// which one counts. Numbers keep their text, so 64-bit offsets survive.
public enum JSON: Sendable {
  /// One name and value of an object.
  public struct Member: Sendable {
    /// The name; compare it by bytes (`key.utf8`).
    public var key: String
    /// The value.
    public var value: JSON

    /// Pairs a name with a value.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  case null
  case boolean(Bool)
  /// A number as written, for example `"1e-05"`.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])
}

// MARK: - Reading values

extension JSON {
  /// The member with this name, compared by bytes; nil if absent or if this is no object.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The text, if this is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number, if this is written as an integer that fits.
  public var integer: Int? {
    if case .number(let text) = self { Int(text) } else { nil }
  }

  /// The number as floating point, if this is a number.
  public var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }

  /// The truth value, if this is one.
  public var boolean: Bool? {
    if case .boolean(let value) = self { value } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members in file order, if this is an object.
  public var object: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// True for a literal `null`.
  public var isNull: Bool {
    if case .null = self { true } else { false }
  }
}

// MARK: - Making values

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
  /// A string value.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A number value.
  public init(integerLiteral value: Int) { self = .number(String(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// An integer number.
  public init(_ value: Int) { self = .number(String(value)) }
  /// A number; not-a-number and infinities, which JSON cannot say, become `null`.
  public init(_ value: Double) { self = value.isFinite ? .number("\(value)") : .null }
  /// A single-precision number, written with its own shortest digits.
  public init(_ value: Float) { self = value.isFinite ? .number("\(value)") : .null }
}

// MARK: - Writing

extension JSON {
  /// The value as text: compact, or indented by two spaces.
  public func encoded(indented: Bool = false) -> String {
    var output = ""
    write(to: &output, indentation: indented ? 0 : nil)
    return output
  }

  private func write(to output: inout String, indentation: Int?) {
    switch self {
    case .null: output += "null"
    case .boolean(let value): output += value ? "true" : "false"
    case .number(let text): output += text
    case .string(let text): JSON.write(text, to: &output)
    case .array(let elements):
      JSON.writeList("[", "]", elements, to: &output, indentation) { element, inner, output in
        element.write(to: &output, indentation: inner)
      }
    case .object(let members):
      JSON.writeList("{", "}", members, to: &output, indentation) { member, inner, output in
        JSON.write(member.key, to: &output)
        output += inner == nil ? ":" : ": "
        member.value.write(to: &output, indentation: inner)
      }
    }
  }

  private static func writeList<Element>(
    _ open: String, _ close: String, _ elements: [Element], to output: inout String,
    _ indentation: Int?, _ writeElement: (Element, Int?, inout String) -> Void
  ) {
    let inner = indentation.map { $0 + 1 }
    func newLine(_ depth: Int?) -> String {
      depth.map { "\n" + String(repeating: "  ", count: $0) } ?? ""
    }
    output += open
    for (index, element) in elements.enumerated() {
      output += (index == 0 ? "" : ",") + newLine(inner)
      writeElement(element, inner, &output)
    }
    output += (elements.isEmpty ? "" : newLine(indentation)) + close
  }

  private static func write(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}

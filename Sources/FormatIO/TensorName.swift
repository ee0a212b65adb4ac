/// The name of a tensor, compared byte by byte.
///
/// Swift's `String ==` treats composed and decomposed characters as equal; the formats do not. Any
/// text is a legal name, the empty one and one with NUL included.
public struct TensorName: Sendable {
  /// The name as text.
  public let text: String

  /// Wraps a name.
  public init(_ text: String) {
    self.text = text
  }

  /// The bytes that identify the tensor.
  public var utf8: String.UTF8View { text.utf8 }
}

extension TensorName: Hashable, Comparable {
  /// True if the bytes are the same.
  public static func == (left: TensorName, right: TensorName) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }

  /// Orders by bytes, like a sort in C or Rust.
  public static func < (left: TensorName, right: TensorName) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// Feeds the bytes to the hasher.
  public func hash(into hasher: inout Hasher) {
    var copy = text
    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension TensorName: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  /// A name written in source code.
  public init(stringLiteral value: String) { text = value }
}

extension TensorName: CustomStringConvertible {
  /// The name as text.
  public var description: String { text }
}

extension TensorName {
  /// The name in quotes for a message: control characters escaped, cut after 100 characters.
  public var quoted: String {
    let scalars = text.unicodeScalars
    let start = String(String.UnicodeScalarView(scalars.prefix(100)))
    let shown = JSON.string(start).encoded()
    return scalars.dropFirst(100).isEmpty ? shown : "\(shown.dropLast())…\""
  }
}

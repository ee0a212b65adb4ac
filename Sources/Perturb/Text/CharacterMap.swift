internal import FormatIO
internal import Foundation

/// The table of replacements that SentencePiece compiles a normal form into: a `Precompiled` step.
///
///     base64 of:   size of the trie in bytes (UInt32)   units of the trie (UInt32 each)   texts
///
/// The trie is a double array as Darts-clone has it: from the place of a node, the exclusive or with
/// the node's offset and with a byte is the place of a child, if the child's label is that byte. A
/// node that ends a key has its value at its offset: where a text begins, which a zero byte ends.
/// All numbers are little-endian.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// The text with characters replaced.
  ///
  /// As in the Python package, a character as readers see it is looked up as a whole if it has fewer
  /// than six bytes, and the shortest key at its beginning then replaces all of it. Otherwise its code
  /// points are looked up one by one.
  func apply(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    let string = String(decoding: text, as: UTF8.self)
    var start = 0
    func append(_ end: Int) {
      result += replacement(of: text[start..<end]) ?? text[start..<end]
      start = end
    }
    while start < text.count {
      // Two of ASCII are never one character, but for the two that end a line.
      if text[start] < 0x80, text[start] != 0x0D, start + 1 == text.count || text[start + 1] < 0x80
      {
        append(start + 1)
        continue
      }
      let index = string.utf8.index(string.startIndex, offsetBy: start)
      let end = start + string[index].utf8.count
      if end - start < Self.longestWhole, let replacement = replacement(of: text[start..<end]) {
        result += replacement
        start = end
      }
      while start < end { append(start + Pattern.length(startingWith: text[start])) }
    }
    return result
  }

  private static let longestWhole = 6

  /// What stands for the shortest key that the bytes begin with.
  private func replacement(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard var unit = units.first else { return nil }
    var position = Int(Self.offset(unit))
    for byte in bytes where byte != 0 {
      position ^= Int(byte)
      guard units.indices.contains(position) else { return nil }
      unit = units[position]
      // A label has the highest bit of the unit, which values have.
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      position ^= Int(Self.offset(unit))
      if unit >> 8 & 1 == 1 {
        guard units.indices.contains(position) else { return nil }
        let start = Int(units[position] & 0x7FFF_FFFF)
        guard start < texts.count else { return nil }
        return texts[start...].prefix { $0 != 0 }
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> UInt32 {
    (unit >> 10) << ((unit & 1 << 9) >> 6)
  }
}

// MARK: - Reading

extension CharacterMap {
  /// Reads a `Precompiled` step.
  ///
  /// - Throws: `InputError` if the map is no base64, or shorter than it says.
  init(json: JSON, file: String, place: String) throws {
    let text = json["precompiled_charsmap"]?.string
    guard let data = text.flatMap({ Data(base64Encoded: $0) }) else {
      throw InputError(
        file: file, place: "\(place).precompiled_charsmap", expected: "base64",
        found: text == nil ? "no text" : "another text")
    }
    func number(_ position: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(data[position + $1]) << UInt32(8 * $1) }
    }
    let size = data.count >= 4 ? Int(number(0)) : 0
    guard size >= 4, size % 4 == 0, size <= data.count - 4 else {
      throw InputError(
        file: file, place: "\(place).precompiled_charsmap",
        expected: "a trie of its size and what it points to",
        found: "\(data.count) bytes, \(size) of them the trie")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(number)
    texts = Array(data[(4 + size)...])
  }
}

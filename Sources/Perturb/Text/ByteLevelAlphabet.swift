/// The 256 printable characters that stand for bytes in a byte-level `tokenizer.json`.
///
/// Bytes that print in Latin-1 stand for themselves; the other 68 take U+0100, U+0101, … in order,
/// so that a space is written `Ġ` and a line feed `Ċ`. This is GPT-2's choice, kept by everyone.
enum ByteLevelAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var scalars: [Unicode.Scalar] = []
    var next: UInt8 = 0
    for byte in UInt8.min...UInt8.max {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: scalars.append(Unicode.Scalar(byte))
      default:
        // At most 68 of these, so the sum stays below the surrogates.
        scalars.append(Unicode.Scalar(0x100 + UInt16(next)) ?? "\u{FFFD}")
        next += 1
      }
    }
    return scalars
  }()

  /// The byte of each character, indexed by its code point; nil for code points that are no letter
  /// of the alphabet.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x100 + 68)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
    return bytes
  }()

  private static let spellings = scalars.map { Array(String($0).utf8) }

  /// The UTF-8 spelling of a byte as it appears in the vocabulary.
  static func spelling(of byte: UInt8) -> [UInt8] {
    spellings[Int(byte)]
  }

  /// The UTF-8 spelling of a run of bytes as it appears in the vocabulary.
  static func spelling(of word: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(2 * word.count)
    for byte in word { result += spellings[Int(byte)] }
    return result
  }

  /// The bytes that a token stands for.
  ///
  /// A token with a character outside the alphabet (some added tokens) stands for its own UTF-8, as
  /// in the Python package.
  static func bytes(of token: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard scalar.value < bytes.count, let byte = bytes[Int(scalar.value)] else {
        return Array(token.utf8)
      }
      result.append(byte)
    }
    return result
  }
}

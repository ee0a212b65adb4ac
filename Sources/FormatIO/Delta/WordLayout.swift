/// How the bytes of an element type are taken as words.
struct WordLayout {
  /// Bytes of a word: 1, 2, 4 or 8.
  let wordBytes: Int
  /// Bits of a word's mantissa, the lowest ones; 0 if the word is no floating-point number.
  let mantissaBits: Int
  /// After how many words a word has the same meaning again: more than 1 for packed blocks.
  let period: Int
  /// Words of a unit: the smallest piece that is known to be changed or not. 64 elements or one block, if that is more.
  let unitWords: Int

  init(_ type: ElementType) {
    let isPacked = type.elementsPerBlock > 1
    wordBytes = isPacked ? 1 : type.name == "C64" ? 4 : type.bytesPerBlock
    mantissaBits = WordLayout.mantissas[type.name] ?? 0
    period = isPacked ? type.bytesPerBlock : 1
    unitWords = max(1, 64 / type.elementsPerBlock) * type.bytesPerBlock / wordBytes
  }

  /// Bits of a word.
  var wordBits: Int { wordBytes * 8 }
  /// Bytes of a unit.
  var unitBytes: Int { unitWords * wordBytes }

  /// Bits of mantissas by the name of the type.
  private static let mantissas = [
    "F16": 10, "BF16": 7, "F32": 23, "C64": 23, "F64": 52,
    "F8_E4M3": 3, "F8_E4M3FNUZ": 3, "F8_E5M2": 2, "F8_E5M2FNUZ": 2,
  ]
}

/// How a word of one side follows from the word of the other side and a number.
struct ResidualForm: Equatable {
  /// What is taken of two words.
  enum Kind: UInt8, CaseIterable {
    /// Where their bits differ.
    case xor = 0
    /// What is to be added to base.
    case difference = 1
    /// The same in the order of floating-point numbers: how many of them lie between the two.
    case orderedDifference = 2
  }

  var kind: Kind
  /// The residual covers so many of the lowest bits.
  var width: Int
  /// So many lowest bits are alike in all words and left out.
  var shift: Int

  /// How many bits the numbers have.
  var valueBits: Int { width - shift }
}

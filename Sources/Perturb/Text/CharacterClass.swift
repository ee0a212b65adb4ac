/// A set of characters: what a bracket expression or an escape such as `\p{L}` stands for.
struct CharacterClass: Sendable {
  /// Sets of general categories, one bit each.
  struct Categories: OptionSet, Sendable {
    let rawValue: UInt32

    static let letter: Categories = [.uppercase, .lowercase, .titlecase, .modifier, .otherLetter]
    static let uppercase = Categories(rawValue: 1 << 0)
    static let lowercase = Categories(rawValue: 1 << 1)
    static let titlecase = Categories(rawValue: 1 << 2)
    static let modifier = Categories(rawValue: 1 << 3)
    static let otherLetter = Categories(rawValue: 1 << 4)
    static let mark = Categories(rawValue: 0b111 << 5)
    static let decimal = Categories(rawValue: 1 << 8)
    static let number = Categories(rawValue: 0b111 << 8)
    static let connector = Categories(rawValue: 1 << 11)
    static let punctuation = Categories(rawValue: 0b111_1111 << 11)
    static let symbol = Categories(rawValue: 0b1111 << 18)
    static let separator = Categories(rawValue: 0b111 << 22)
    static let other = Categories(rawValue: 0b1_1111 << 25)

    /// By the names that patterns use.
    static let named: [String: Categories] = [
      "L": .letter, "Lu": .uppercase, "Ll": .lowercase, "Lt": .titlecase, "Lm": .modifier,
      "Lo": .otherLetter, "M": .mark, "N": .number, "Nd": .decimal, "P": .punctuation,
      "Pc": .connector, "S": .symbol, "Z": .separator, "C": .other,
    ]

    init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// The category of one character.
    init(of scalar: Unicode.Scalar) {
      let bit: UInt32 =
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: 0
        case .lowercaseLetter: 1
        case .titlecaseLetter: 2
        case .modifierLetter: 3
        case .otherLetter: 4
        case .nonspacingMark: 5
        case .spacingMark: 6
        case .enclosingMark: 7
        case .decimalNumber: 8
        case .letterNumber: 9
        case .otherNumber: 10
        case .connectorPunctuation: 11
        case .dashPunctuation: 12
        case .openPunctuation: 13
        case .closePunctuation: 14
        case .initialPunctuation: 15
        case .finalPunctuation: 16
        case .otherPunctuation: 17
        case .mathSymbol: 18
        case .currencySymbol: 19
        case .modifierSymbol: 20
        case .otherSymbol: 21
        case .spaceSeparator: 22
        case .lineSeparator: 23
        case .paragraphSeparator: 24
        case .control: 25
        case .format: 26
        case .surrogate: 27
        case .privateUse: 28
        case .unassigned: 29
        @unknown default: 29
        }
      rawValue = 1 << bit
    }

    /// All the others.
    var inverted: Categories { Categories(rawValue: ~rawValue & (1 << 30 - 1)) }

    /// The categories of the characters below U+10000, since the look-up above is slow.
    static let basic = (UInt32.min..<0x10000).map {
      Unicode.Scalar($0).map { Categories(of: $0) } ?? Categories(rawValue: 1 << 27)
    }
  }

  private var categories: Categories = []
  private var ranges: [ClosedRange<UInt32>] = []
  /// The Unicode property White_Space, and all characters without it.
  private var hasWhiteSpace = false
  private var hasOthersThanWhiteSpace = false
  /// The Unicode property Alphabetic.
  private var hasAlphabetic = false
  private var isInverted = false
  /// The answers for ASCII, a bit each.
  private(set) var ascii: [UInt64] = [0, 0]

  mutating func insert(_ other: Categories) { categories.formUnion(other) }
  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }
  mutating func insertWhiteSpace() { hasWhiteSpace = true }
  mutating func insertOthersThanWhiteSpace() { hasOthersThanWhiteSpace = true }
  mutating func insertAlphabetic() { hasAlphabetic = true }

  /// Ready for use, or for use as its opposite.
  func prepared(inverted: Bool = false) -> CharacterClass {
    var copy = self
    copy.isInverted = inverted
    for value in UInt32(0)..<128 where copy.contains(value) {
      copy.ascii[Int(value >> 6)] |= 1 << UInt64(value & 63)
    }
    return copy
  }

  /// Whether a character, given by its code point, belongs to the set.
  func contains(_ value: UInt32) -> Bool { holds(value) != isInverted }

  private func holds(_ value: UInt32) -> Bool {
    for range in ranges where range.contains(value) { return true }
    let isBasic = value < Categories.basic.count
    if !categories.isEmpty {
      let category =
        isBasic
        ? Categories.basic[Int(value)] : Unicode.Scalar(value).map { Categories(of: $0) } ?? []
      if !categories.isDisjoint(with: category) { return true }
    }
    guard hasWhiteSpace || hasOthersThanWhiteSpace || hasAlphabetic,
      let scalar = Unicode.Scalar(value)
    else { return false }
    if hasAlphabetic, scalar.properties.isAlphabetic { return true }
    if hasWhiteSpace || hasOthersThanWhiteSpace {
      // No white space lies above this one.
      let isSpace = value <= 0x3000 && scalar.properties.isWhitespace
      return isSpace ? hasWhiteSpace : hasOthersThanWhiteSpace
    }
    return false
  }
}

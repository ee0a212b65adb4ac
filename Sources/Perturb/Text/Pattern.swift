/// A regular expression of the kind that tokenizers cut text with, as a small program over UTF-8.
///
///     alternatives   a|b, tried in order
///     groups         (…) (?:…) (?i:…), with ? or without
///     look-ahead     (?!…)
///     characters     a \n \p{L} \P{N} \s \S \d \w [^…], with ? * + {m} {m,} {m,n}
///
/// Alternatives and repetitions are tried as Perl does: the first that leads to a match counts, not
/// the longest. Everything else is left to ICU, which takes thirty times as long.
struct Pattern: Sendable {
  /// One step. Numbers of classes and of steps index the two lists below.
  enum Instruction: Sendable {
    /// Takes characters of a class, as many as possible but no more than leave the rest a match.
    case take(characterClass: Int, minimum: Int, maximum: Int)
    /// Goes on with the next step, or with another one if that leads nowhere.
    case fork(otherwise: Int)
    case jump(to: Int)
    /// Goes on elsewhere if the steps from the next one on lead to no match here.
    case unless(then: Int)
    case found
  }

  /// The numerals among the word characters of Oniguruma: ² ³ ¹ ¼ ½ ¾.
  static let numeralsOfLatin1: [UInt32] = [0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE]

  private let instructions: [Instruction]
  private let classes: [CharacterClass]
  /// What the classes say of ASCII, two words each: nearly all that is asked.
  private let ascii: [UInt64]

  /// Where the match that starts at a place ends; nil if none does. Nothing outside the range is seen.
  func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int) -> Int? {
    run(0, bytes, start, limit)
  }

  private func run(
    _ first: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ limit: Int
  ) -> Int? {
    var (step, position) = (first, start)
    while true {
      switch instructions[step] {
      case .take(let index, let minimum, let maximum):
        let beginning = position
        var count = 0
        while count < maximum, position < limit {
          let (scalar, length) = Self.scalar(in: bytes, at: position)
          let isTaken =
            scalar < 0x80
            ? ascii[2 * index + Int(scalar >> 6)] >> UInt64(scalar & 63) & 1 == 1
            : classes[index].contains(scalar)
          guard isTaken else { break }
          position += length
          count += 1
        }
        if count < minimum { return nil }
        step += 1
        if count == minimum || position == beginning { continue }
        while true {
          if let end = run(step, bytes, position, limit) { return end }
          if count == minimum { return nil }
          count -= 1
          position -= 1
          // The other bytes of a character come after its first one.
          while bytes[position] & 0xC0 == 0x80 { position -= 1 }
        }
      case .fork(let other):
        if let end = run(step + 1, bytes, position, limit) { return end }
        step = other
      case .jump(let target): step = target
      case .unless(let next):
        if run(step + 1, bytes, position, limit) != nil { return nil }
        step = next
      case .found: return position
      }
    }
  }

  /// The character at a place of valid UTF-8, and how many bytes it takes.
  @inline(__always)
  static func scalar(
    in bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (value: UInt32, length: Int) {
    let first = UInt32(bytes[position])
    func next(_ offset: Int) -> UInt32 { UInt32(bytes[position + offset]) & 0x3F }
    if first < 0x80 { return (first, 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | next(1), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | next(1) << 6 | next(2), 3) }
    return ((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
  }

  /// How many bytes the character has that begins with a byte.
  static func length(startingWith byte: UInt8) -> Int {
    byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }
}

// MARK: - Reading

extension Pattern {
  /// Reads an expression.
  ///
  /// - Parameter joinsWords: whether `\w` has the two joiners, as in Rust, rather than six characters of
  ///   Latin-1, as in Oniguruma. The Python package uses both libraries.
  /// - Returns: nil for what this type has no steps for, and for what matches nothing at all: empty
  ///   matches have rules of their own.
  init?(_ text: String, joinsWords: Bool = false) {
    var compiler = PatternCompiler(text, joinsWords: joinsWords)
    guard compiler.compile() else { return nil }
    instructions = compiler.instructions
    classes = compiler.classes
    ascii = classes.flatMap(\.ascii)
    let isEmpty = [UInt8]().withUnsafeBufferPointer { end(in: $0, from: 0, to: 0) != nil }
    if isEmpty { return nil }
  }

  /// Matches one text and nothing else; nil if it is empty.
  init?(literal text: String) {
    if text.isEmpty { return nil }
    var classes: [CharacterClass] = []
    var instructions: [Instruction] = []
    for scalar in text.unicodeScalars {
      var single = CharacterClass()
      single.insert(scalar.value...scalar.value)
      instructions.append(.take(characterClass: classes.count, minimum: 1, maximum: 1))
      classes.append(single.prepared())
    }
    self.instructions = instructions + [.found]
    self.classes = classes
    ascii = classes.flatMap(\.ascii)
  }
}

/// Turns the text of an expression into steps, by recursive descent.
private struct PatternCompiler {
  private let text: [Unicode.Scalar]
  private let joinsWords: Bool
  private var position = 0
  private var ignoresCase = false
  private var isInBrackets = false
  private(set) var instructions: [Pattern.Instruction] = []
  private(set) var classes: [CharacterClass] = []

  init(_ text: String, joinsWords: Bool) {
    self.text = Array(text.unicodeScalars)
    self.joinsWords = joinsWords
  }

  /// False if something is not known.
  mutating func compile() -> Bool {
    guard alternatives(depth: 0), position == text.count else { return false }
    instructions.append(.found)
    return true
  }

  private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

  private mutating func skip(_ expected: String) -> Bool {
    guard text[position...].starts(with: expected.unicodeScalars) else { return false }
    position += expected.unicodeScalars.count
    return true
  }

  private mutating func alternatives(depth: Int) -> Bool {
    guard depth < 20 else { return false }
    var jumps: [Int] = []
    while true {
      let fork = instructions.count
      instructions.append(.fork(otherwise: 0))
      guard sequence(depth: depth) else { return false }
      guard skip("|") else {
        // The last one has no other: its fork goes to the next step either way.
        instructions[fork] = .jump(to: fork + 1)
        break
      }
      jumps.append(instructions.count)
      instructions.append(.jump(to: 0))
      instructions[fork] = .fork(otherwise: instructions.count)
    }
    for jump in jumps { instructions[jump] = .jump(to: instructions.count) }
    return true
  }

  private mutating func sequence(depth: Int) -> Bool {
    while let scalar = next, scalar != "|", scalar != ")" {
      guard scalar == "(" ? group(depth: depth) : character() else { return false }
    }
    return true
  }

  private mutating func group(depth: Int) -> Bool {
    let start = instructions.count
    let ignoredCase = ignoresCase
    let isNegative = skip("(?!")
    if isNegative {
      instructions.append(.unless(then: 0))
    } else {
      instructions.append(.jump(to: start + 1))
      if skip("(?i:") {
        ignoresCase = true
      } else if !skip("(?:") {
        position += 1
        if next == "?" { return false }
      }
    }
    guard alternatives(depth: depth + 1), skip(")") else { return false }
    ignoresCase = ignoredCase
    if isNegative {
      instructions.append(.found)
      instructions[start] = .unless(then: instructions.count)
    } else if skip("?") {
      instructions[start] = .fork(otherwise: instructions.count)
    }
    // Repeated groups, and repetitions that are lazy or keep what they took.
    return !(next.map { "?*+{".unicodeScalars.contains($0) } ?? false)
  }

  private mutating func character() -> Bool {
    guard let set = next == "[" ? brackets() : single() else { return false }
    var (minimum, maximum) = (1, 1)
    if skip("?") {
      minimum = 0
    } else if skip("*") {
      (minimum, maximum) = (0, .max)
    } else if skip("+") {
      maximum = .max
    } else if skip("{") {
      guard let first = number() else { return false }
      minimum = first
      maximum = first
      if skip(",") { maximum = next == "}" ? .max : number() ?? -1 }
      guard maximum >= minimum, skip("}") else { return false }
    }
    if let next, "?*+{".unicodeScalars.contains(next) { return false }
    instructions.append(
      .take(characterClass: classes.count, minimum: minimum, maximum: maximum))
    classes.append(set)
    return true
  }

  private mutating func number() -> Int? {
    let start = position
    while let digit = next, ("0"..."9").contains(digit), position < start + 4 { position += 1 }
    return Int(String(String.UnicodeScalarView(text[start..<position])))
  }

  /// One character or escape outside brackets.
  private mutating func single() -> CharacterClass? {
    guard let scalar = next, !".^$*+?{}[]".unicodeScalars.contains(scalar) else { return nil }
    var set = CharacterClass()
    guard item(into: &set) else { return nil }
    return set.prepared()
  }

  private mutating func brackets() -> CharacterClass? {
    position += 1
    let isInverted = skip("^")
    isInBrackets = true
    defer { isInBrackets = false }
    var set = CharacterClass()
    if next == "]" { return nil }
    while let scalar = next, scalar != "]" {
      // Sets within sets, and what two sets have in common.
      if scalar == "[" || text[position...].starts(with: "&&".unicodeScalars) { return nil }
      guard item(into: &set) else { return nil }
    }
    return skip("]") ? set.prepared(inverted: isInverted) : nil
  }

  /// A character, an escape or a range.
  private mutating func item(into set: inout CharacterClass) -> Bool {
    guard let scalar = next else { return false }
    position += 1
    guard scalar == "\\" else { return range(from: scalar, into: &set) }
    guard let escaped = next else { return false }
    position += 1
    switch escaped {
    case "r": return range(from: "\r", into: &set)
    case "n": return range(from: "\n", into: &set)
    case "t": return range(from: "\t", into: &set)
    case "s": set.insertWhiteSpace()
    case "S": set.insertOthersThanWhiteSpace()
    case "d": set.insert(.decimal)
    case "w":
      set.insertAlphabetic()
      set.insert([.mark, .decimal, .connector])
      for value in joinsWords ? [0x200C, 0x200D] : Pattern.numeralsOfLatin1 {
        set.insert(value...value)
      }
    case "p", "P":
      let start = position + 1
      guard skip("{"), let end = text[start...].firstIndex(of: "}") else { return false }
      position = end + 1
      let name = String(String.UnicodeScalarView(text[start..<end]))
      guard let categories = CharacterClass.Categories.named[name] else { return false }
      set.insert(escaped == "p" ? categories : categories.inverted)
    default:
      guard escaped.isASCII, !escaped.properties.isAlphabetic, !("0"..."9").contains(escaped)
      else { return false }
      return range(from: escaped, into: &set)
    }
    return true
  }

  /// A character, or a range if a hyphen follows and something other than the end of the brackets.
  private mutating func range(from first: Unicode.Scalar, into set: inout CharacterClass) -> Bool {
    var last = first
    if isInBrackets, position + 1 < text.count, text[position] == "-", text[position + 1] != "]" {
      last = text[position + 1]
      position += 2
      if last == "[" || last < first { return false }
      if last == "\\" {
        guard let escaped = next, escaped.isASCII, !escaped.properties.isAlphabetic,
          escaped >= first
        else { return false }
        position += 1
        last = escaped
      }
    }
    if ignoresCase {
      guard first == last, insertFolded(first, into: &set) else { return false }
    }
    set.insert(first.value...last.value)
    return true
  }

  /// The other cases of an ASCII character; false for other characters.
  private func insertFolded(_ scalar: Unicode.Scalar, into set: inout CharacterClass) -> Bool {
    guard scalar.isASCII else { return false }
    guard scalar.properties.isAlphabetic else { return true }
    let other = scalar.value ^ 0x20
    set.insert(other...other)
    // The long s and the sign of kelvin are s and k in any case.
    for (letter, like) in [("s", 0x17F), ("k", 0x212A)] as [(Unicode.Scalar, UInt32)]
    where scalar.value | 0x20 == letter.value {
      set.insert(like...like)
    }
    return true
  }
}

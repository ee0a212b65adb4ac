internal import FormatIO
internal import Foundation

/// What a step looks for in text: a regular expression, or a text as it stands.
///
/// Patterns run on our own `Pattern` if it knows all that is in them, else on ICU.
struct SplitPattern: Sendable {
  private enum Kind: Sendable {
    case program(Pattern)
    case expression(NSRegularExpression)
  }

  /// A stretch of text, by its bytes, and whether the pattern matched it.
  struct Match {
    let range: Range<Int>
    var isMatch: Bool
  }

  private let kind: Kind
  private var isInverted = false

  /// Compiles a regular expression once.
  ///
  /// The Python package uses Oniguruma with Ruby's rules: `^` and `$` match at every line, and only a
  /// line feed ends one. The options give ICU the same rules.
  ///
  /// - Parameter joinsWords: as `Pattern` has it.
  /// - Throws: `InputError` naming `place`, if ICU cannot read it either.
  init(regex: String, joinsWords: Bool = false, file: String, place: String) throws {
    if let program = Pattern(regex, joinsWords: joinsWords) {
      kind = .program(program)
      return
    }
    do {
      kind = .expression(
        try NSRegularExpression(
          pattern: Self.withWords(regex), options: [.anchorsMatchLines, .useUnixLineSeparators]))
    } catch {
      throw InputError(
        file: file, place: place, expected: "a regular expression that ICU can read",
        found: JSON.string(regex).encoded())
    }
  }

  /// The pattern with Oniguruma's meaning of `\w` written out: ICU has joiners among word characters.
  private static func withWords(_ regex: String) -> String {
    var result = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in regex.unicodeScalars {
      if isEscaped, scalar == "w" || scalar == "W" {
        result.removeLast()
        let numerals = Pattern.numeralsOfLatin1.compactMap(Unicode.Scalar.init)
        result += (scalar == "w" ? "[" : "[^").unicodeScalars
        result += #"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"#.unicodeScalars + numerals
        result.append("]")
      } else {
        result.append(scalar)
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    return String(result)
  }

  /// Reads `{"Regex": …}` or `{"String": …}`.
  ///
  /// - Throws: `InputError` naming `place` for anything else, and for patterns that ICU cannot read.
  init(json: JSON?, file: String, place: String) throws {
    if let text = json?["String"]?.string, let program = Pattern(literal: text) {
      self.init(program)
    } else if let regex = json?["Regex"]?.string {
      try self.init(regex: regex, file: file, place: place)
    } else {
      throw InputError(
        file: file, place: place, expected: "a Regex, or a String that is not empty",
        found: (json ?? .null).encoded())
    }
  }

  /// The same pattern with matches and gaps exchanged.
  var inverted: SplitPattern {
    var copy = self
    copy.isInverted.toggle()
    return copy
  }

  /// Covers the range with matches and the gaps between them, in order. Matches may be empty. The
  /// pattern sees nothing outside the range.
  func matches(in bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>) -> [Match] {
    var result: [Match] = []
    var end = range.lowerBound
    func add(_ match: Range<Int>) {
      if end < match.lowerBound {
        result.append(Match(range: end..<match.lowerBound, isMatch: isInverted))
      }
      result.append(Match(range: match, isMatch: !isInverted))
      end = match.upperBound
    }
    switch kind {
    case .program(let program):
      var position = range.lowerBound
      while position < range.upperBound {
        if let end = program.end(in: bytes, from: position, to: range.upperBound) {
          add(position..<end)
          position = end
        } else {
          position += Pattern.scalar(in: bytes, at: position).length
        }
      }
    case .expression(let expression):
      let text = String(decoding: bytes[range], as: UTF8.self)
      // ICU counts UTF-16 units; matches come in order.
      let (units, utf8) = (text.utf16, text.utf8)
      var (index, count, offset) = (units.startIndex, 0, range.lowerBound)
      func place(_ unit: Int) -> Int {
        let next = units.index(index, offsetBy: unit - count)
        offset += utf8.distance(from: index, to: next)
        (index, count) = (next, unit)
        return offset
      }
      expression.enumerateMatches(in: text, range: NSRange(0..<units.count)) { match, _, _ in
        guard let match else { return }
        let start = place(match.range.lowerBound)
        add(start..<place(match.range.upperBound))
      }
    }
    if end < range.upperBound {
      result.append(Match(range: end..<range.upperBound, isMatch: isInverted))
    }
    return result
  }
}

/// What becomes of the matches of a splitting step.
enum SplitBehavior: String, CaseIterable, Sendable {
  /// Every match and every gap is a piece.
  case isolated = "Isolated"
  /// Matches are thrown away.
  case removed = "Removed"
  /// A match ends the gap before it.
  case mergedWithPrevious = "MergedWithPrevious"
  /// A match begins the gap after it.
  case mergedWithNext = "MergedWithNext"
  /// Neighbouring matches make one piece.
  case contiguous = "Contiguous"

  /// Reads the `behavior` of a step.
  init(json: JSON?, file: String, place: String) throws {
    guard let behavior = json?.string.flatMap(SplitBehavior.init) else {
      throw InputError(
        file: file, place: place,
        expected: Self.allCases.map(\.rawValue).joined(separator: ", "),
        found: (json ?? .null).encoded())
    }
    self = behavior
  }

  /// The pieces that follow from the matches.
  func arrange(_ matches: [SplitPattern.Match]) -> [Range<Int>] {
    switch self {
    case .isolated: return matches.map(\.range)
    case .removed: return matches.filter { !$0.isMatch }.map(\.range)
    case .mergedWithPrevious:
      return joined(matches) { last, next in next.isMatch && !last.isMatch }
    case .mergedWithNext:
      return joined(matches) { last, next in last.isMatch && !next.isMatch }
    case .contiguous:
      return joined(matches) { last, next in last.isMatch == next.isMatch }
    }
  }

  /// Joins neighbours for which the rule holds.
  private func joined(
    _ matches: [SplitPattern.Match], if belongs: (SplitPattern.Match, SplitPattern.Match) -> Bool
  ) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var last: SplitPattern.Match?
    for match in matches {
      if let last, belongs(last, match), let piece = pieces.popLast() {
        pieces.append(piece.lowerBound..<match.range.upperBound)
      } else {
        pieces.append(match.range)
      }
      last = match
    }
    return pieces
  }
}

/// Matches of a pattern exchanged for a text: the `Replace` step of normalizers and decoders.
struct Replacement: Sendable {
  private let pattern: SplitPattern
  private let content: [UInt8]
  /// What every match begins with, if that is known: most texts do not have it.
  private var firstByte: UInt8?

  /// Reads a `Replace` step.
  init(json: JSON, file: String, place: String) throws {
    pattern = try SplitPattern(json: json["pattern"], file: file, place: "\(place).pattern")
    guard let content = json["content"]?.string else {
      throw InputError(
        file: file, place: "\(place).content", expected: "a text",
        found: (json["content"] ?? .null).encoded())
    }
    self.content = Array(content.utf8)
    firstByte = json["pattern"]?["String"]?.string?.utf8.first
  }

  /// Exchanges one text, if it is not empty, for another.
  init?(_ old: String, with new: String) {
    guard let program = Pattern(literal: old) else { return nil }
    pattern = SplitPattern(program)
    content = Array(new.utf8)
    firstByte = old.utf8.first
  }

  /// Whether the first character of a text goes, rather than turns into something else. What stands for
  /// several characters counts as coming of the last one, as in the Python package.
  func removesFirst(of text: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { bytes in
      guard let lead = text.first,
        let first = pattern.matches(in: bytes, range: 0..<text.count).first, first.isMatch
      else { return false }
      return content.isEmpty || first.range.count > Pattern.length(startingWith: lead)
    }
  }

  /// The bytes of a text with every match exchanged.
  func apply(_ text: [UInt8]) -> [UInt8] {
    if let firstByte, !text.contains(firstByte) { return text }
    return text.withUnsafeBufferPointer { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(text.count)
      for match in pattern.matches(in: bytes, range: 0..<text.count) {
        if match.isMatch { result += content } else { result += bytes[match.range] }
      }
      return result
    }
  }
}

extension SplitPattern {
  /// A pattern that is at hand.
  init(_ program: Pattern) {
    kind = .program(program)
  }
}

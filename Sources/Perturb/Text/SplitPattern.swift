internal import FormatIO
internal import Foundation

/// What a splitting step looks for.
struct SplitPattern: Sendable {
  private enum Kind: Sendable {
    case expression(NSRegularExpression)
    case numeral
  }

  /// A stretch of text and whether the pattern matched it.
  struct Match {
    let range: Range<Int>
    var isMatch: Bool
  }

  private let kind: Kind
  private var isInverted = false

  /// Single characters of the general category Number, as Rust's `char::is_numeric` has it. Chinese
  /// numerals are letters.
  static let numerals = SplitPattern(kind: .numeral)

  private init(kind: Kind) {
    self.kind = kind
  }

  /// Compiles a regular expression once.
  ///
  /// The Python package uses Oniguruma with Ruby's rules: `^` and `$` match at every line, and only a
  /// line feed ends one. The options give ICU the same rules.
  init(regex: String, file: String, place: String) throws {
    do {
      kind = .expression(
        try NSRegularExpression(
          pattern: regex, options: [.anchorsMatchLines, .useUnixLineSeparators]))
    } catch {
      throw InputError(
        file: file, place: place, expected: "a regular expression that ICU can read",
        found: JSON.string(regex).encoded())
    }
  }

  /// The same pattern with matches and gaps exchanged.
  var inverted: SplitPattern {
    var copy = self
    copy.isInverted.toggle()
    return copy
  }

  /// Covers the range with matches and the gaps between them, in order. Matches may be empty.
  func matches(in text: UTF16Text, range: Range<Int>) -> [Match] {
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
    case .expression(let expression):
      expression.enumerateMatches(in: text.string, range: NSRange(range)) { match, _, _ in
        if let match { add(match.range.lowerBound..<match.range.upperBound) }
      }
    case .numeral:
      var position = range.lowerBound
      for scalar in String(decoding: text.array[range], as: UTF16.self).unicodeScalars {
        let next = position + UTF16.width(scalar)
        if scalar.isNumeral { add(position..<next) }
        position = next
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

  /// The pieces that follow from the matches.
  func arrange(_ matches: [SplitPattern.Match], in range: Range<Int>) -> [Range<Int>] {
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

extension Unicode.Scalar {
  /// True for the general categories Nd, Nl and No.
  fileprivate var isNumeral: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }
}

import Foundation
import Testing

@testable import Perturb

/// Does our own engine for patterns find what ICU finds?
@Suite struct PatternTests {
  private static let patterns = [
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+"#,
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\S"#,
    #"\p{P}\P{L}{2,}|(a|ab)(c|bcd)?|[x-z\-\]]+"#,
    #"[\p{S}\p{Z}]{2}|(?:[0-9]{2}(?![0-9]))|\d{1,2}"#,
    #"[一-龥぀-ゟ゠-ヿ]+|[!-/:-~][A-Za-z]+"#,
  ]

  private static func matches(_ text: String, _ pattern: Pattern) -> [String] {
    let bytes = Array(text.utf8)
    let found = bytes.withUnsafeBufferPointer {
      SplitPattern(pattern).matches(in: $0, range: 0..<bytes.count)
    }
    return found.filter(\.isMatch).map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  @Test(arguments: patterns) func itFindsWhatICUFinds(_ text: String) throws {
    let pattern = try #require(Pattern(text))
    let expression = try NSRegularExpression(pattern: text)
    for line in TokenizerGoldens.corpus {
      let found = expression.matches(in: line, range: NSRange(0..<line.utf16.count))
      let units = Array(line.utf16)
      let expected = found.map {
        String(decoding: units[$0.range.lowerBound..<$0.range.upperBound], as: UTF16.self)
      }
      let own = Self.matches(line, pattern)
      #expect(own.count == expected.count)
      #expect(zip(own, expected).allSatisfy { $0.utf8.elementsEqual($1.utf8) }, "\(line)")
    }
  }

  /// What it does not know, or what may match nothing, it leaves to ICU.
  @Test(arguments: [
    "", "a*", "^a", "a$", ".", "a+?", "a++", "(?=a)b", "(?<!a)b", "(ab)+", "[a&&b]", "[[:alpha:]]",
    #"\p{Han}"#, #"\b"#, #"\x41"#, "[b-a]", "[a", "(a", "a)", "a{2,1}", "a{", "(?i:é)", "(?!a)",
  ])
  func theRestIsRefused(_ text: String) {
    #expect(Pattern(text) == nil)
  }

  @Test func aPatternSeesOnlyItsRange() throws {
    let pattern = try #require(Pattern(#"\s+(?!\S)"#))
    let bytes = Array("  a".utf8)
    bytes.withUnsafeBufferPointer {
      #expect(pattern.end(in: $0, from: 0, to: 3) == 1)
      #expect(pattern.end(in: $0, from: 0, to: 2) == 2)
    }
  }

  @Test func longRunsTakeNoStack() throws {
    let pattern = try #require(Pattern(Self.patterns[0]))
    #expect(Self.matches(String(repeating: " ", count: 1_000_000) + "a", pattern).count == 2)
  }
}

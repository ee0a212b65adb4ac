internal import FormatIO
internal import Foundation

/// Rewrites text before it is cut into words: the `normalizer` of a `tokenizer.json`.
struct Normalizer: Sendable {
  /// The Unicode normal forms that byte-level tokenizers use.
  private enum Form: String, CaseIterable {
    case composed = "NFC"
    case decomposed = "NFD"
    case compatiblyComposed = "NFKC"
    case compatiblyDecomposed = "NFKD"
  }

  private enum Step {
    case form(Form)
    /// In front of every text that is not empty.
    case prepend(String)
    case replace(String, with: String)
  }

  private let steps: [Step]

  /// What SentencePiece does to spaces: one in front, if asked for, and all of them written as `▁`.
  init(metaspaceWithPrefix hasPrefix: Bool) {
    steps = (hasPrefix ? [.prepend(" ")] : []) + [.replace(" ", with: "▁")]
  }

  /// Reads the `normalizer` stage; null means none.
  init(json: JSON?, file: String) throws {
    steps = try flattened(json, list: "normalizers", place: "normalizer").map { place, step in
      guard let form = step["type"]?.string.flatMap(Form.init) else {
        throw InputError(
          file: file, place: place,
          expected: "null, Sequence, " + Form.allCases.map(\.rawValue).joined(separator: ", "),
          found: (step["type"] ?? .null).encoded())
      }
      return .form(form)
    }
  }

  /// The text in normal form.
  ///
  /// Foundation composes no final consonant onto a ready-made Hangul syllable (U+AC00 U+11A8), as
  /// the standard asks for. Decomposing first, which changes nothing else, makes it do so.
  func apply(_ text: String) -> String {
    steps.reduce(text) { text, step in
      switch step {
      case .form(.composed):
        text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
      case .form(.decomposed): text.decomposedStringWithCanonicalMapping
      case .form(.compatiblyComposed):
        text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
      case .form(.compatiblyDecomposed): text.decomposedStringWithCompatibilityMapping
      case .prepend(let prefix): text.isEmpty ? text : prefix + text
      case .replace(let old, let new): Self.replacing(old, with: new, in: text)
      }
    }
  }

  /// Replaces by bytes: Swift's own search would skip a space before a combining mark.
  private static func replacing(_ old: String, with new: String, in text: String) -> String {
    let pattern = Array(old.utf8)
    guard let first = pattern.first else { return text }
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      if byte == first, rest.starts(with: pattern) {
        result += new.utf8
        rest = rest.dropFirst(pattern.count)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

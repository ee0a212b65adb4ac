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

  private let forms: [Form]

  /// Reads the `normalizer` stage; null means none.
  init(json: JSON?, file: String) throws {
    forms = try flattened(json, list: "normalizers", place: "normalizer").map { place, step in
      guard let form = step["type"]?.string.flatMap(Form.init) else {
        throw InputError(
          file: file, place: place,
          expected: "null, Sequence, " + Form.allCases.map(\.rawValue).joined(separator: ", "),
          found: (step["type"] ?? .null).encoded())
      }
      return form
    }
  }

  /// The text in normal form.
  ///
  /// Foundation composes no final consonant onto a ready-made Hangul syllable (U+AC00 U+11A8), as
  /// the standard asks for. Decomposing first, which changes nothing else, makes it do so.
  func apply(_ text: String) -> String {
    forms.reduce(text) { text, form in
      switch form {
      case .composed:
        text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
      case .decomposed: text.decomposedStringWithCanonicalMapping
      case .compatiblyComposed:
        text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
      case .compatiblyDecomposed: text.decomposedStringWithCompatibilityMapping
      }
    }
  }
}

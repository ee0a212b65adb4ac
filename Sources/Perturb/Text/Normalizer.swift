internal import FormatIO
internal import Foundation

/// Rewrites text before it is cut into words: the `normalizer` of a `tokenizer.json`.
struct Normalizer: Sendable {
  /// The Unicode normal forms.
  private enum Form: String, CaseIterable {
    case composed = "NFC"
    case decomposed = "NFD"
    case compatiblyComposed = "NFKC"
    case compatiblyDecomposed = "NFKD"
  }

  private enum Step: Sendable {
    case form(Form)
    /// In front of every text that is not empty.
    case prepend([UInt8])
    case replace(Replacement)
    case strip(left: Bool, right: Bool)
    /// Every character exchanged for others, or for none.
    case characters(@Sendable (Unicode.Scalar) -> String.UnicodeScalarView)
    case map(CharacterMap)
  }

  private let steps: [Step]

  /// What SentencePiece does to spaces: one in front, if asked for, and all of them written as `▁`.
  init(metaspaceWithPrefix hasPrefix: Bool) {
    let marks = Replacement(" ", with: "▁").map { [Step.replace($0)] } ?? []
    steps = (hasPrefix ? [.prepend([0x20])] : []) + marks
  }

  /// A text, and whether its first character comes of the first one of the text before.
  struct Result {
    var bytes: [UInt8]
    var keepsBeginning = true
  }

  /// The text after all steps.
  func apply(_ text: String) -> String {
    String(decoding: apply(Array(text.utf8)).bytes, as: UTF8.self)
  }

  /// The UTF-8 of the text after all steps.
  func apply(_ text: [UInt8]) -> Result {
    steps.reduce(into: Result(bytes: text)) { Self.apply($1, to: &$0) }
  }

  private static func apply(_ step: Step, to text: inout Result) {
    if text.bytes.isEmpty { return }
    switch step {
    case .form(let form): text.bytes = normalized(text.bytes, form)
    case .prepend(let prefix):
      text.bytes = prefix + text.bytes
      if !prefix.isEmpty { text.keepsBeginning = true }
    case .replace(let replacement):
      if replacement.removesFirst(of: text.bytes) { text.keepsBeginning = false }
      text.bytes = replacement.apply(text.bytes)
    case .strip(let left, let right):
      let scalars = String(decoding: text.bytes, as: UTF8.self).unicodeScalars
      let rest = left ? scalars.drop { $0.properties.isWhitespace } : scalars[...]
      if rest.count < scalars.count { text.keepsBeginning = false }
      let blanks = right ? rest.reversed().prefix { $0.properties.isWhitespace }.count : 0
      text.bytes = Array(String(rest.dropLast(blanks)).utf8)
    case .characters(let change):
      let scalars = String(decoding: text.bytes, as: UTF8.self).unicodeScalars
      if let first = scalars.first, change(first).isEmpty { text.keepsBeginning = false }
      text.bytes = scalars.flatMap { change($0).flatMap { Array(UTF8.encode($0) ?? .init()) } }
    case .map(let map): text.bytes = map.apply(text.bytes)
    }
  }

  /// The text in normal form.
  ///
  /// Foundation composes no final consonant onto a ready-made Hangul syllable (U+AC00 U+11A8), as
  /// the standard asks for. Decomposing first, which changes nothing else, makes it do so.
  private static func normalized(_ bytes: [UInt8], _ form: Form) -> [UInt8] {
    // Below U+0300 everything is composed, and in ASCII there is nothing to decompose either.
    let limit: UInt8 = form == .composed ? 0xCC : 0x80
    if bytes.allSatisfy({ $0 < limit }) { return bytes }
    let text = String(decoding: bytes, as: UTF8.self)
    let result =
      switch form {
      case .composed:
        text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
      case .decomposed: text.decomposedStringWithCanonicalMapping
      case .compatiblyComposed:
        text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
      case .compatiblyDecomposed: text.decomposedStringWithCompatibilityMapping
      }
    return Array(result.utf8)
  }
}

// MARK: - Reading

extension Normalizer {
  /// The steps that are known beside the normal forms.
  private static let readers:
    [String: @Sendable (_ json: JSON, _ file: String, _ place: String) throws -> Step] = [
      "Lowercase": { _, _, _ in
        .characters { $0.properties.lowercaseMapping.unicodeScalars }
      },
      "Nmt": { _, _, _ in .characters(withoutControls) },
      "Precompiled": { .map(try CharacterMap(json: $0, file: $1, place: $2)) },
      "Prepend": { json, file, place in
        guard let text = json["prepend"]?.string else {
          throw InputError(
            file: file, place: "\(place).prepend", expected: "a text",
            found: (json["prepend"] ?? .null).encoded())
        }
        return .prepend(Array(text.utf8))
      },
      "Replace": { .replace(try Replacement(json: $0, file: $1, place: $2)) },
      "Strip": { json, _, _ in
        .strip(
          left: json["strip_left"]?.boolean ?? true, right: json["strip_right"]?.boolean ?? true)
      },
      "StripAccents": { _, _, _ in
        .characters { scalar in
          let isMark = !CharacterClass.Categories(of: scalar).isDisjoint(with: .mark)
          return isMark ? .init() : .init([scalar])
        }
      },
    ]

  /// What SentencePiece does for machine translation: no control characters, and blanks for invisible
  /// ones.
  private static func withoutControls(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    switch scalar.value {
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: .init()
    case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
      .init([" "])
    default: .init([scalar])
    }
  }

  /// Reads the `normalizer` stage; null means none.
  ///
  /// - Throws: `InputError` for steps that are not supported.
  init(json: JSON?, file: String) throws {
    steps = try flattened(json, list: "normalizers", place: "normalizer").map { place, step in
      let type = step["type"] ?? .null
      if let form = type.string.flatMap(Form.init) { return .form(form) }
      guard let read = type.string.flatMap({ Self.readers[$0] }) else {
        let known = Form.allCases.map(\.rawValue) + Self.readers.keys.sorted()
        throw InputError(
          file: file, place: place,
          expected: "null, Sequence, \(known.joined(separator: ", "))", found: type.encoded())
      }
      return try read(step, file, place)
    }
  }
}

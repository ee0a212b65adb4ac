internal import FormatIO

/// Tokens to text: the `decoder` of a `tokenizer.json`.
///
/// A step turns a list of tokens into another one; what is left in the end is joined.
struct Decoder: Sendable {
  private enum Step: Sendable {
    /// One text of bytes that are written in GPT-2's alphabet.
    case byteLevel
    /// Tokens such as `<0x0A>` become bytes; a run that is no UTF-8 becomes one U+FFFD for each.
    case byteFallback
    /// As llama.cpp has it: the same, but what is broken is replaced in the text as a whole.
    case bytes
    case fuse
    case replace(Replacement)
    /// Up to so many of a character taken off both ends.
    case strip([UInt8], start: Int, stop: Int)
    case metaspace(Metaspace)
    /// What a missing decoder does: a space between tokens.
    case separate
  }

  private let steps: [Step]

  /// For vocabularies of GPT-2's alphabet.
  static let byteLevel = Decoder(steps: [.byteLevel])

  /// For vocabularies of SentencePiece in GGUF files. The space in front of a text stays.
  static let sentencePiece = Decoder(
    steps: (Replacement("▁", with: " ").map { [.replace($0)] } ?? []) + [.bytes])

  /// The text of a list of tokens; what is no UTF-8 is replaced by U+FFFD.
  func text(of tokens: [[UInt8]]) -> String {
    let result = steps.reduce(tokens) { tokens, step in
      switch step {
      case .byteLevel:
        [tokens.flatMap { ByteLevelAlphabet.bytes(of: String(decoding: $0, as: UTF8.self)) }]
      case .byteFallback: Self.withoutByteTokens(tokens)
      case .bytes: [tokens.flatMap { token in Self.byte(spelled: token).map { [$0] } ?? token }]
      case .fuse: [Array(tokens.joined())]
      case .replace(let replacement): tokens.map(replacement.apply)
      case .strip(let character, let start, let stop):
        tokens.map { Self.stripped($0, of: character, start: start, stop: stop) }
      case .metaspace(let metaspace):
        tokens.enumerated().map { metaspace.decode($1, isFirst: $0 == 0) }
      case .separate: [Array(tokens.joined(separator: [0x20]))]
      }
    }
    return String(decoding: Array(result.joined()), as: UTF8.self)
  }

  /// The byte that a token such as `<0x0A>` stands for.
  static func byte(spelled token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">")
    else { return nil }
    return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
  }

  private static func withoutByteTokens(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func endRun() {
      if run.isEmpty { return }
      let isText = String(validating: run, as: UTF8.self) != nil
      result.append(isText ? run : run.flatMap { _ in Array("\u{FFFD}".utf8) })
      run = []
    }
    for token in tokens {
      if let byte = byte(spelled: token) {
        run.append(byte)
      } else {
        endRun()
        result.append(token)
      }
    }
    endRun()
    return result
  }

  private static func stripped(
    _ token: [UInt8], of character: [UInt8], start: Int, stop: Int
  ) -> [UInt8] {
    var rest = token[...]
    for _ in 0..<start where rest.starts(with: character) {
      rest = rest.dropFirst(character.count)
    }
    for _ in 0..<stop where rest.suffix(character.count).elementsEqual(character) {
      rest = rest.dropLast(character.count)
    }
    return Array(rest)
  }
}

// MARK: - Reading

extension Decoder {
  /// The steps that are known.
  private static let readers:
    [String: @Sendable (_ json: JSON, _ file: String, _ place: String) throws -> Step] = [
      "ByteFallback": { _, _, _ in .byteFallback },
      "ByteLevel": { _, _, _ in .byteLevel },
      "Fuse": { _, _, _ in .fuse },
      "Metaspace": { .metaspace(try Metaspace(json: $0, file: $1, place: $2)) },
      "Replace": { .replace(try Replacement(json: $0, file: $1, place: $2)) },
      "Strip": { json, file, place in
        guard let content = json["content"]?.string, content.unicodeScalars.count == 1,
          let start = json["start"]?.integer, start >= 0, let stop = json["stop"]?.integer,
          stop >= 0
        else {
          throw InputError(
            file: file, place: place, expected: "content of one character, start and stop",
            found: json.encoded())
        }
        // No token is longer than this.
        return .strip(Array(content.utf8), start: min(start, 1 << 20), stop: min(stop, 1 << 20))
      },
    ]

  /// Reads the `decoder` of a `tokenizer.json`.
  ///
  /// - Parameter isByteLevel: whether the vocabulary is written in GPT-2's alphabet; then a file
  ///   without a decoder gets that one.
  /// - Throws: `InputError` for steps that are not supported.
  init(json: JSON?, isByteLevel: Bool, file: String) throws {
    let list = flattened(json, list: "decoders", place: "decoder")
    steps =
      list.isEmpty
      ? [isByteLevel ? .byteLevel : .separate]
      : try list.map { place, step in
        let type = step["type"] ?? .null
        guard let read = type.string.flatMap({ Self.readers[$0] }) else {
          throw InputError(
            file: file, place: place,
            expected: "null, Sequence, \(Self.readers.keys.sorted().joined(separator: ", "))",
            found: type.encoded())
        }
        return try read(step, file, place)
      }
  }
}

public import FormatIO
internal import Foundation

/// Text to token identifiers and back, as a `tokenizer.json` or the metadata of a GGUF file describes
/// it: byte-level BPE, SentencePiece BPE or Unigram.
///
///     text → added tokens cut out → normalizer → pre-tokenizer → model → template
///     identifiers → tokens → decoder → text
///
/// Identifiers equal those of the Python `tokenizers` package. Known limits: in patterns that our own
/// `Pattern` does not know, ICU gives up on more than about 300,000 characters of white space in a row,
/// and what follows stays one word; and characters newer than either side's Unicode tables may be
/// classed differently.
public struct Tokenizer: Sendable {
  /// How the words of a text become tokens.
  enum Model: Sendable {
    case bytePairEncoding(BytePairEncoding)
    case unigram(Unigram)
  }

  private let model: Model
  private let normalizer: Normalizer
  private let preTokenizer: PreTokenizer
  /// Tokens found in the text as given, then those found in normalized text.
  private let literalTokens: AddedTokens
  private let normalizedTokens: AddedTokens
  /// Identifiers of the added tokens by their UTF-8.
  private let addedIdentifiers: [[UInt8]: Int32]
  /// How each token is spelled.
  private let spellings: [Int32: [UInt8]]
  private let decoder: Decoder
  private let template: PostProcessor

  /// One more than the largest identifier: the rows that an embedding needs.
  public let vocabularySize: Int

  /// The tokens that steer the model rather than stand for text, such as turn marks.
  public let specialTokenIdentifiers: Set<Int32>

  /// The identifiers that the file's template puts in front of every text, usually one
  /// beginning-of-sequence mark or none.
  public var prefix: [Int32] { template.prefix }

  /// The identifiers of a text. Special tokens written out in the text are recognised.
  ///
  /// - Parameter addSpecialTokens: whether to apply the file's template, which usually puts a
  ///   beginning-of-sequence mark in front.
  public func encode(_ text: String, addSpecialTokens: Bool = false) -> [Int32] {
    var identifiers = addSpecialTokens ? template.prefix : []
    var cache = WordCache()
    let bytes = Array(text.utf8)
    for segment in literalTokens.segments(in: bytes) {
      switch segment {
      case .token(let identifier): identifiers.append(identifier)
      case .text(let range):
        let text = normalizer.apply(Array(bytes[range]))
        encodeNormalized(
          text.bytes, isBeginning: range.lowerBound == 0 && text.keepsBeginning,
          into: &identifiers, cache: &cache)
      }
    }
    return addSpecialTokens ? identifiers + template.suffix : identifiers
  }

  private func encodeNormalized(
    _ bytes: [UInt8], isBeginning: Bool, into identifiers: inout [Int32],
    cache: inout WordCache
  ) {
    for segment in normalizedTokens.segments(in: bytes) {
      switch segment {
      case .token(let identifier): identifiers.append(identifier)
      case .text(let range):
        let pieces = preTokenizer.words(
          in: Array(bytes[range]), isBeginning: isBeginning && range.lowerBound == 0)
        pieces.bytes.withUnsafeBufferPointer { text in
          for range in pieces.ranges {
            for part in model.parts(of: range, in: text) {
              cache.append(UnsafeBufferPointer(rebasing: text[part]), to: &identifiers) {
                model.encode($0)
              }
            }
          }
        }
      }
    }
  }

  /// The text of a run of identifiers: the file's decoder joins the tokens, and broken UTF-8 is replaced
  /// by U+FFFD. Identifiers that name no token stand for nothing.
  public func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) -> String {
    decoder.text(
      of: ids.compactMap { identifier in
        skipSpecialTokens && specialTokenIdentifiers.contains(identifier)
          ? nil : spellings[identifier]
      })
  }

  /// The identifier of a token given as the file spells it, compared by bytes.
  public func id(of token: String) -> Int32? {
    let bytes = Array(token.utf8)
    return addedIdentifiers[bytes] ?? model.vocabulary[bytes]
  }
}

extension Tokenizer.Model {
  /// Identifiers by the UTF-8 of the token as spelled in the file.
  var vocabulary: [[UInt8]: Int32] {
    switch self {
    case .bytePairEncoding(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  /// The parts of a word that encode independently of each other.
  func parts(of range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    switch self {
    case .bytePairEncoding(let model): model.parts(of: range, in: bytes)
    case .unigram: [range]
    }
  }

  /// The identifiers of a part of a word.
  func encode(_ part: [UInt8]) -> [Int32] {
    switch self {
    case .bytePairEncoding(let model): model.encode(part)
    case .unigram(let model): model.encode(part)
    }
  }
}

// MARK: - Reading

extension Tokenizer {
  /// Reads a parsed `tokenizer.json`; `file` is named in errors.
  ///
  /// Truncation and padding are ignored.
  ///
  /// - Throws: `InputError` that names the stage, for everything that is not supported and would change
  ///   identifiers or texts unnoticed.
  public init(json: JSON, file: String) throws {
    guard let model = json["model"] else {
      throw InputError(file: file, place: "model", expected: "an object", found: "nothing")
    }
    let preTokenizer = try PreTokenizer(json: json["pre_tokenizer"], file: file)
    try self.init(
      model: Model(json: model, isByteLevel: preTokenizer.isByteLevel, file: file),
      normalizer: Normalizer(json: json["normalizer"], file: file), preTokenizer: preTokenizer,
      decoder: Decoder(
        json: json["decoder"], isByteLevel: preTokenizer.isByteLevel, file: file),
      template: PostProcessor(json: json["post_processor"], file: file),
      added: (json["added_tokens"]?.array ?? []).enumerated().map { index, entry in
        try AddedTokens.Token(json: entry, file: file, place: "added_tokens[\(index)]")
      }, file: file)
  }

  /// Puts the stages together; `file` is named in errors.
  init(
    model: Model, normalizer: Normalizer, preTokenizer: PreTokenizer, decoder: Decoder,
    template: PostProcessor, added: [AddedTokens.Token], file: String
  ) throws {
    self.model = model
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.decoder = decoder
    self.template = template
    literalTokens = AddedTokens(added.filter { !$0.isNormalized }, spelling: \.content)
    normalizedTokens = AddedTokens(added.filter(\.isNormalized)) { normalizer.apply($0.content) }
    specialTokenIdentifiers = Set(added.filter(\.isSpecial).map(\.identifier))

    let vocabulary = model.vocabulary
    var spellings: [Int32: [UInt8]] = [:]
    spellings.reserveCapacity(vocabulary.count + added.count)
    for (spelling, identifier) in vocabulary { spellings[identifier] = spelling }
    var addedIdentifiers: [[UInt8]: Int32] = [:]
    for (index, token) in added.enumerated() {
      let spelling = Array(token.content.utf8)
      let known = vocabulary[spelling] ?? addedIdentifiers[spelling]
      let isTaken = known == nil && spellings[token.identifier] != nil
      guard known ?? token.identifier == token.identifier, !isTaken else {
        throw InputError(
          file: file, place: "added_tokens[\(index)].id",
          expected: known.map { "\($0), as in the vocabulary" } ?? "an identifier of its own",
          found: "\(token.identifier)")
      }
      addedIdentifiers[spelling] = token.identifier
      // A token that is found in normalized text also stands for normalized text.
      spellings[token.identifier] =
        token.isNormalized ? normalizer.apply(spelling).bytes : spelling
    }
    self.addedIdentifiers = addedIdentifiers
    self.spellings = spellings
    vocabularySize = spellings.keys.max().map { Int($0) + 1 } ?? 0
  }

  /// Reads `tokenizer.json` of a model folder.
  ///
  /// - Throws: `InputError`, of the missing kind if the folder has no such file.
  public static func load(folder: String) throws -> Tokenizer {
    let location = URL(filePath: folder, directoryHint: .isDirectory)
    let file = location.appending(path: "tokenizer.json").path
    guard FileManager.default.fileExists(atPath: file) else {
      let hasSentencePiece = FileManager.default.fileExists(
        atPath: location.appending(path: "tokenizer.model").path)
      throw InputError(
        .missing, file: folder, expected: "tokenizer.json",
        found: hasSentencePiece ? "tokenizer.model" : "no such file",
        fix: hasSentencePiece
          ? "make one from it: pip install transformers sentencepiece protobuf, then"
            + " python -c \"from transformers import AutoTokenizer as T;"
            + " T.from_pretrained('\(folder)').save_pretrained('\(folder)')\""
          : "put the tokenizer.json that belongs to the model into this folder")
    }
    guard let json = try JSON.read(file) else {
      throw InputError(.missing, file: file, expected: "a readable file", found: "no such file")
    }
    return try Tokenizer(json: json, file: file)
  }
}

extension Tokenizer.Model {
  /// Reads the `model` of a `tokenizer.json`.
  ///
  /// - Parameter isByteLevel: whether the vocabulary is written in GPT-2's alphabet.
  fileprivate init(json: JSON, isByteLevel: Bool, file: String) throws {
    // The oldest files name no type; only BPE has merges.
    switch json["type"] ?? "BPE" {
    case .string("BPE"):
      self = .bytePairEncoding(
        try BytePairEncoding(json: json, isByteLevel: isByteLevel, file: file))
    case .string("Unigram") where !isByteLevel:
      self = .unigram(try Unigram(json: json, file: file))
    case let type:
      throw InputError(
        file: file, place: "model.type",
        expected: isByteLevel ? "\"BPE\", after a ByteLevel step" : "\"BPE\" or \"Unigram\"",
        found: type.encoded())
    }
  }
}

extension JSON {
  /// Parses a JSON file; nil if there is none.
  static func read(_ file: String) throws -> JSON? {
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(filePath: file)))
    } catch {
      throw InputError(
        .missing, file: file, expected: "a readable file", found: error.localizedDescription)
    }
    return try parse(bytes, file: file)
  }
}

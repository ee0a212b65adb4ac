public import FormatIO
internal import Foundation

/// Text to token identifiers and back, as a byte-level BPE `tokenizer.json` or the metadata of a GGUF file
/// describes it.
///
///     text → added tokens cut out → normalizer → pre-tokenizer → byte-pair encoding → template
///
/// Identifiers equal those of the Python `tokenizers` package. Known limits: ICU gives up on more
/// than about 300,000 characters of white space in a row, and what follows stays one word; and
/// characters newer than either side's Unicode tables may be classed differently.
public struct Tokenizer: Sendable {
  private let model: BytePairEncoding
  private let normalizer: Normalizer
  private let preTokenizer: PreTokenizer
  /// Tokens found in the text as given, then those found in normalized text.
  private let literalTokens: AddedTokens
  private let normalizedTokens: AddedTokens
  /// Identifiers of the added tokens by their UTF-8.
  private let addedIdentifiers: [[UInt8]: Int32]
  /// What each token stands for.
  private let bytesOfToken: [Int32: [UInt8]]
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
    // Natural text repeats its words.
    var cache: [[UInt8]: [Int32]] = [:]
    let bytes = Array(text.utf8)
    for segment in literalTokens.segments(in: bytes) {
      switch segment {
      case .token(let identifier): identifiers.append(identifier)
      case .text(let range):
        let part = normalizer.apply(String(decoding: bytes[range], as: UTF8.self))
        encodeNormalized(part, into: &identifiers, cache: &cache)
      }
    }
    return addSpecialTokens ? identifiers + template.suffix : identifiers
  }

  /// The most words that one call of `encode` remembers.
  private static let cacheCapacity = 1 << 16

  private func encodeNormalized(
    _ text: String, into identifiers: inout [Int32], cache: inout [[UInt8]: [Int32]]
  ) {
    let bytes = Array(text.utf8)
    for segment in normalizedTokens.segments(in: bytes) {
      switch segment {
      case .token(let identifier): identifiers.append(identifier)
      case .text(let range):
        for word in preTokenizer.words(in: String(decoding: bytes[range], as: UTF8.self)) {
          if let known = cache[word] {
            identifiers += known
          } else {
            let encoded = model.encode(word)
            if cache.count < Self.cacheCapacity { cache[word] = encoded }
            identifiers += encoded
          }
        }
      }
    }
  }

  /// The text of a run of identifiers: their bytes joined, broken UTF-8 replaced by U+FFFD.
  /// Identifiers that name no token stand for nothing.
  public func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) -> String {
    var bytes: [UInt8] = []
    for identifier in ids
    where !(skipSpecialTokens && specialTokenIdentifiers.contains(identifier)) {
      bytes += bytesOfToken[identifier] ?? []
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The identifier of a token given as the file spells it, compared by bytes.
  public func id(of token: String) -> Int32? {
    let bytes = Array(token.utf8)
    return addedIdentifiers[bytes] ?? model.vocabulary[bytes]
  }
}

// MARK: - Reading

extension Tokenizer {
  /// Reads a parsed `tokenizer.json`; `file` is named in errors.
  ///
  /// Truncation and padding are ignored.
  ///
  /// - Throws: `InputError` that names the stage, for everything a byte-level BPE tokenizer cannot
  ///   have or that would change its identifiers unnoticed.
  public init(json: JSON, file: String) throws {
    guard let model = json["model"] else {
      throw InputError(file: file, place: "model", expected: "an object", found: "nothing")
    }
    for (place, step) in flattened(json["decoder"], list: "decoders", place: "decoder")
    where step["type"]?.string != "ByteLevel" {
      throw InputError(
        file: file, place: place, expected: "ByteLevel", found: (step["type"] ?? .null).encoded())
    }
    try self.init(
      model: BytePairEncoding(json: model, file: file),
      normalizer: Normalizer(json: json["normalizer"], file: file),
      preTokenizer: PreTokenizer(json: json["pre_tokenizer"], file: file),
      template: PostProcessor(json: json["post_processor"], file: file),
      added: (json["added_tokens"]?.array ?? []).enumerated().map { index, entry in
        try AddedTokens.Token(json: entry, file: file, place: "added_tokens[\(index)]")
      }, file: file)
  }

  /// Puts the stages together; `file` is named in errors.
  init(
    model: BytePairEncoding, normalizer: Normalizer, preTokenizer: PreTokenizer,
    template: PostProcessor, added: [AddedTokens.Token], file: String
  ) throws {
    self.model = model
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.template = template
    literalTokens = AddedTokens(added.filter { !$0.isNormalized }, spelling: \.content)
    normalizedTokens = AddedTokens(added.filter(\.isNormalized)) { normalizer.apply($0.content) }
    specialTokenIdentifiers = Set(added.filter(\.isSpecial).map(\.identifier))

    var bytesOfToken: [Int32: [UInt8]] = [:]
    for (spelling, identifier) in model.vocabulary {
      bytesOfToken[identifier] = model.bytes(of: spelling)
    }
    var addedIdentifiers: [[UInt8]: Int32] = [:]
    for (index, token) in added.enumerated() {
      let spelling = Array(token.content.utf8)
      let known = model.vocabulary[spelling] ?? addedIdentifiers[spelling]
      let isTaken = known == nil && bytesOfToken[token.identifier] != nil
      guard known ?? token.identifier == token.identifier, !isTaken else {
        throw InputError(
          file: file, place: "added_tokens[\(index)].id",
          expected: known.map { "\($0), as in the vocabulary" } ?? "an identifier of its own",
          found: "\(token.identifier)")
      }
      addedIdentifiers[spelling] = token.identifier
      // A token that is found in normalized text also stands for normalized text.
      let text = token.isNormalized ? normalizer.apply(token.content) : token.content
      bytesOfToken[token.identifier] = model.bytes(of: Array(text.utf8))
    }
    self.addedIdentifiers = addedIdentifiers
    self.bytesOfToken = bytesOfToken
    vocabularySize = bytesOfToken.keys.max().map { Int($0) + 1 } ?? 0
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
          ? "convert tokenizer.model to tokenizer.json (AutoTokenizer.from_pretrained(folder)"
            + ".save_pretrained(folder) in Python writes it)"
          : "put the tokenizer.json that belongs to the model into this folder")
    }
    guard let json = try JSON.read(file) else {
      throw InputError(.missing, file: file, expected: "a readable file", found: "no such file")
    }
    return try Tokenizer(json: json, file: file)
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

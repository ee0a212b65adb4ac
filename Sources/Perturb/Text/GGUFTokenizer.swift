import FormatIO

extension Tokenizer {
  /// Reads the tokenizer in the metadata of a GGUF file (ggml, docs/gguf.md; rules of llama.cpp).
  ///
  ///     tokenizer.huggingface.json   the whole tokenizer.json, if a file has it
  ///     tokenizer.ggml.model         gpt2: byte-level BPE · llama: SentencePiece BPE
  ///     tokenizer.ggml.pre           how text is cut into words (gpt2 only)
  ///     tokenizer.ggml.tokens        spellings by identifier; token_type and scores stand beside them
  ///
  /// - Returns: nil if the file has no tokenizer at all.
  /// - Throws: `InputError` naming the key that is malformed, or that asks for something not built.
  static func read(_ metadata: GGUFMetadata) throws -> Tokenizer? {
    if let json = metadata.text("tokenizer.huggingface.json") {
      return try Tokenizer(
        json: JSON.parse(Array(json.utf8), file: metadata.path), file: metadata.path)
    }
    guard let tokens = try metadata.texts("tokenizer.ggml.tokens") else { return nil }
    let types = try TokenType.read(metadata, count: tokens.count)
    let added = zip(tokens.indices, types).filter { $0.1.isCutOut }.map { identifier, type in
      AddedTokens.Token(
        identifier: Int32(identifier),
        content: String(decoding: tokens[identifier], as: UTF8.self),
        isSpecial: type == .control, isNormalized: false, isSingleWord: false, stripsLeft: false,
        stripsRight: false)
    }.filter { !$0.content.isEmpty }
    let words = try WordRules.read(metadata)
    let (model, decoder): (BytePairEncoding, Decoder)
    switch words {
    case .byteLevel(let rule):
      model = try BytePairEncoding(
        tokens: tokens, merges: metadata.required(metadata.texts, "tokenizer.ggml.merges"),
        ignoresMerges: rule.ignoresMerges, file: metadata.path)
      decoder = .byteLevel
    case .sentencePiece:
      let scores = try metadata.required(metadata.numbers, "tokenizer.ggml.scores")
      guard scores.count == tokens.count else {
        throw metadata.error(
          "tokenizer.ggml.scores", expected: "\(tokens.count) numbers, one for each token",
          found: "\(scores.count)")
      }
      model = BytePairEncoding(
        tokens: tokens, scores: scores.map(Float.init), isMergeable: types.map(\.isText),
        unknown: try metadata.token("tokenizer.ggml.unknown_token_id", of: tokens.count))
      decoder = .sentencePiece
    }
    let bos = try metadata.token("tokenizer.ggml.bos_token_id", of: tokens.count)
    let addsBos = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? words.addsBeginning
    return try Tokenizer(
      model: .bytePairEncoding(model), normalizer: words.normalizer(metadata),
      preTokenizer: words.preTokenizer(metadata), decoder: decoder,
      template: PostProcessor(prefix: addsBos ? [bos].compactMap { $0 } : []),
      added: added.distinct(), file: metadata.path)
  }
}

/// What a token is for; the numbers are those of llama.cpp.
private enum TokenType: Int {
  case normal = 1
  case unknown, control, userDefined, unused, byte

  /// True for tokens that are found in text before it is cut into words.
  var isCutOut: Bool { self == .control || self == .userDefined }
  /// True for tokens that merges may lead to.
  var isText: Bool { self == .normal || self == .userDefined || self == .unused }

  /// The type of every token; normal ones if the file does not say.
  static func read(_ metadata: GGUFMetadata, count: Int) throws -> [TokenType] {
    let key = "tokenizer.ggml.token_type"
    guard let numbers = try metadata.numbers(key) else {
      return [TokenType](repeating: .normal, count: count)
    }
    guard numbers.count == count else {
      throw metadata.error(
        key, expected: "\(count) numbers, one for each token", found: "\(numbers.count)")
    }
    return numbers.map { Int(exactly: $0).flatMap(TokenType.init) ?? .normal }
  }
}

extension [AddedTokens.Token] {
  /// Of tokens that are spelled alike, the last one: it is the one that the vocabulary knows.
  fileprivate func distinct() -> [AddedTokens.Token] {
    var seen: Set<TensorName> = []
    return reversed().filter { seen.insert(TensorName($0.content)).inserted }.reversed()
  }
}

// MARK: - Words

/// How text is cut into words.
private enum WordRules {
  case byteLevel(ByteLevelRule)
  case sentencePiece

  static func read(_ metadata: GGUFMetadata) throws -> WordRules {
    let key = "tokenizer.ggml.model"
    switch metadata.text(key) {
    case "gpt2":
      let name = metadata.text("tokenizer.ggml.pre") ?? "default"
      guard let rule = ByteLevelRule.all.first(where: { $0.names.contains(name) }) else {
        let known = ByteLevelRule.all.flatMap(\.names).joined(separator: ", ")
        throw metadata.error(
          "tokenizer.ggml.pre", expected: "one of: \(known)", found: "\"\(name)\"")
      }
      return .byteLevel(rule)
    case "llama": return .sentencePiece
    case let found:
      throw metadata.error(
        key, expected: "gpt2 (byte-level BPE) or llama (SentencePiece BPE)",
        found: found.map { "\"\($0)\"" } ?? "no such key")
    }
  }

  /// Whether a beginning-of-sequence mark comes first if the file does not say.
  var addsBeginning: Bool {
    switch self {
    case .byteLevel(let rule): rule.addsBeginning
    case .sentencePiece: true
    }
  }

  func normalizer(_ metadata: GGUFMetadata) throws -> Normalizer {
    switch self {
    case .byteLevel: try Normalizer(json: nil, file: metadata.path)
    case .sentencePiece:
      Normalizer(
        metaspaceWithPrefix: metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? true)
    }
  }

  func preTokenizer(_ metadata: GGUFMetadata) throws -> PreTokenizer {
    switch self {
    case .byteLevel(let rule):
      try PreTokenizer(
        patterns: rule.patterns, file: metadata.path, place: "tokenizer.ggml.pre")
    case .sentencePiece: PreTokenizer.none
    }
  }
}

/// The patterns behind the names of `tokenizer.ggml.pre`, as llama.cpp has them: each is applied to
/// every piece that the one before it left.
private struct ByteLevelRule {
  let names: [String]
  let patterns: [String]
  /// Whether a word that is a token is taken whole.
  var ignoresMerges = false
  var addsBeginning = false

  static let all = [
    ByteLevelRule(
      names: ["default"],
      patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
    ByteLevelRule(
      names: ["gpt-2", "phi-2", "mpt", "olmo", "gigachat", "a.x-4.0", "mellum", "modern-bert"],
      patterns: [gpt2]),
    ByteLevelRule(
      names: ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"],
      patterns: [#"\p{N}"#, gpt2]),
    ByteLevelRule(
      names: ["llama3", "llama-v3", "llama-bpe", "falcon3"], patterns: [words(digits: "{1,3}")],
      ignoresMerges: true, addsBeginning: true),
    ByteLevelRule(names: ["dbrx", "smaug-bpe", "chatglm-bpe"], patterns: [words(digits: "{1,3}")]),
    ByteLevelRule(
      names: ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan"], patterns: [words(digits: "")]),
    ByteLevelRule(names: ["qwen35"], patterns: [words(letters: #"\p{L}\p{M}"#, digits: "")]),
    ByteLevelRule(
      names: ["falcon"],
      patterns: [#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2, "[0-9][0-9][0-9]"]),
    ByteLevelRule(
      names: ["tekken"], patterns: [casedWords(contractions: "", digits: "")],
      ignoresMerges: true, addsBeginning: true),
    ByteLevelRule(
      names: ["gpt-4o", "llama4"],
      patterns: [casedWords(contractions: contractions + "?", digits: "{1,3}")]),
  ]

  /// GPT-2: English contractions, then letters, digits or other characters with at most one space before.
  private static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  /// White space: with the line ends in it, before a word but for its last character, or all of it.
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// GPT-4 and its heirs: a word takes one other character with it, marks take line ends.
  private static func words(letters: String = #"\p{L}"#, digits: String) -> String {
    contractions + #"|[^\r\n\p{L}\p{N}]?["# + letters + #"]+|\p{N}"# + digits
      + #"| ?[^\s\p{N}"# + letters + #"]+[\r\n]*|"# + spaces
  }

  /// GPT-4o and its heirs: words also end where the case changes.
  private static func casedWords(contractions: String, digits: String) -> String {
    let (upper, lower) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    let first = #"[^\r\n\p{L}\p{N}]?"#
    return first + upper + "*" + lower + "+" + contractions + "|" + first + upper + "+" + lower
      + "*" + contractions + #"|\p{N}"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
  }
}

internal import FormatIO

// MARK: - Reading from tokenizer.json

extension BytePairEncoding {
  /// Reads the `model` of a `tokenizer.json`.
  ///
  /// - Parameter isByteLevel: whether the vocabulary is written in GPT-2's alphabet.
  /// - Throws: `InputError` for options that are not supported, and for merges whose parts or result
  ///   are no tokens.
  init(json: JSON, isByteLevel: Bool, file: String) throws {
    func unsupported(_ key: String, expected: String, found: JSON) -> InputError {
      InputError(
        file: file, place: "model.\(key)", expected: expected, found: found.encoded())
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = json[key], !affix.isNull, affix.string != "" {
        throw unsupported(
          key, expected: "null (marks inside words are not supported)", found: affix)
      }
    }
    if let dropout = json["dropout"], !dropout.isNull, dropout.double != 0 {
      throw unsupported(
        "dropout", expected: "null or 0 (encoding must not be random)", found: dropout)
    }

    vocabulary = try Self.readVocabulary(json["vocab"], file: file)
    let list = try Self.readMerges(json["merges"], file: file)
    merges = try Self.merges(list, vocabulary: vocabulary, file: file, place: "model.merges")
    ignoresMerges = json["ignore_merges"]?.boolean ?? false
    if let token = json["unk_token"]?.string, !token.isEmpty {
      unknown = vocabulary[Array(token.utf8)]
      if unknown == nil {
        throw InputError(
          file: file, place: "model.unk_token", expected: "a token of the vocabulary",
          found: "\"\(token)\"")
      }
    } else {
      unknown = nil
    }
    let hasFallback = json["byte_fallback"]?.boolean ?? false
    let fusesUnknown = json["fuse_unk"]?.boolean ?? false
    guard isByteLevel else {
      let vocabulary = vocabulary
      let bytes = (UInt8.min...UInt8.max).map { vocabulary[Self.spelling(of: $0)] }
      alphabet = .characters(
        Characters(
          vocabulary: vocabulary, bytes: hasFallback ? bytes : [], fusesUnknown: fusesUnknown,
          merges: list.lazy.map { (left: $0[0][...], right: $0[1][...]) }))
      return
    }
    let tokens = Self.byteTokens(of: vocabulary)
    alphabet = .bytes(tokens)
    // Both say what to do with a character that has no token. With all 256 bytes there is none.
    if tokens.contains(nil) {
      for (key, isOn) in [("fuse_unk", fusesUnknown), ("byte_fallback", hasFallback)] where isOn {
        throw InputError(
          file: file, place: "model.\(key)",
          expected: "false, or a vocabulary with all 256 characters of the byte-level alphabet",
          found: "true, and \(tokens.count { $0 == nil }) characters missing")
      }
    }
  }

  private static func readVocabulary(_ json: JSON?, file: String) throws -> [[UInt8]: Int32] {
    guard let members = json?.object else {
      throw InputError(
        file: file, place: "model.vocab", expected: "an object of tokens and identifiers",
        found: json == nil ? "nothing" : "another kind of value")
    }
    var vocabulary: [[UInt8]: Int32] = [:]
    vocabulary.reserveCapacity(members.count)
    var taken: Set<Int32> = []
    taken.reserveCapacity(members.count)
    for member in members {
      guard let identifier = member.value.integer.flatMap(Int32.init(exactly:)), identifier >= 0
      else {
        throw InputError(
          file: file, place: "model.vocab, token \"\(member.key)\"",
          expected: "an identifier from 0 to \(Int32.max)", found: member.value.encoded())
      }
      guard taken.insert(identifier).inserted else {
        throw InputError(
          file: file, place: "model.vocab, token \"\(member.key)\"",
          expected: "an identifier of its own", found: "\(identifier), which another token has")
      }
      vocabulary[Array(member.key.utf8)] = identifier
    }
    return vocabulary
  }

  /// Reads merges written as `"a b"` or as `["a", "b"]`.
  private static func readMerges(_ json: JSON?, file: String) throws -> [[[UInt8]]] {
    guard let list = json?.array else {
      throw InputError(
        file: file, place: "model.merges", expected: "a list of pairs",
        found: json == nil ? "nothing" : "another kind of value")
    }
    return try list.enumerated().map { rank, entry in
      let parts =
        entry.string.map { divided(Array($0.utf8)) }
        ?? entry.array?.compactMap { $0.string.map { Array($0.utf8) } } ?? []
      return try pair(parts, file: file, place: "model.merges[\(rank)]", shown: entry.encoded)
    }
  }

  /// The parts of a merge written with a space between them.
  private static func divided(_ merge: [UInt8]) -> [[UInt8]] {
    merge.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
  }

  private static func pair(
    _ parts: [[UInt8]], file: String, place: @autoclosure () -> String, shown: (Bool) -> String
  ) throws -> [[UInt8]] {
    guard parts.count == 2 else {
      throw InputError(
        file: file, place: place(), expected: "two tokens", found: shown(false))
    }
    return parts
  }

  /// The table of merges; the position in the list is the rank. Of a repeated pair the last one counts, as
  /// in the Python package.
  private static func merges(
    _ list: [[[UInt8]]], vocabulary: [[UInt8]: Int32], file: String, place: String
  ) throws -> PairTable {
    var merges = PairTable(minimumCapacity: list.count)
    for (rank, parts) in list.enumerated() {
      func identifier(_ token: [UInt8]) throws -> Int32 {
        guard let identifier = vocabulary[token] else {
          throw InputError(
            file: file, place: "\(place)[\(rank)]", expected: "tokens of the vocabulary",
            found: "\"\(String(decoding: token, as: UTF8.self))\"")
        }
        return identifier
      }
      merges.insert(
        try identifier(parts[0]), try identifier(parts[1]), rank: UInt32(rank),
        merged: try identifier(parts[0] + parts[1]))
    }
    return merges
  }

  private static func byteTokens(of vocabulary: [[UInt8]: Int32]) -> [Int32?] {
    (UInt8.min...UInt8.max).map { vocabulary[ByteLevelAlphabet.spelling(of: $0)] }
  }

  /// The token of a byte in vocabularies of characters, such as `<0x0A>`.
  static func spelling(of byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
  }
}

extension PairTable {
  fileprivate mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, merged: Int32) {
    self[UInt32(bitPattern: left), UInt32(bitPattern: right)] =
      UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged))
  }
}

// MARK: - Reading from GGUF

extension BytePairEncoding {
  /// A byte-level model: `tokenizer.ggml.model` is "gpt2".
  ///
  /// - Parameters:
  ///   - tokens: the spelling of each identifier; of equal ones the last counts, as in llama.cpp.
  ///   - mergeList: pairs of tokens with a space between them, in the order of training.
  ///   - ignoresMerges: whether a word that is a token is taken whole.
  /// - Throws: `InputError` for merges whose parts or result are no tokens.
  init(tokens: [[UInt8]], merges mergeList: [[UInt8]], ignoresMerges: Bool, file: String) throws {
    let place = "tokenizer.ggml.merges"
    vocabulary = Self.vocabulary(tokens)
    let list = try mergeList.enumerated().map { rank, merge in
      try Self.pair(Self.divided(merge), file: file, place: "\(place)[\(rank)]") { _ in
        "\"\(String(decoding: merge, as: UTF8.self))\""
      }
    }
    merges = try Self.merges(list, vocabulary: vocabulary, file: file, place: place)
    alphabet = .bytes(Self.byteTokens(of: vocabulary))
    unknown = nil
    self.ignoresMerges = ignoresMerges
  }

  /// A SentencePiece model: `tokenizer.ggml.model` is "llama".
  ///
  /// It has no list of merges: two neighbours may become the token that is spelled like both, and
  /// of all such tokens the one of the highest score comes first.
  ///
  /// - Parameters:
  ///   - scores: a number for each token.
  ///   - isMergeable: false for tokens that text never turns into: control tokens and bytes.
  ///   - unknown: stands for a character without a token, if there are no tokens of bytes.
  init(tokens: [[UInt8]], scores: [Float], isMergeable: [Bool], unknown: Int32?) {
    let vocabulary = Self.vocabulary(tokens)
    var merges = PairTable(minimumCapacity: 2 * tokens.count)
    var seams: [(left: ArraySlice<UInt8>, right: ArraySlice<UInt8>)] = []
    // Equal scores have equal ranks, so that the leftmost pair comes first.
    let ordered = tokens.indices.filter { isMergeable[$0] }.sorted { scores[$0] > scores[$1] }
    var rank: UInt32 = 0
    for (position, token) in ordered.enumerated() {
      if position > 0, scores[ordered[position - 1]] != scores[token] { rank += 1 }
      let spelling = tokens[token]
      // A character starts at every byte but those that continue one.
      for middle in spelling.indices.dropFirst() where spelling[middle] & 0xC0 != 0x80 {
        guard let left = vocabulary[Array(spelling[..<middle])],
          let right = vocabulary[Array(spelling[middle...])]
        else { continue }
        merges.insert(left, right, rank: rank, merged: Int32(token))
        seams.append((spelling[..<middle], spelling[middle...]))
      }
    }
    var bytes = [Int32?](repeating: nil, count: 256)
    for (token, spelling) in tokens.enumerated() {
      if let byte = Decoder.byte(spelled: spelling) { bytes[Int(byte)] = Int32(token) }
    }
    self.vocabulary = vocabulary
    self.merges = merges
    alphabet = .characters(
      Characters(vocabulary: vocabulary, bytes: bytes, fusesUnknown: false, merges: seams))
    self.unknown = unknown
    ignoresMerges = false
  }

  private static func vocabulary(_ tokens: [[UInt8]]) -> [[UInt8]: Int32] {
    Dictionary(
      zip(tokens, tokens.indices.lazy.map { Int32($0) }), uniquingKeysWith: { _, last in last })
  }
}

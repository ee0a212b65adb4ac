internal import FormatIO

/// Byte-pair encoding over token identifiers.
///
/// A word starts as one symbol per byte or character. The neighbouring pair that was merged earliest in
/// training (lowest rank, leftmost on a tie) is replaced by its merged symbol, until no pair is known
/// (Sennrich, Haddow and Birch, 2016).
struct BytePairEncoding: Sendable {
  /// What a word is made of before anything is merged.
  enum Alphabet: Sendable {
    /// One token for each byte, spelled in GPT-2's alphabet; nil where the vocabulary lacks it.
    case bytes([Int32?])
    /// One token for each character, with `▁` for a space (SentencePiece); a character that has none
    /// is taken byte by byte, with these tokens.
    case characters(bytes: [Int32?])
  }

  /// What two neighbouring symbols become, and how early in training they were joined.
  struct Merge {
    let rank: UInt32
    let merged: Int32
  }

  /// Identifiers by the UTF-8 of the token as spelled in the file.
  let vocabulary: [[UInt8]: Int32]
  /// Merges by pair, left identifier in the upper half of the key.
  private let merges: [UInt64: Merge]
  private let alphabet: Alphabet
  /// Stands for a byte or character that has no symbol; without it such ones vanish.
  private let unknown: Int32?
  /// A word that is itself a token is taken whole, whatever the merges say.
  private let ignoresMerges: Bool

  /// Words above this many symbols use a heap: below, a scan over a small array is faster.
  static let longestScannedWord = 64

  /// The identifiers of one word.
  func encode(_ word: [UInt8]) -> [Int32] {
    if ignoresMerges, let whole = vocabulary[ByteLevelAlphabet.spelling(of: word)] {
      return [whole]
    }
    let symbols = symbols(of: word)
    return symbols.count <= Self.longestScannedWord
      ? mergeByScanning(symbols) : mergeWithHeap(symbols)
  }

  private func symbols(of word: [UInt8]) -> [Int32] {
    switch alphabet {
    case .bytes(let tokens): return word.compactMap { tokens[Int($0)] ?? unknown }
    case .characters(let tokens):
      return String(decoding: word, as: UTF8.self).unicodeScalars.flatMap { character in
        let spelling = Array(String(character).utf8)
        if let token = vocabulary[spelling] { return [token] }
        let bytes = spelling.compactMap { tokens[Int($0)] }
        return bytes.count == spelling.count ? bytes : [unknown].compactMap { $0 }
      }
    }
  }

  /// The text that a token of the vocabulary stands for.
  func bytes(of spelling: [UInt8]) -> [UInt8] {
    let text = String(decoding: spelling, as: UTF8.self)
    switch alphabet {
    case .bytes: return ByteLevelAlphabet.bytes(of: text)
    case .characters:
      return Self.byte(spelled: text).map { [$0] }
        ?? text.unicodeScalars.flatMap { $0 == "▁" ? [0x20] : Array(String($0).utf8) }
    }
  }

  /// The byte that a token such as `<0x0A>` stands for.
  static func byte(spelled text: String) -> UInt8? {
    guard text.utf8.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">") else { return nil }
    return UInt8(text.dropFirst(3).dropLast(), radix: 16)
  }

  private func merge(_ left: Int32, _ right: Int32) -> Merge? {
    merges[Self.key(left, right)]
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Looks for the best pair among all of them after every merge; quadratic, for short words.
  func mergeByScanning(_ word: [Int32]) -> [Int32] {
    var symbols = word
    // pending[i] is the merge of symbols i and i + 1.
    var pending = zip(symbols, symbols.dropFirst()).map { merge($0, $1) }
    while true {
      var best: (index: Int, merge: Merge)?
      for (index, candidate) in pending.enumerated() {
        if let candidate, candidate.rank < best?.merge.rank ?? .max {
          best = (index, candidate)
        }
      }
      guard let (index, merge) = best else { return symbols }
      symbols[index] = merge.merged
      symbols.remove(at: index + 1)
      pending.remove(at: index)
      if index > 0 { pending[index - 1] = self.merge(symbols[index - 1], merge.merged) }
      if index < pending.count { pending[index] = self.merge(merge.merged, symbols[index + 1]) }
    }
  }

  /// Keeps the pairs in a heap and the symbols in a linked list; n log n, for long words.
  func mergeWithHeap(_ word: [Int32]) -> [Int32] {
    var symbols = word
    // Ends of the list are -1 and count; a swallowed symbol leaves the list.
    var next = Array(1..<(symbols.count + 1))
    var previous = Array(-1..<(symbols.count - 1))
    var pending = zip(symbols, symbols.dropFirst()).map { merge($0, $1) } + [nil]
    var heap = MinimumHeap()
    func enqueue(_ index: Int) {
      if let merge = pending[index] { heap.insert(UInt64(merge.rank) << 32 | UInt64(index)) }
    }
    for index in pending.indices { enqueue(index) }

    while let entry = heap.popMinimum() {
      let index = Int(entry & 0xFFFF_FFFF)
      // An entry is stale if its pair has changed since. A new pair of the same rank is as good.
      guard let merge = pending[index], merge.rank == entry >> 32 else { continue }
      let swallowed = next[index]
      symbols[index] = merge.merged
      pending[swallowed] = nil
      next[index] = next[swallowed]
      if next[index] < symbols.count { previous[next[index]] = index }
      for left in [previous[index], index] where left >= 0 {
        pending[left] =
          next[left] < symbols.count ? self.merge(symbols[left], symbols[next[left]]) : nil
        enqueue(left)
      }
    }
    return sequence(first: 0) { next[$0] }.prefix { $0 < symbols.count }.map { symbols[$0] }
  }
}

// MARK: - Reading

extension BytePairEncoding {
  /// Reads the `model` of a `tokenizer.json`.
  ///
  /// - Throws: `InputError` for another kind of model, for options that byte-level models do not use,
  ///   and for merges whose parts or result are no tokens.
  init(json: JSON, file: String) throws {
    func unsupported(_ key: String, expected: String, found: JSON) -> InputError {
      InputError(
        file: file, place: "model.\(key)", expected: expected, found: found.encoded())
    }
    if let type = json["type"], type.string != "BPE" {
      throw unsupported("type", expected: "\"BPE\"", found: type)
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = json[key], !affix.isNull, affix.string != "" {
        throw unsupported(key, expected: "null (a byte-level model has none)", found: affix)
      }
    }
    if let dropout = json["dropout"], !dropout.isNull, dropout.double != 0 {
      throw unsupported(
        "dropout", expected: "null or 0 (encoding must not be random)", found: dropout)
    }

    vocabulary = try Self.readVocabulary(json["vocab"], file: file)
    merges = try Self.readMerges(json["merges"], vocabulary: vocabulary, file: file)
    ignoresMerges = json["ignore_merges"]?.boolean ?? false
    let vocabulary = vocabulary
    let symbolOfByte = Self.byteTokens(of: vocabulary)
    alphabet = .bytes(symbolOfByte)

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
    // Both say what to do with a character that has no token. With all 256 bytes there is none.
    if symbolOfByte.contains(nil) {
      for key in ["fuse_unk", "byte_fallback"] where json[key]?.boolean == true {
        throw InputError(
          file: file, place: "model.\(key)",
          expected: "false, or a vocabulary with all 256 characters of the byte-level alphabet",
          found: "true, and \(symbolOfByte.count { $0 == nil }) characters missing")
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
  private static func readMerges(
    _ json: JSON?, vocabulary: [[UInt8]: Int32], file: String
  ) throws -> [UInt64: Merge] {
    guard let list = json?.array else {
      throw InputError(
        file: file, place: "model.merges", expected: "a list of pairs",
        found: json == nil ? "nothing" : "another kind of value")
    }
    return try merges(
      list, vocabulary: vocabulary, file: file, place: "model.merges", shown: { $0.encoded() },
      parts: { entry in
        entry.string.map { divided(Array($0.utf8)) }
          ?? entry.array?.compactMap { $0.string.map { Array($0.utf8) } } ?? []
      })
  }

  /// The parts of a merge written with a space between them.
  private static func divided(_ merge: [UInt8]) -> [[UInt8]] {
    merge.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
  }

  /// The table of merges; the position in the list is the rank. Of a repeated pair the last one counts, as
  /// in the Python package.
  private static func merges<Entry>(
    _ list: [Entry], vocabulary: [[UInt8]: Int32], file: String, place: String,
    shown: (Entry) -> String, parts: (Entry) -> [[UInt8]]
  ) throws -> [UInt64: Merge] {
    var merges: [UInt64: Merge] = [:]
    merges.reserveCapacity(list.count)
    for (rank, entry) in list.enumerated() {
      let place = "\(place)[\(rank)]"
      let parts = parts(entry)
      guard parts.count == 2 else {
        throw InputError(file: file, place: place, expected: "two tokens", found: shown(entry))
      }
      func identifier(_ token: [UInt8]) throws -> Int32 {
        guard let identifier = vocabulary[token] else {
          throw InputError(
            file: file, place: place, expected: "tokens of the vocabulary",
            found: "\"\(String(decoding: token, as: UTF8.self))\"")
        }
        return identifier
      }
      merges[key(try identifier(parts[0]), try identifier(parts[1]))] = Merge(
        rank: UInt32(rank), merged: try identifier(parts[0] + parts[1]))
    }
    return merges
  }

  private static func byteTokens(of vocabulary: [[UInt8]: Int32]) -> [Int32?] {
    (UInt8.min...UInt8.max).map { vocabulary[ByteLevelAlphabet.spelling(of: $0)] }
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
    vocabulary = Self.vocabulary(tokens)
    merges = try Self.merges(
      mergeList, vocabulary: vocabulary, file: file, place: "tokenizer.ggml.merges",
      shown: { "\"\(String(decoding: $0, as: UTF8.self))\"" }, parts: Self.divided)
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
    var merges: [UInt64: Merge] = [:]
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
        merges[Self.key(left, right)] = Merge(rank: rank, merged: Int32(token))
      }
    }
    var bytes = [Int32?](repeating: nil, count: 256)
    for (token, spelling) in tokens.enumerated() {
      if let byte = Self.byte(spelled: String(decoding: spelling, as: UTF8.self)) {
        bytes[Int(byte)] = Int32(token)
      }
    }
    self.vocabulary = vocabulary
    self.merges = merges
    alphabet = .characters(bytes: bytes)
    self.unknown = unknown
    ignoresMerges = false
  }

  private static func vocabulary(_ tokens: [[UInt8]]) -> [[UInt8]: Int32] {
    Dictionary(
      zip(tokens, tokens.indices.lazy.map { Int32($0) }), uniquingKeysWith: { _, last in last })
  }
}

/// A binary heap of numbers, smallest first.
private struct MinimumHeap {
  private var entries: [UInt64] = []

  mutating func insert(_ entry: UInt64) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popMinimum() -> UInt64? {
    guard let minimum = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return minimum }
    entries[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
        if entries[child] < entries[smallest] { smallest = child }
      }
      if smallest == parent { return minimum }
      entries.swapAt(parent, smallest)
      parent = smallest
    }
  }
}

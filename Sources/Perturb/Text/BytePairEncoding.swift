internal import FormatIO

/// Byte-pair encoding over token identifiers: the `model` of a byte-level `tokenizer.json`.
///
/// A word starts as one symbol per byte. The neighbouring pair that was merged earliest in training
/// (lowest rank, leftmost on a tie) is replaced by its merged symbol, until no pair is known
/// (Sennrich, Haddow and Birch, 2016).
struct BytePairEncoding: Sendable {
  /// What two neighbouring symbols become, and how early in training they were joined.
  private struct Merge {
    let rank: UInt32
    let merged: Int32
  }

  /// Identifiers by the UTF-8 of the token as spelled in the file.
  let vocabulary: [[UInt8]: Int32]
  /// Merges by pair, left identifier in the upper half of the key.
  private let merges: [UInt64: Merge]
  /// The symbol of each byte; nil if the vocabulary lacks it.
  private let symbolOfByte: [Int32?]
  /// Stands for a byte that has no symbol; without it such bytes vanish.
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
    let symbols = word.compactMap { symbolOfByte[Int($0)] ?? unknown }
    return symbols.count <= Self.longestScannedWord
      ? mergeByScanning(symbols) : mergeWithHeap(symbols)
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
      // An entry is stale if its pair has changed since: ranks belong to one pair only.
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
    symbolOfByte = (UInt8.min...UInt8.max).map { vocabulary[ByteLevelAlphabet.spelling(of: $0)] }

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

  /// Reads merges written as `"a b"` or as `["a", "b"]`; the position is the rank. Of a repeated pair
  /// the last one counts, as in the Python package.
  private static func readMerges(
    _ json: JSON?, vocabulary: [[UInt8]: Int32], file: String
  ) throws -> [UInt64: Merge] {
    guard let list = json?.array else {
      throw InputError(
        file: file, place: "model.merges", expected: "a list of pairs",
        found: json == nil ? "nothing" : "another kind of value")
    }
    var merges: [UInt64: Merge] = [:]
    merges.reserveCapacity(list.count)
    for (rank, entry) in list.enumerated() {
      let place = "model.merges[\(rank)]"
      let parts =
        entry.string.map { $0.utf8.split(separator: 0x20, omittingEmptySubsequences: false) }?
        .map(Array.init) ?? entry.array?.compactMap { $0.string.map { Array($0.utf8) } } ?? []
      guard parts.count == 2 else {
        throw InputError(
          file: file, place: place, expected: "two tokens", found: entry.encoded())
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

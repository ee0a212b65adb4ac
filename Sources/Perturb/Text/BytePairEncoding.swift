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
    /// One token for each character.
    case characters(Characters)
  }

  /// What two neighbouring symbols become, and how early in training they were joined.
  struct Merge {
    let rank: UInt32
    let merged: Int32
  }

  /// Identifiers by the UTF-8 of the token as spelled in the file.
  let vocabulary: [[UInt8]: Int32]
  /// Merges by pair; the rank is in the upper half.
  let merges: PairTable
  let alphabet: Alphabet
  /// Stands for a byte or character that has no symbol; without it such ones vanish.
  let unknown: Int32?
  /// A word that is itself a token is taken whole, whatever the merges say.
  let ignoresMerges: Bool

  /// Words above this many symbols use a heap: below, a scan over a small array is faster.
  static let longestScannedWord = 64

  /// The parts of a word that encode independently of each other: as long as no merge joins what is
  /// left and right of a place, the word may be cut there. Without words, as in SentencePiece, this is
  /// what makes text cheap: its words repeat, and a heap of a whole text is slow.
  func parts(of range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    // A part that is a token is not taken whole, as a word would be.
    guard case .characters(let characters) = alphabet, !ignoresMerges else { return [range] }
    return characters.parts(of: range, in: bytes)
  }

  /// The identifiers of one word, or of a part of one.
  func encode(_ word: [UInt8]) -> [Int32] {
    if ignoresMerges, let whole = vocabulary[spelling(of: word)] { return [whole] }
    let symbols = symbols(of: word)
    return symbols.count <= Self.longestScannedWord
      ? mergeByScanning(symbols) : mergeWithHeap(symbols)
  }

  private func spelling(of word: [UInt8]) -> [UInt8] {
    switch alphabet {
    case .bytes: ByteLevelAlphabet.spelling(of: word)
    case .characters: word
    }
  }

  private func symbols(of word: [UInt8]) -> [Int32] {
    switch alphabet {
    case .bytes(let tokens): word.compactMap { tokens[Int($0)] ?? unknown }
    case .characters(let characters): characters.symbols(of: word, unknown: unknown)
    }
  }

  private func merge(_ left: Int32, _ right: Int32) -> Merge? {
    merges[UInt32(bitPattern: left), UInt32(bitPattern: right)].map {
      Merge(rank: UInt32($0 >> 32), merged: Int32(truncatingIfNeeded: $0))
    }
  }

  /// Looks for the best pair among all of them after every merge; quadratic, for short words.
  func mergeByScanning(_ word: [Int32]) -> [Int32] {
    let none = UInt64.max
    func merge(_ left: Int32, _ right: Int32) -> UInt64 {
      merges[UInt32(bitPattern: left), UInt32(bitPattern: right)] ?? none
    }
    var symbols = word
    // pending[i] is the merge of symbols i and i + 1, with the rank in its upper half.
    var pending: [UInt64] = []
    pending.reserveCapacity(symbols.count)
    for index in symbols.indices.dropLast() {
      pending.append(merge(symbols[index], symbols[index + 1]))
    }
    while true {
      var (best, rank) = (-1, none >> 32)
      for index in pending.indices where pending[index] >> 32 < rank {
        (best, rank) = (index, pending[index] >> 32)
      }
      if best < 0 { return symbols }
      let merged = Int32(truncatingIfNeeded: pending[best])
      symbols[best] = merged
      symbols.remove(at: best + 1)
      pending.remove(at: best)
      if best > 0 { pending[best - 1] = merge(symbols[best - 1], merged) }
      if best < pending.count { pending[best] = merge(merged, symbols[best + 1]) }
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

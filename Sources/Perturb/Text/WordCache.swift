/// The identifiers of words seen before: natural text repeats its words.
///
/// Words are looked up in the text that they are part of, without a copy.
struct WordCache {
  private struct Entry {
    var hash: UInt64
    /// Where the word lies in `words`, and its identifiers in `identifiers`.
    var word: Range<Int>
    var tokens: Range<Int>
  }

  /// The most words that are remembered.
  private static let capacity = 1 << 16

  /// A power of two, at most half of them taken.
  private var entries = [Entry?](repeating: nil, count: 64)
  private var count = 0
  private var words: [UInt8] = []
  private var identifiers: [Int32] = []

  /// Adds the identifiers of a word to a list, and encodes it only if it is new.
  mutating func append(
    _ word: UnsafeBufferPointer<UInt8>, to list: inout [Int32],
    encode: ([UInt8]) -> [Int32]
  ) {
    let hash = Self.hash(word)
    let position = slot(of: word, hash)
    if let entry = entries[position] {
      list += identifiers[entry.tokens]
      return
    }
    let tokens = encode(Array(word))
    list += tokens
    guard count < Self.capacity else { return }
    let entry = Entry(
      hash: hash, word: words.count..<(words.count + word.count),
      tokens: identifiers.count..<(identifiers.count + tokens.count))
    words += word
    identifiers += tokens
    entries[position] = entry
    count += 1
    if 2 * count > entries.count { grow() }
  }

  /// Where a word is, or where it would go.
  private func slot(of word: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
    var position = Int(truncatingIfNeeded: hash >> 20) & (entries.count - 1)
    while let entry = entries[position] {
      if entry.hash == hash, words[entry.word].elementsEqual(word) { return position }
      position = (position + 1) & (entries.count - 1)
    }
    return position
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: nil, count: 2 * old.count)
    for entry in old {
      guard let entry else { continue }
      var position = Int(truncatingIfNeeded: entry.hash >> 20) & (entries.count - 1)
      while entries[position] != nil { position = (position + 1) & (entries.count - 1) }
      entries[position] = entry
    }
  }

  /// 64-bit FNV-1a, with the high bits mixed once more.
  private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 29
  }
}

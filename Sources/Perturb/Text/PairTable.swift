/// Numbers by pairs of numbers: a hash table for the inner loops of encoding.
///
/// `Dictionary` hashes with a secret key, which costs more here than everything else together.
struct PairTable: Sendable {
  private struct Entry {
    var key: UInt64
    var value: UInt64
  }

  /// No pair has this key: the left half of a pair is at most `Int32.max`.
  private static let vacant = UInt64.max

  /// A power of two, at most half of them taken.
  private var entries: [Entry]
  private(set) var count = 0

  init(minimumCapacity: Int = 0) {
    var capacity = 16
    while capacity < 2 * minimumCapacity { capacity *= 2 }
    entries = Array(repeating: Entry(key: Self.vacant, value: 0), count: capacity)
  }

  /// The number of a pair; the left half must be at most `Int32.max`.
  subscript(left: UInt32, right: UInt32) -> UInt64? {
    get {
      let key = Self.key(left, right)
      let entry = entries[slot(of: key)]
      return entry.key == key ? entry.value : nil
    }
    set {
      guard let newValue else { return }
      let key = Self.key(left, right)
      var position = slot(of: key)
      if entries[position].key == Self.vacant {
        count += 1
        if 2 * count > entries.count {
          grow()
          position = slot(of: key)
        }
      }
      entries[position] = Entry(key: key, value: newValue)
    }
  }

  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  /// Where a key is, or where it would go.
  private func slot(of key: UInt64) -> Int {
    // The high half of the product depends on every bit of the key.
    let product = key &* 0x9E37_79B9_7F4A_7C15
    var position = Int(truncatingIfNeeded: product >> 32) & (entries.count - 1)
    while entries[position].key != key, entries[position].key != Self.vacant {
      position = (position + 1) & (entries.count - 1)
    }
    return position
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(key: Self.vacant, value: 0), count: 2 * old.count)
    for entry in old where entry.key != Self.vacant { entries[slot(of: entry.key)] = entry }
  }
}

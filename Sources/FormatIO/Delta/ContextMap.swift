/// Which contexts share a table of frequencies.
///
/// Contexts stand in an order in which neighbours are alike. One bit a context, the first one excepted, says
/// whether it starts a new table or uses the one of the context before.
struct ContextMap {
  /// By context, the number of its table.
  private(set) var tables: [UInt8]
  /// How many tables there are.
  var tableCount: Int { Int(tables.last ?? 0) + 1 }

  /// The most tables a payload may have.
  static let mostTables = 32
  /// The most tables that are written: more fall out of the fast memory.
  private static let enoughTables = 16

  /// Joins neighbours as long as that makes tables and symbols together smaller.
  ///
  /// - Parameters:
  ///   - counts: 256 for each context; those of joined contexts are added up in the first one's.
  ///   - scale: how many symbols each counted one stands for. Tables are joined as if it were 1: what is
  ///     different by chance in a small sample must not look like a gain.
  /// - Returns: the map and about how many bits symbols and tables take.
  static func join(
    counts: UnsafeMutablePointer<UInt32>, contexts: Int, scale: Double = 1
  ) -> (map: ContextMap, bits: Double) {
    /// A run of contexts with one table.
    struct Group {
      var first: Int
      var end: Int
      var bits: Double
    }
    var alphabet = 1
    for context in 0..<contexts {
      var symbol = 255
      while symbol >= alphabet, counts[context << 8 + symbol] == 0 { symbol -= 1 }
      alphabet = max(alphabet, symbol + 1)
    }
    func bits(_ row: UnsafePointer<UInt32>) -> Double {
      FrequencyTable.entropy(row, alphabet: alphabet)
        + FrequencyTable.size(row, alphabet: alphabet)
    }
    var groups: [Group] = []
    for context in 0..<contexts {
      let row = counts + context << 8
      if let last = groups.indices.last, (0..<alphabet).allSatisfy({ row[$0] == 0 }) {
        groups[last].end = context + 1
      } else {
        groups.append(.init(first: context, end: context + 1, bits: bits(row)))
      }
    }
    let sum = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    defer { sum.deallocate() }
    func joined(_ left: Int) -> Double {
      let (a, b) = (counts + groups[left].first << 8, counts + groups[left + 1].first << 8)
      for symbol in 0..<alphabet { sum[symbol] = a[symbol] &+ b[symbol] }
      return bits(sum)
    }
    var together = groups.indices.dropLast().map(joined)
    while true {
      var (best, gain) = (-1, groups.count > enoughTables ? -Double.infinity : 0)
      for left in together.indices {
        let won = groups[left].bits + groups[left + 1].bits - together[left]
        if won > gain { (best, gain) = (left, won) }
      }
      guard best >= 0 else { break }
      let (a, b) = (counts + groups[best].first << 8, counts + groups[best + 1].first << 8)
      for symbol in 0..<alphabet { a[symbol] &+= b[symbol] }
      groups[best].end = groups[best + 1].end
      groups[best].bits = together[best]
      groups.remove(at: best + 1)
      together.remove(at: best)
      if best < together.count { together[best] = joined(best) }
      if best > 0 { together[best - 1] = joined(best - 1) }
    }
    var map = ContextMap(tables: [])
    for (table, group) in groups.enumerated() {
      map.tables += [UInt8](repeating: UInt8(table), count: group.end - group.first)
    }
    let bits = groups.reduce(0) { bits, group in
      let row = counts + group.first << 8
      return bits + scale * FrequencyTable.entropy(row, alphabet: alphabet)
        + FrequencyTable.size(row, alphabet: alphabet)
    }
    return (map, bits)
  }

  private init(tables: [UInt8]) { self.tables = tables }

  /// Writes a bit for each context but the first.
  func write(to bits: inout BitWriter) {
    for (context, before) in zip(tables.dropFirst(), tables) {
      bits.write(context == before ? 0 : 1, bits: 1)
    }
  }

  /// Reads what `write` wrote.
  init(_ bits: inout BitReader, contexts: Int) throws(DeltaFrameFault) {
    tables = [0]
    tables.reserveCapacity(contexts)
    var table = 0
    for _ in 1..<max(1, contexts) {
      table += Int(bits.read(1))
      guard table < ContextMap.mostTables else {
        throw .init(expected: "at most \(ContextMap.mostTables) tables", found: "more")
      }
      tables.append(UInt8(table))
    }
  }
}

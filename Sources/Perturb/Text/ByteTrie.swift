/// Numbers by texts, looked up byte by byte: finds all texts that begin at a place.
struct ByteTrie: Sendable {
  /// Children by node and byte. Node 0 is the root.
  private var children = PairTable()
  /// The number of the text that ends at a node, or `none`.
  private var values: [Int32] = [Self.none]

  private static let none: Int32 = -1

  /// Adds a text that is not empty; a number is not negative. Of equal texts the last one counts.
  mutating func insert(_ text: [UInt8], _ value: Int32) {
    var node: UInt32 = 0
    for byte in text {
      if let child = children[node, UInt32(byte)] {
        node = UInt32(child)
      } else {
        let child = UInt32(values.count)
        children[node, UInt32(byte)] = UInt64(child)
        values.append(Self.none)
        node = child
      }
    }
    if node > 0 { values[Int(node)] = value }
  }

  /// Calls for each text that begins at a place, shortest first, with its end and its number.
  @inline(__always)
  func forEachMatch(in bytes: [UInt8], at start: Int, _ body: (_ end: Int, _ value: Int32) -> Void)
  {
    var node: UInt32 = 0
    for position in start..<bytes.count {
      guard let child = children[node, UInt32(bytes[position])] else { return }
      node = UInt32(child)
      let value = values[Int(node)]
      if value != Self.none { body(position + 1, value) }
    }
  }
}

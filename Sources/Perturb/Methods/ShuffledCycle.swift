/// Endless passes over rows, in a new seeded order each pass. Rows may rest for a few passes.
struct ShuffledCycle {
  private let examples: [Example]
  private var source: RandomSource
  private var order: [Int] = []
  /// The rows that were handed out last.
  private var drawn: [Int] = []
  /// How many passes each row still sits out, and how many it sat out before.
  private var rests: [(left: Int, last: Int)]

  /// The most passes that a row sits out before it is looked at again.
  private static let longestRest = 3

  init(_ examples: [Example], seed: UInt64, stream: UInt64) {
    self.examples = examples
    source = RandomSource(seed: seed, stream: stream)
    rests = Array(repeating: (0, 0), count: examples.count)
  }

  /// The next rows; fewer than asked for only if there are fewer in all.
  mutating func next(_ count: Int) -> [Example] {
    drawn = []
    while drawn.count < min(count, examples.count) {
      if order.isEmpty { order = examples.indices.shuffled(using: &source) }
      let index = order.removeLast()
      if rests[index].left > 0 { rests[index].left -= 1 } else { drawn.append(index) }
    }
    return drawn.map { examples[$0] }
  }

  /// Tells which of the rows of the last call are settled: these rest for one pass, then for three,
  /// until they are found unsettled again.
  mutating func rest(_ isSettled: [Bool]) {
    for (index, isSettled) in zip(drawn, isSettled) {
      let length = isSettled ? min(2 * rests[index].last + 1, Self.longestRest) : 0
      rests[index] = (length, length)
    }
  }
}

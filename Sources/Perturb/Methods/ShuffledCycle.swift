/// Endless passes over rows, in a new seeded order each pass.
struct ShuffledCycle {
  private let examples: [Example]
  private var source: RandomSource
  private var order: [Int] = []

  init(_ examples: [Example], seed: UInt64, stream: UInt64) {
    self.examples = examples
    source = RandomSource(seed: seed, stream: stream)
  }

  /// The next rows; fewer than asked for only if there are fewer in all.
  mutating func next(_ count: Int) -> [Example] {
    var batch: [Example] = []
    while batch.count < min(count, examples.count) {
      if order.isEmpty { order = examples.indices.shuffled(using: &source) }
      batch.append(examples[order.removeLast()])
    }
    return batch
  }
}

/// The keys and values of tokens already read, so that each new token costs one row of work.
///
/// Every sequence owns `capacity` rows in each layer's matrices.
final class KeyValueCache {
  /// The tokens of one sequence in the current step.
  struct Step {
    let sequence: Int
    let tokens: Int
  }

  /// The memory for one token of one sequence in all layers.
  static func tokenBytes(_ configuration: ModelConfiguration) -> Int {
    2 * configuration.layerCount * configuration.keyValueWidth * MemoryLayout<Float>.size
  }

  private let capacity: Int
  private var lengths: [Int]
  private var steps: [Step] = []
  private var keys: [Matrix]
  private var values: [Matrix]

  init(sequences: Int, capacity: Int, configuration: ModelConfiguration) {
    self.capacity = capacity
    lengths = [Int](repeating: 0, count: sequences)
    let empty = Matrix(rows: sequences * capacity, columns: configuration.keyValueWidth)
    keys = [Matrix](repeating: empty, count: configuration.layerCount)
    values = keys
  }

  /// Announces the tokens that every layer will append next, in packed order.
  func begin(_ steps: [Step]) {
    self.steps = steps
    for step in steps {
      lengths[step.sequence] += step.tokens
      precondition(lengths[step.sequence] <= capacity)
    }
  }

  /// How many tokens the sequence has, those of the current step included.
  func length(of sequence: Int) -> Int { lengths[sequence] }

  /// Stores the current tokens' keys and values of one layer, and returns all of the layer's.
  func append(keys newKeys: Matrix, values newValues: Matrix, layer: Int)
    -> (keys: Matrix, values: Matrix)
  {
    var row = 0
    for step in steps {
      let end = step.sequence * capacity + lengths[step.sequence]
      let source = newKeys.range(ofRows: row..<row + step.tokens)
      let target = keys[layer].range(ofRows: end - step.tokens..<end)
      keys[layer].values.replaceSubrange(target, with: newKeys.values[source])
      values[layer].values.replaceSubrange(target, with: newValues.values[source])
      row += step.tokens
    }
    return (keys[layer], values[layer])
  }

  /// The spans of the current tokens, with their keys inside the cache.
  func spans(for spans: [Attention.Span]) -> [Attention.Span] {
    zip(spans, steps).map { span, step in
      let start = step.sequence * capacity
      return Attention.Span(queries: span.queries, keys: [start..<start + lengths[step.sequence]])
    }
  }
}

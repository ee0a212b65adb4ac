/// Greedy decoding of several prompts at once, with cached keys and values.
public struct Generation: Sendable {
  /// The model that answers.
  public let model: Transformer
  /// The most tokens an answer may have.
  public let maximumTokens: Int
  /// Tokens that end an answer; they are not part of it.
  public let stopTokens: Set<Int32>

  /// How many prompts are decoded side by side: one pass over the weights serves them all. More would
  /// gain little.
  var batchSize = 64
  /// How many prompt tokens are read in one pass.
  static let prefillTokens = 1024

  /// Decoding with these limits.
  public init(model: Transformer, maximumTokens: Int, stopTokens: Set<Int32>) {
    self.model = model
    self.maximumTokens = maximumTokens
    self.stopTokens = stopTokens
  }

  /// The answer to each prompt, as tokens. `progress` hears how many prompts are done.
  public func answers(to prompts: [[Int32]], progress: (Int) throws -> Void = { _ in }) throws
    -> [[Int32]]
  {
    // Prompts of like length are decoded together, so that the caches are well used.
    let order = prompts.indices.sorted { (prompts[$0].count, $0) < (prompts[$1].count, $1) }
    var answers = [[Int32]](repeating: [], count: prompts.count)
    var done = 0
    while done < order.count {
      let members = order[done...].prefix(batchCount(order[done...].map { prompts[$0].count }))
      let batch = try decode(members.map { prompts[$0] })
      for (member, answer) in zip(members, batch) { answers[member] = answer }
      done += members.count
      try progress(done)
    }
    return answers
  }

  /// How many prompts of these lengths, of which each is at least as long as the one before, are
  /// decoded together.
  private func batchCount(_ lengths: [Int]) -> Int {
    let tokenBytes = KeyValueCache.tokenBytes(model.weights.map.configuration)
    let fitting = lengths.prefix(batchSize).enumerated().prefix { index, length in
      (index + 1) * (length + maximumTokens) * tokenBytes <= model.weights.map.memory.cacheBytes
    }
    return max(1, fitting.count)
  }

  private func decode(_ prompts: [[Int32]]) throws -> [[Int32]] {
    let longest = prompts.map(\.count).max() ?? 0
    let cache = KeyValueCache(
      sequences: prompts.count, capacity: longest + maximumTokens,
      configuration: model.weights.map.configuration)
    let head = OutputHead(weights: model.weights)
    // Learned positions end somewhere.
    let configuration = model.weights.map.configuration
    let positions = configuration.architecture.isRotary ? Int.max : configuration.contextLength
    var answers = [[Int32]](repeating: [], count: prompts.count)
    var next = try prefill(prompts, cache: cache, head: head)
    while true {
      var active: [Int] = []
      for (sequence, token) in next.sorted(by: { $0.key < $1.key }) {
        if stopTokens.contains(token) || answers[sequence].count == maximumTokens { continue }
        answers[sequence].append(token)
        if answers[sequence].count < maximumTokens, cache.length(of: sequence) < positions {
          active.append(sequence)
        }
      }
      if active.isEmpty { return answers }
      let states = try model.states(
        of: active.compactMap { next[$0] }, positions: active.map { cache.length(of: $0) },
        steps: active.map { KeyValueCache.Step(sequence: $0, tokens: 1) }, cache: cache)
      let tokens = try head.mostLikelyTokens(states)
      next = Dictionary(uniqueKeysWithValues: zip(active, tokens.map(Int32.init)))
    }
  }

  /// Reads all prompts and returns the first token of each answer, by sequence.
  private func prefill(_ prompts: [[Int32]], cache: KeyValueCache, head: OutputHead) throws
    -> [Int: Int32]
  {
    var next: [Int: Int32] = [:]
    var start = 0
    while start < prompts.count {
      var end = start
      var total = 0
      while end < prompts.count, end == start || total + prompts[end].count <= Self.prefillTokens {
        total += prompts[end].count
        end += 1
      }
      let members = start..<end
      let states = try model.states(
        of: members.flatMap { prompts[$0] }, positions: members.flatMap { prompts[$0].indices },
        steps: members.map { KeyValueCache.Step(sequence: $0, tokens: prompts[$0].count) },
        cache: cache)
      for (sequence, token) in zip(members, try head.mostLikelyTokens(states)) {
        next[sequence] = Int32(token)
      }
      start = end
    }
    return next
  }
}

/// Sequences of tokens laid end to end, without padding, and the places where answers are scored.
public struct PackedBatch: Sendable {
  /// One scored place: the model, having read up to `row`, should say `token`.
  public struct Target: Sendable {
    /// Row of the packed tokens whose output is scored.
    public let row: Int
    /// The token that follows it.
    public let token: Int
    /// The sequence it belongs to.
    public let sequence: Int
  }

  /// All tokens.
  public private(set) var tokens: [Int32] = []
  /// The position of each token in its own sequence.
  public private(set) var positions: [Int] = []
  /// The rows of each sequence.
  public private(set) var sequences: [Range<Int>] = []
  /// The scored places, in packed order.
  public private(set) var targets: [Target] = []
  /// The scored places of each sequence, as a range of `targets`.
  public private(set) var targetRanges: [Range<Int>] = []

  /// An empty batch.
  public init() {}

  /// Adds a prompt and the answer that is scored after it. The last token is never read, only said.
  public mutating func append(prompt: [Int32], answer: [Int32]) {
    precondition(!prompt.isEmpty)
    let start = tokens.count
    let read = prompt + answer.dropLast()
    tokens += read
    positions += 0..<read.count
    let first = targets.count
    for (index, token) in answer.enumerated() {
      let row = start + prompt.count - 1 + index
      targets.append(Target(row: row, token: Int(token), sequence: sequences.count))
    }
    targetRanges.append(first..<targets.count)
    sequences.append(start..<tokens.count)
  }
}

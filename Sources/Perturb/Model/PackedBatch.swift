/// Sequences of tokens laid end to end, without padding, and the places where answers are scored.
///
/// A sequence that begins like the one before it reads that part from there: the tokens of a shared
/// prompt are computed once, and its answers branch from it.
public struct PackedBatch: Sendable {
  /// Where one sequence lies.
  public struct Sequence: Sendable {
    /// The rows of the packed tokens that make it up, in order; all but the last belong to sequences
    /// before it.
    public fileprivate(set) var path: [Range<Int>]

    /// Its rows, one by one.
    public var rows: [Int] { path.flatMap { Array($0) } }
    /// The rows that it does not share with sequences before it.
    public var own: Range<Int> { path[path.count - 1] }
    /// How many tokens it has.
    public var count: Int { path.reduce(0) { $0 + $1.count } }
  }

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
  /// Where each sequence lies.
  public private(set) var sequences: [Sequence] = []
  /// The scored places, in packed order.
  public private(set) var targets: [Target] = []
  /// The scored places of each sequence, as a range of `targets`.
  public private(set) var targetRanges: [Range<Int>] = []

  /// A shorter common beginning saves less than a branch costs.
  private static let shortestShare = 8

  /// An empty batch.
  public init() {}

  /// Adds a prompt and the answer that is scored after it. The last token is never read, only said.
  public mutating func append(prompt: [Int32], answer: [Int32]) {
    precondition(!prompt.isEmpty)
    let read = prompt + answer.dropLast()
    var path = sharedPath(with: read)
    let shared = path.reduce(0) { $0 + $1.count }
    let start = tokens.count
    tokens += read[shared...]
    positions += shared..<read.count
    path.append(start..<tokens.count)
    let sequence = Sequence(path: path)
    let rows = sequence.rows
    let first = targets.count
    for (index, token) in answer.enumerated() {
      targets.append(
        Target(row: rows[prompt.count - 1 + index], token: Int(token), sequence: sequences.count))
    }
    targetRanges.append(first..<targets.count)
    sequences.append(sequence)
  }

  /// The tokens that a sequence reads.
  public func tokens(of sequence: Sequence) -> [Int32] { sequence.rows.map { tokens[$0] } }

  /// The rows of the last sequence that hold the same tokens as the beginning of `read`, if they are
  /// worth it. At least one token stays the new sequence's own.
  private func sharedPath(with read: [Int32]) -> [Range<Int>] {
    guard let last = sequences.last else { return [] }
    var left = zip(last.rows, read.dropLast()).prefix { tokens[$0.0] == $0.1 }.count
    guard left >= Self.shortestShare else { return [] }
    var path: [Range<Int>] = []
    for range in last.path where left > 0 {
      path.append(range.prefix(left))
      left -= path[path.count - 1].count
    }
    return path
  }
}

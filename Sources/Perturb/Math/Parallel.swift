import Synchronization

/// Runs independent pieces of work on several threads.
///
/// Results never depend on the thread count: work is cut into pieces by its shape alone, every piece
/// writes its own part of the output, and nothing is summed across pieces.
public enum Parallel {
  private static let configuredThreads = Atomic<Int>(1)

  /// How many threads `forEach` may use; at least 1.
  public static var threads: Int {
    get { configuredThreads.load(ordering: .relaxed) }
    set { configuredThreads.store(max(1, newValue), ordering: .relaxed) }
  }

  /// Calls `body` once for each index in `0..<count`, in any order, and returns when all are done.
  static func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(threads, count)
    if workers > 1, Team.shared.work(count, threads: workers, body) { return }
    for index in 0..<count { body(index) }
  }

  /// Calls `body` for ranges that cover `0..<count` in pieces of `size`.
  static func forEachRange(_ count: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let pieces = (count + size - 1) / size
    forEach(pieces) { piece in
      body(piece * size..<min(count, (piece + 1) * size))
    }
  }
}

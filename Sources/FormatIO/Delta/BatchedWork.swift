import Dispatch
import Synchronization

/// Work in many pieces whose results are wanted in order, with a bounded number of them in memory.
enum BatchedWork {
  /// How many pieces make a batch of about 16 MiB.
  ///
  /// - Parameter pieceSize: the bytes of the largest piece.
  static func batch(pieceSize: Int) -> Int { max(4, (16 << 20) / max(1, pieceSize)) }

  /// Calls `produce` for every number below `count` on some threads, and the consumers with the results in order.
  ///
  /// Results of one batch are consumed while the next one is produced. At most two batches are in memory. The
  /// thread count changes nothing but the time.
  ///
  /// - Parameters:
  ///   - batch: how many pieces make a batch.
  ///   - produce: called on any thread, in any order.
  ///   - consume: called by one thread at a time, in order.
  ///   - alsoConsume: the same with the same results, perhaps on another thread at the same time.
  /// - Throws: the first error of a consumer, or that of the lowest piece in its batch.
  static func inOrder<Result: Sendable>(
    _ count: Int, threads: Int, batch: Int, produce: @Sendable (Int) throws -> Result,
    consume: (Int, Result) throws -> Void,
    alsoConsume: (Int, Result) throws -> Void = { _, _ in }
  ) throws {
    try withoutActuallyEscaping(consume) { consume in
      try withoutActuallyEscaping(alsoConsume) { alsoConsume in
        // One task alone calls each of them, and `concurrentPerform` returns only when all of them are done.
        nonisolated(unsafe) let consumers = [consume, alsoConsume]
        var finished: [Result] = []
        var start = 0
        while start < count || !finished.isEmpty {
          let pieces = start..<min(start + max(batch, 1), count)
          let (ready, first) = (finished, start - finished.count)
          finished = try step(
            pieces, threads: threads, tasks: ready.isEmpty ? 0 : consumers.count, produce: produce
          ) { task in
            for (number, result) in ready.enumerated() {
              try consumers[task](first + number, result)
            }
          }
          start = pieces.upperBound
        }
      }
    }
  }

  /// Does some tasks, and produces some pieces meanwhile.
  private static func step<Result: Sendable>(
    _ pieces: Range<Int>, threads: Int, tasks: Int, produce: @Sendable (Int) throws -> Result,
    task: @Sendable (Int) throws -> Void
  ) throws -> [Result] {
    let results = Mutex([Int: Swift.Result<Result, any Error>]())
    let failure = Mutex<(any Error)?>(nil)
    // The tasks come first: each of them takes as long as many pieces.
    let count = tasks + pieces.count
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < count else { return }
        guard number < tasks else {
          let piece = pieces.lowerBound + number - tasks
          let result = Swift.Result { try produce(piece) }
          results.withLock { $0[piece] = result }
          continue
        }
        do {
          try task(number)
        } catch {
          failure.withLock { $0 = $0 ?? error }
          next.store(count, ordering: .relaxed)
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return try results.withLock { results in
      try pieces.map { piece in
        guard let result = results[piece] else { preconditionFailure("piece \(piece) is lost") }
        return try result.get()
      }
    }
  }
}

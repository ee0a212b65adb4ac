import Dispatch
import Synchronization

/// Work in many pieces whose results are wanted in order, with a bounded number of them in memory.
enum BatchedWork {
  /// Calls `produce` for every number below `count` on some threads, and `consume` with the results in order.
  ///
  /// Results of one batch are consumed while the next one is produced. At most two batches are in memory. The
  /// thread count changes nothing but the time.
  ///
  /// - Parameters:
  ///   - batch: how many pieces make a batch.
  ///   - produce: called on any thread, in any order.
  ///   - consume: called by one thread at a time, in order.
  /// - Throws: the first error of `consume`, or that of the lowest piece in its batch.
  static func inOrder<Result: Sendable>(
    _ count: Int, threads: Int, batch: Int, produce: @Sendable (Int) throws -> Result,
    consume: (Int, Result) throws -> Void
  ) throws {
    var finished: [Result] = []
    var start = 0
    while start < count || !finished.isEmpty {
      let pieces = start..<min(start + max(batch, 1), count)
      let previous = start - finished.count
      let results = Mutex([Int: Swift.Result<Result, any Error>]())
      let next = Atomic(pieces.lowerBound)
      let consumed = Mutex<(any Error)?>(nil)
      let ready = finished
      withoutActuallyEscaping(consume) { consume in
        // One worker alone calls it, and `concurrentPerform` returns only when all of it is done.
        nonisolated(unsafe) let consume = consume
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, pieces.count + 1))) {
          worker in
          if worker == 0 {
            do {
              for (number, result) in ready.enumerated() { try consume(previous + number, result) }
            } catch {
              consumed.withLock { $0 = error }
              next.store(pieces.upperBound, ordering: .relaxed)
            }
          }
          while true {
            let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard piece < pieces.upperBound else { return }
            let result = Swift.Result { try produce(piece) }
            results.withLock { $0[piece] = result }
          }
        }
      }
      if let error = consumed.withLock({ $0 }) { throw error }
      finished = try results.withLock { results in
        try pieces.map { piece in
          guard let result = results[piece] else { preconditionFailure("piece \(piece) is lost") }
          return try result.get()
        }
      }
      start = pieces.upperBound
    }
  }
}

import Foundation
import Perturb

/// The product's own learning loop, held after each step until the next one is asked for: what is
/// timed is what `panacea-patch` runs, with everything that it keeps from step to step.
final class HeldRun: @unchecked Sendable {
  private let goOn = DispatchSemaphore(value: 0)
  private let isDone = DispatchSemaphore(value: 0)
  // Written by one thread while the other waits.
  private var step: LearningStep?
  private var failure: (any Error)?
  private var isOver = false

  /// Starts a run; it waits before the first step.
  init(_ method: Panacea) {
    let thread = Thread { [self] in
      goOn.wait()
      do {
        _ = try method.run { step, _ in
          self.step = step
          isDone.signal()
          goOn.wait()
          if isOver { throw CancellationError() }
        }
      } catch { failure = error }
      isDone.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Makes one step.
  func next() throws {
    goOn.signal()
    isDone.wait()
    if let failure { throw failure }
  }

  /// Ends the run and frees what it held.
  func stop() {
    isOver = true
    goOn.signal()
    isDone.wait()
  }
}

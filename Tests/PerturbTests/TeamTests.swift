import Synchronization
import Testing

@testable import Perturb

/// Does a team do every piece of work exactly once, whoever asks and how often?
@Suite struct TeamTests {
  /// How often each piece was done.
  private func rounds(
    _ count: Int, _ work: (@Sendable @escaping (Int) -> Void) -> Void
  ) -> [Int] {
    let done = Mutex([Int](repeating: 0, count: count))
    work { index in done.withLock { $0[index] += 1 } }
    return done.withLock { $0 }
  }

  @Test(arguments: [1, 2, 5])
  func everyPieceIsDoneOnce(threads: Int) {
    let team = Team()
    for count in [0, 1, 2, 3, 64, 1000] {
      for _ in 0..<20 {
        let done = rounds(count) { body in #expect(team.work(count, threads: threads, body)) }
        #expect(done == [Int](repeating: 1, count: count))
      }
    }
  }

  /// Whoever comes too late for a round is not waited for, and does nothing in it.
  @Test func workIsDoneOnReturn() {
    let team = Team()
    for _ in 0..<2000 {
      let sum = Atomic<Int>(0)
      _ = team.work(3, threads: 3) { sum.add($0 + 1, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 6)
    }
  }

  @Test func aTeamAtWorkTakesNothingElse() {
    let team = Team()
    let refusals = Atomic<Int>(0)
    _ = team.work(4, threads: 2) { _ in
      if !team.work(1, threads: 2, { _ in }) { refusals.add(1, ordering: .relaxed) }
    }
    #expect(refusals.load(ordering: .relaxed) == 4)
  }
}

internal import CPerturb
import Glibc
import Synchronization

/// Threads that share pieces of work with the one that asks.
///
/// A pass over a model has thousands of short rounds of work. Waking a thread takes as long as some
/// of them, so the others keep looking for the next round for a moment before they sleep.
final class Team: Sendable {
  /// The team that `Parallel` uses. Teams live as long as the program, as their threads do.
  static let shared = Team()

  /// How often a waiting thread looks for work before it sleeps: some 50 µs.
  private static let patience = 4000

  /// Held by the thread whose work is being done.
  private let isTaken = Atomic<Bool>(false)
  /// Rounds of work so far.
  private let round = Atomic<Int>(0)
  /// Members that may still take part in the round, and those that are in it.
  private let wanted = Atomic<Int>(0)
  private let inside = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  /// The number of pieces and what to do with each; written only while nobody is wanted, and read by those
  /// who were.
  nonisolated(unsafe) private var count = 0
  nonisolated(unsafe) private var body: (@Sendable (Int) -> Void)?
  private let members = Mutex(0)
  nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_mutex_t>
  nonisolated(unsafe) private let bell: UnsafeMutablePointer<pthread_cond_t>

  /// A team of nobody yet.
  init() {
    lock = .allocate(capacity: 1)
    bell = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(bell, nil)
  }

  /// Calls `body` for each index in `0..<count` on `threads` threads, of which this is one. Returns
  /// false, and does nothing, if the team is at work already.
  func work(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) -> Bool {
    guard
      isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    defer { isTaken.store(false, ordering: .releasing) }
    recruit(threads - 1)
    withoutActuallyEscaping(body) { body in
      self.count = count
      self.body = body
      next.store(0, ordering: .relaxed)
      wanted.store(threads - 1, ordering: .sequentiallyConsistent)
      round.add(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        pthread_mutex_lock(lock)
        pthread_cond_broadcast(bell)
        pthread_mutex_unlock(lock)
      }
      takePart()
      // Whoever has not come yet need not come any more.
      wanted.store(0, ordering: .sequentiallyConsistent)
      var looks = 0
      while inside.load(ordering: .sequentiallyConsistent) > 0 {
        looks += 1
        if looks % Self.patience == 0 { sched_yield() } else { pause_thread() }
      }
      self.body = nil
    }
    return true
  }

  private func takePart() {
    guard let body else { return }
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      body(index)
    }
  }

  /// A member's life: wait for a round, take part if wanted, wait again.
  private func serve() {
    var seen = 0
    while true {
      seen = awaitRound(after: seen)
      // Inside first, so that the caller cannot leave between the question and the work.
      inside.add(1, ordering: .sequentiallyConsistent)
      if isWanted() { takePart() }
      inside.subtract(1, ordering: .sequentiallyConsistent)
    }
  }

  private func isWanted() -> Bool {
    var left = wanted.load(ordering: .sequentiallyConsistent)
    while left > 0 {
      let result = wanted.compareExchange(
        expected: left, desired: left - 1, ordering: .sequentiallyConsistent)
      if result.exchanged { return true }
      left = result.original
    }
    return false
  }

  private func awaitRound(after seen: Int) -> Int {
    for _ in 0..<Self.patience {
      let now = round.load(ordering: .sequentiallyConsistent)
      if now != seen { return now }
      pause_thread()
    }
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    while true {
      let now = round.load(ordering: .sequentiallyConsistent)
      if now != seen { return now }
      pthread_cond_wait(bell, lock)
    }
  }

  /// Starts threads until there are so many members.
  private func recruit(_ count: Int) {
    members.withLock { members in
      while members < count {
        var thread = pthread_t()
        let team = Unmanaged.passRetained(self)
        let status = pthread_create(
          &thread, nil,
          { team in
            if let team { Unmanaged<Team>.fromOpaque(team).takeUnretainedValue().serve() }
            return nil
          }, team.toOpaque())
        // Without more threads the work takes longer, no more.
        guard status == 0 else { return team.release() }
        pthread_detach(thread)
        members += 1
      }
    }
  }
}

import Testing

@testable import Perturb

/// Are rows read in whole passes, and do settled ones rest?
@Suite struct ShuffledCycleTests {
  private static func cycle(_ count: Int, seed: UInt64 = 1) -> ShuffledCycle {
    ShuffledCycle(
      (0..<count).map { Example(prompt: [Int32($0)], answer: [0]) }, seed: seed, stream: 0)
  }

  private static func numbers(_ rows: [Example]) -> [Int32] { rows.map { $0.prompt[0] } }

  @Test func everyPassReadsEveryRowOnceInANewOrder() {
    var cycle = Self.cycle(12)
    let passes = (0..<3).map { _ in (0..<4).flatMap { _ in Self.numbers(cycle.next(3)) } }
    for pass in passes { #expect(pass.sorted() == Array(0..<12)) }
    #expect(Set(passes).count == 3)
    var again = Self.cycle(12)
    #expect(Self.numbers(again.next(12)) == passes[0])
  }

  @Test func thereAreNoMoreRowsThanThereAre() {
    var cycle = Self.cycle(3)
    #expect(Self.numbers(cycle.next(5)).sorted() == [0, 1, 2])
    var none = Self.cycle(0)
    #expect(none.next(5).isEmpty)
  }

  /// Row 0 is settled whenever it is read: it sits out one pass, then three, then three again.
  @Test func settledRowsSitOutMoreAndMorePasses() {
    var cycle = Self.cycle(2)
    var reads = [0, 0]
    while reads[1] < 16 {
      let row = Int(cycle.next(1)[0].prompt[0])
      cycle.rest([row == 0])
      reads[row] += 1
    }
    // Row 1 is read in every pass, row 0 in passes 1, 3, 7, 11 and 15.
    #expect(reads == [5, 16])
  }

  @Test func anUnsettledRowIsReadInEveryPassAgain() {
    var cycle = Self.cycle(4)
    for isSettled in [true, false, false] {
      // Where all rest, the next pass that reads them comes at once.
      #expect(Self.numbers(cycle.next(4)).sorted() == [0, 1, 2, 3])
      cycle.rest([Bool](repeating: isSettled, count: 4))
    }
  }
}

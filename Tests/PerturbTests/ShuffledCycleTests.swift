import Testing

@testable import Perturb

/// Are rows read in whole passes?
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
}

import FormatIO
import Testing

@testable import Perturb

@Suite("Rates: are the intervals Wilson's?")
struct RateTests {
  /// The first four are from R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  @Test(arguments: [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
    (1, 29, 0.0061, 0.1718), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1), (1, 1, 0.2065, 1),
  ])
  func publishedValues(count: Int, total: Int, low: Double, high: Double) {
    let rate = Rate(count, of: total)
    #expect(rate.value == Double(count) / Double(total))
    #expect(abs(rate.low - low) < 6e-5)
    #expect(abs(rate.high - high) < 6e-5)
  }

  @Test func certaintyIsExactAtBothEnds() {
    #expect(Rate(0, of: 7).low == 0)
    #expect(Rate(7, of: 7).high == 1)
  }

  @Test func noRowsSayNothing() {
    #expect(Rate(0, of: 0).json.encoded() == #"{"value":null,"low":0.0,"high":1.0}"#)
  }

  @Test func jsonHoldsValueAndInterval() {
    let json = Rate(1, of: 4).json
    #expect(json["value"]?.double == 0.25)
    #expect(json.object?.map(\.key) == ["value", "low", "high"])
  }
}

@Suite("Paired changes: is chance told apart from damage?")
struct PairedChangeTests {
  private func change(gained: Int, lost: Int, kept: Int = 5) -> PairedChange {
    let before = Rate((0..<gained + lost + kept).map { $0 >= gained })
    let after = Rate((0..<gained + lost + kept).map { $0 < gained || $0 >= gained + lost })
    return PairedChange(from: before, to: after)
  }

  /// Where only gains count: 3 > 1.645 · √3, and 2 < 1.645 · √2. With losses it takes more.
  @Test(arguments: [
    (1, 0, false), (2, 0, false), (3, 0, true), (3, 1, false), (5, 1, false), (6, 1, true),
    (14, 6, true), (13, 6, false), (0, 3, false), (0, 0, false),
  ])
  func itTakesMoreGainsWhereRowsAreLostToo(_ gained: Int, _ lost: Int, _ isMoreThanChance: Bool) {
    let change = change(gained: gained, lost: lost)
    #expect((change.gained, change.lost) == (gained, lost))
    #expect(change.rise == gained - lost)
    #expect(change.isMoreThanChance == isMoreThanChance)
  }
}

import Testing

@testable import Perturb
@testable import panacea_patch

/// Is text for people always the same, aligned, and free of control characters from files?
struct ConsoleTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (134_515_008, "134,515,008"), (-1234, "-1,234"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func counts(_ value: Int, _ text: String) {
    #expect(Quantity.count(value) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (269_060_552, "269.1 MB"),
    (999_949, "999.9 kB"), (999_950, "1.0 MB"), (Int.max, "9.2 EB"),
  ])
  func bytes(_ value: Int, _ text: String) {
    #expect(Quantity.bytes(value) == text)
  }

  @Test(arguments: [
    (0, "0.0 s"), (9949, "9.9 s"), (9950, "10 s"), (59_499, "59 s"), (59_500, "1 min 00 s"),
    (65_000, "1 min 05 s"), (3_599_500, "1 h 00 min"), (7_620_000, "2 h 07 min"),
  ])
  func durations(_ milliseconds: Int, _ text: String) {
    #expect(Quantity.duration(.milliseconds(milliseconds)) == text)
  }

  @Test(arguments: [
    (0, 2, "0.00"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (2.5, 0, "3"),
    (9.996, 2, "10.00"), (.infinity, 2, "inf"), (1e300, 2, "1e+300"),
  ])
  func decimals(_ value: Double, _ places: Int, _ text: String) {
    #expect(Quantity.decimal(value, places: places) == text)
  }

  @Test func controlCharactersAreShown() {
    #expect("a\u{1B}[2J\n\u{202E}b é ×".printable == #"a\u{1b}[2J\u{a}\u{202e}b é ×"#)
  }

  @Test func columnsAreAligned() {
    var table = Table([.init("name"), .init("count", .trailing), .init("note")])
    table.add("a", "1", "")
    table.add("longer", "1,000", "x")
    #expect(
      table.text == """
        name    count  note
        a           1
        longer  1,000  x
        """)
  }

  @Test func untitledColumnsHaveNoHead() {
    var table = Table([.init(""), .init("")])
    table.add("a", "b")
    #expect(table.text == "a  b")
  }

  @Test func lineTellsRateAndTimeLeft() {
    let line = ProgressLine("learning", total: 200, unit: "steps", console: Console())
    #expect(
      line.text(40, note: "loss 1.2", elapsed: .seconds(20))
        == "learning 40/200 steps (20 %), 2.0 steps/s, 1 min 20 s left, loss 1.2")
    #expect(
      line.text(200, note: "", elapsed: .seconds(100))
        == "learning 200/200 steps (100 %), 2.0 steps/s, took 1 min 40 s")
    #expect(line.text(0, note: "", elapsed: .zero) == "learning 0/200 steps (0 %)")
  }

  @Test func unitsDoneBeforeTheLineTookNoneOfItsTime() {
    let line = ProgressLine(
      "learning", total: 160, already: 120, unit: "steps", console: Console())
    #expect(
      line.text(130, note: "", elapsed: .seconds(5))
        == "learning 130/160 steps (81 %), 2.0 steps/s, 15 s left")
    #expect(line.text(120, note: "", elapsed: .seconds(5)) == "learning 120/160 steps (75 %)")
  }

  @Test func logGetsOneLineForEachTenth() {
    var line = ProgressLine("x", total: 40, unit: "rows", console: Console(), mode: .logged)
    let printed = (0...40).filter {
      !line.output($0, note: "", elapsed: .seconds(Double($0))).isEmpty
    }
    #expect(printed == [4, 8, 12, 16, 20, 24, 28, 32, 36, 40])
  }

  @Test func terminalIsRedrawnTenTimesASecondAndAtTheEnd() {
    var line = ProgressLine(
      "x", total: 1000, unit: "rows", console: Console(), mode: .redrawn(width: 12))
    let printed = (1...1000).filter {
      !line.output($0, note: "", elapsed: .milliseconds($0 * 2)).isEmpty
    }
    #expect(printed.count == 21)
    #expect(printed.last == 1000)
    #expect(line.output(1000, note: "", elapsed: .seconds(3)) == "\r\u{1B}[2Kx 1000/1000")
  }

  @Test func quietPrintsNoProgress() {
    var line = ProgressLine("x", total: 1, unit: "rows", console: Console(level: .quiet))
    #expect(line.output(1, note: "", elapsed: .seconds(1)).isEmpty)
  }

  @Test func lookalikesHaveTheirOwnLineWhereThereAreAny() {
    var evaluation = Evaluation()
    evaluation.benign.overRefusal = Rate(3, of: 7)
    func lines() -> [String] {
      EvaluationTable([.init(title: "now", evaluation: evaluation)]).text
        .split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }
    #expect(!lines().contains { $0.hasPrefix("of look-alikes") })
    evaluation.benign.isLookalike = [true, true, false, false, false, true, true]
    #expect(lines().contains { $0.hasPrefix("of plain requests 33.3 %") })
    #expect(lines().contains { $0.hasPrefix("of look-alikes 50.0 %") })
  }
}

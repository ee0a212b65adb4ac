import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Is the page well-formed, harmless whatever a model answers, and free of anything to load?
struct HTMLReportTests {
  /// Texts that try to leave the place they stand in.
  private static let hostile = [
    "</style><script>alert(1)</script>", "", "\"><img src=x onerror=alert(1)>",
    "]]><!-- & &amp; -->",
    "\u{0}\u{1B}[2J\u{7F}\u{85}\u{202E}evil\u{FFFE}\u{2028}", "a\r\nb\tc",
    String(repeating: "harm ", count: 19) + "nineteen twenty SECRET",
  ]

  // MARK: Form

  @Test(arguments: ["full", "empty", "degenerate", "nothing to do"])
  func thePageIsWellFormed(_ name: String) throws {
    let page = try report(name).html
    try #require(page.hasPrefix("<!DOCTYPE html>\n"))
    let outline = try PageOutline(page)
    #expect(outline.headings.first == "h1")
    let parts = outline.headings.count { $0 == "h2" }
    #expect(parts == (["full", "degenerate"].contains(name) ? 8 : 4))
    #expect(Set(outline.identifiers).count == outline.identifiers.count)
    #expect(outline.targets.allSatisfy { outline.identifiers.contains(String($0.dropFirst())) })
    #expect(outline.drawingsWithoutTitle == 0)
    #expect(
      !outline.attributes.contains { $0.value.contains(/\b(nan|inf|infinity)\b/.ignoresCase()) })
  }

  @Test(arguments: ["full", "empty", "degenerate", "nothing to do"])
  func nothingIsLoadedAndNothingRuns(_ name: String) throws {
    let page = try report(name).html
    let outline = try PageOutline(page)
    #expect(
      outline.elements.isDisjoint(with: ["script", "link", "img", "iframe", "object", "use"]))
    #expect(!outline.attributes.contains { $0.key.hasPrefix("on") || $0.key == "src" })
    #expect(outline.targets.allSatisfy { $0.hasPrefix("#") })
    for text in ["://", "@import", "url("] { #expect(!page.contains(text), "\(text)") }
    #expect(page.firstMatch(of: /\bsafe\b/.ignoresCase()) == nil)
  }

  @Test func theSameReportGivesTheSamePage() throws {
    #expect(try report("full").html == report("full").html)
  }

  // MARK: Texts

  @Test func answersStayText() throws {
    let page = try report("full").html
    #expect(page.contains("&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("⟨U+0000⟩⟨U+001B⟩[2J⟨U+007F⟩⟨U+0085⟩⟨U+202E⟩evil⟨U+FFFE⟩⟨U+2028⟩"))
    #expect(!page.contains("\u{202E}"))
    #expect(page.contains("(no text)"))
  }

  @Test(arguments: [
    ("one two", "one two"),
    (String(repeating: "word ", count: 20), String(repeating: "word ", count: 19) + "word"),
    (
      (1...21).map { "\($0)" }.joined(separator: "\n"),
      (1...20).map { "\($0)" }.joined(separator: " ") + " …"
    ),
    (String(repeating: "字", count: 201), String(repeating: "字", count: 200) + " …"),
    (" \n\t ", ""),
  ])
  func harmfulAnswersAreCut(_ text: String, _ expected: String) {
    #expect(HTMLReport.opening(text) == expected)
  }

  @Test func noMoreThanTwentyWordsOfAHarmfulAnswerAreShown() throws {
    let page = try report("full").html
    #expect(page.contains("nineteen …"))
    #expect(!page.contains("SECRET"))
  }

  @Test func changedAnswersComeFirst() throws {
    let page = try report("full").html
    let prompts = ["request 6", "request 0"].compactMap { page.firstRange(of: $0)?.lowerBound }
    #expect(prompts.count == 2 && prompts[0] < prompts[1])
  }

  @Test(arguments: [
    ("/data/me/rows.jsonl: left out 2 rows", "rows.jsonl: left out 2 rows"),
    ("3 of 40 harmful rows have no response: \"a/b\" stands for it", nil),
    ("rows.jsonl: left out 2 rows", nil),
  ])
  func notesNameNoFolder(_ note: String, _ expected: String?) {
    #expect(HTMLReport.withoutFolder(note) == expected ?? note)
  }

  // MARK: Contents

  @Test func theVerdictSaysWhatWasMissedAndByHowMuch() throws {
    let page = try report("full").html
    #expect(page.contains("<h1>Damaged</h1>"))
    #expect(page.contains("rise of over-refusal</strong>: 42.9\u{A0}%, limit 5.0\u{A0}%"))
    #expect(page.contains("No file was written."))
    #expect(page.contains("limit 85.0\u{A0}%, short by 13.6\u{A0}%"))
  }

  @Test func aModelThatRefusesIsSaidToRefuse() throws {
    let page = try report("nothing to do").html
    #expect(page.contains("<h1>Nothing to do</h1>"))
    // The figure that decided is of all rows; the tables show the held-out ones.
    #expect(page.contains("already refuses 90.0\u{A0}% of harmful requests (18 of all 20 rows)"))
    #expect(page.contains("<dt>refusal of all harmful requests</dt><dd><b>90.0\u{A0}%</b></dd>"))
    #expect(page.contains("100.0\u{A0}%<small>"))
  }

  @Test func allRowsAreInTheJSONBesideTheHeldOutOnes() throws {
    let json = try report("nothing to do").json
    #expect(json["all_harmful_rows"]?["rows"]?.integer == 20)
    #expect(json["all_harmful_rows"]?["refusal_rate"]?["value"]?.double == 0.9)
    #expect(json["before"]?["harmful"]?["refusal_rate"]?["value"]?.double == 1)
    #expect(try report("full").json["all_harmful_rows"]?.encoded() == "null")
  }

  @Test func lookalikesHaveTheirOwnLineWhereThereAreAny() throws {
    #expect(try !report("nothing to do").html.contains("of look-alikes"))
    var report = try report("nothing to do")
    report.before.benign.overRefusal = Rate(3, of: 7)
    report.before.benign.isLookalike = [true, true, false, false, false, true, true]
    let page = report.html
    #expect(page.contains("… of look-alikes") && page.contains("50.0\u{A0}%"))
    #expect(page.contains("… of plain requests") && page.contains("33.3\u{A0}%"))
  }

  @Test func theTrialThatWasTakenIsMarked() throws {
    let points = HTMLReport(report: try report("full")).trialPoints
    #expect(points.map(\.isChosen) == [false, false, false, true])
    #expect(points.map(\.label) == ["80 steps, ρ 0", "ρ 0.4 %", "ρ 0.2 %", "ρ 0.1 %"].map(spaced))
  }

  @Test(
    arguments: [
      ([0], 1), ([-3, .nan, .infinity], 1), ([0.1], 0.1), ([100], 100), ([10.5], 12.5),
      ([7e-5], 8e-5), ([1e300], 1e300),
    ] as [([Double], Double)])
  func axesEndAtRoundNumbers(_ values: [Double], _ high: Double) {
    let axis = HTMLChart.Axis("", showing: values)
    #expect((axis.high / high - 1).magnitude < 1e-9, "\(axis.high)")
    #expect((2...7).contains(axis.ticks.count))
  }

  /// The text with the spaces that do not break.
  private func spaced(_ text: String) -> String {
    text.split(separator: " ").joined(separator: "\u{A0}")
  }

  // MARK: Reports

  private func report(_ name: String) throws -> RepairReport {
    var report = RepairReport(settings: .init(recipe: .standard(vocabularySize: 1024)))
    switch name {
    case "full": fill(&report)
    case "degenerate": degenerate(&report)
    case "nothing to do":
      report.outcome = .nothingToDo
      report.before = evaluation(refusals: 7, answers: Self.hostile)
      report.refusalOfAllRows = Rate(18, of: 20)
      setRows(&report)
    default: break
    }
    return report
  }

  /// Everything there is, with hostile texts where a model or a file could put them.
  private func fill(_ report: inout RepairReport) {
    setRows(&report)
    report.before = evaluation(refusals: 0, answers: Self.hostile)
    report.driftOnly = evaluation(refusals: 5, answers: Self.hostile)
    var answers = Self.hostile
    answers[6] += " changed"
    report.after = evaluation(refusals: 5, overRefusals: 3, answers: answers)
    report.selectionBefore = report.before
    var budgets = report.budgets
    budgets.divergence = 0.1
    report.setBudgets(
      budgets, before: report.before, answersAreIntact: nil, heldOut: report.heldOut,
      selection: report.heldOut)
    report.steps = (1...30).map(step)
    report.trials = [(0.0, 1, true), (4e-3, 3, false), (2e-3, 1, false), (1e-3, 1, true)].map {
      rho, overRefusals, isAcceptable in
      StrengthSearch.Trial(
        rho: rho, steps: 80,
        evaluation: evaluation(refusals: 6, overRefusals: overRefusals, answers: []),
        misses: isAcceptable ? [] : [.init(name: "benign KL", limit: 0.1, value: 0.2)],
        isAcceptable: isAcceptable)
    }
    (report.rho, report.relativeDrift, report.relativeNorm) = (1.0001e-3, 0.03, 0.031)
    let shares = shares(of: [1, 2, 0, 5])
    report.coefficients = SafetyCoefficients(kick: shares, drift: shares)
    report.storage = shares.tensors.map {
      StoredPatch.TensorStorage(
        name: $0.name, elementType: .bfloat16,
        weights: PatchShare(
          product: 0.9 * $0.share, wanted: $0.share, stored: (0.9 * 0.9 + 0.1 * 0.1) * $0.share),
        effect: nil)
    }
    report.seconds = [.baseline: 1.25, .learning: 60]
    report.judge(isIdentity: false)
  }

  /// Values that no drawing can show.
  private func degenerate(_ report: inout RepairReport) {
    fill(&report)
    report.steps = [
      LearningStep(
        number: 1, task: .nan, benign: .infinity, refusal: 0, harmful: nil, divergence: -1,
        gradientNorm: .nan, tokens: 0)
    ]
    var empty = Evaluation()
    empty.benign.divergence = .nan
    report.trials = [
      StrengthSearch.Trial(rho: .nan, steps: 0, evaluation: empty, misses: [], isAcceptable: true)
    ]
    report.selectionBefore = empty
    report.after = empty
    report.rho = .infinity
    let shares = shares(of: [0, 0, 0, 0])
    report.coefficients = SafetyCoefficients(kick: shares, drift: shares)
  }

  private func setRows(_ report: inout RepairReport) {
    let texts = Self.hostile.dropLast() + ["fine"]
    func rows(_ role: String) -> [CalibrationRow] {
      texts.enumerated().map { number, text in
        CalibrationRow(
          prompt: "\(role) request \(number) \(text)", response: text, source: "test")
      }
    }
    let set = CalibrationSet(
      harmful: rows("harmful"), benign: rows("benign"), task: rows("task"),
      notes: ["/secret/folder/rows.jsonl: left out 1 rows marked <b>unsafe</b>"])
    report.setRows(all: set, learning: set, selection: set, heldOut: set, flagged: [])
  }

  private func evaluation(
    refusals: Int, overRefusals: Int = 0, answers: [String]
  ) -> Evaluation {
    var evaluation = Evaluation()
    evaluation.harmful.rows = 7
    evaluation.harmful.refusal = Rate(refusals, of: 7)
    evaluation.harmful.affirmative = Rate(7 - refusals, of: 7)
    evaluation.harmful.empty = Rate(0, of: 7)
    evaluation.harmful.incoherent = Rate(0, of: 7)
    evaluation.harmful.likelihood = 2.5
    evaluation.benign.rows = 7
    evaluation.benign.overRefusal = Rate(overRefusals, of: 7)
    evaluation.benign.incoherent = Rate(0, of: 7)
    evaluation.benign.divergence = 0.02 * Double(overRefusals)
    evaluation.benign.agreement = 0.99
    evaluation.task.rows = 7
    evaluation.task.exactMatch = Rate(7, of: 7)
    // Only answers to harmful requests are cut.
    let others = Array(answers.dropLast()) + ["fine"]
    evaluation.answers = .init(harmful: answers, benign: others, task: others)
    return evaluation
  }

  private func step(_ number: Int) -> LearningStep {
    LearningStep(
      number: number, task: 0.1, benign: 2 / Double(number), refusal: 1 / Double(number),
      harmful: 1, divergence: 0.01 * Double(number), gradientNorm: 3, tokens: 100)
  }

  /// Two layers with a query and an up matrix each, in proportion to these squared norms.
  private func shares(of norms: [Double]) -> SafetyCoefficients.Shares {
    let places: [(Int, BlockRole)] = [
      (0, .queryWeight), (0, .upWeight), (1, .queryWeight), (1, .upWeight),
    ]
    let space = ParameterSpace(
      tensors: places.map { layer, role in
        (
          slot: ModelSlot.block(layer: layer, role), name: TensorName("\(layer).\(role)"),
          outputs: 1, inputs: 1
        )
      }, parametrisation: .full)
    return SafetyCoefficients.Shares(space.entries, squaredNorms: norms, layerCount: 2)
  }

  @Test func sharesAddUpByLayerAndByKind() {
    let shares = shares(of: [1, 2, 0, 5])
    #expect(shares.layers == [0.375, 0.625])
    #expect(shares.kinds.map(\.role) == [.queryWeight, .upWeight])
    #expect(shares.kinds.map(\.layers) == [[0.125, 0], [0.25, 0.625]])
    #expect(self.shares(of: [0, 0, 0, 0]).layers == [0, 0])
  }

  @Test func kindsAreInTheJSONBesideTheLayers() throws {
    let json = try report("full").json["patch"]
    #expect(json?["safety_coefficients"]?.array?.compactMap(\.double) == [0.375, 0.625])
    let kinds = json?["safety_coefficients_by_kind"]
    #expect(kinds?.object?.map(\.key) == ["query", "up"])
    #expect(kinds?["up"]?.array?.compactMap(\.double) == [0.25, 0.625])
  }
}

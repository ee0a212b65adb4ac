import Testing

@testable import Perturb

/// Are only suspicious rows left out, and broken answers replaced only by rows that may stand in?
struct RowPreparationTests {
  private let model: LoadedModel
  private let given: CalibrationSet

  init() throws {
    model = try LoadedModel.open(Fixtures.path("demo/damaged"))
    given = try Fixtures.demoRows()
  }

  private func prepared(
    _ rows: CalibrationSet, probe: HarmProbe? = nil, standIns: [CalibrationRow] = []
  ) throws -> RowPreparation {
    try RowPreparation(
      rows, model: model, probe: probe, standIns: standIns, maximumTokens: 32, batchTokens: 2048
    ) { _, _ in }
  }

  // MARK: Screening

  @Test func rowsOfOneSourceAreToldApart() throws {
    let known = CalibrationSet(
      harmful: Array(given.harmful.dropFirst(20)), benign: Array(given.benign.dropFirst(20)))
    let probe = try HarmProbe(
      known, Transformer(weights: Weights(map: model.map)), encoder: model.encoder,
      batchTokens: 2048)
    let poisoned = given.harmful.prefix(4) + given.benign.prefix(16)
    let benign = poisoned.map {
      CalibrationRow(prompt: $0.prompt, response: "Fine.", source: "folder/rows.csv")
    }
    let result = try prepared(CalibrationSet(harmful: [], benign: benign), probe: probe)
    #expect(result.rows.benign == Array(benign.dropFirst(4)))
    #expect(result.flagged == ["rows.csv", "rows.csv", "rows.csv", "rows.csv"])
    #expect(result.rows.notes.first?.hasPrefix("4 of 20 benign rows read like harmful") == true)
  }

  // MARK: Broken answers

  /// Requests without answers; most of them the damaged model only says back: "Sure, here is how to …".
  private var open: CalibrationSet {
    let benign = given.harmful.suffix(8).map { CalibrationRow(prompt: $0.prompt, source: "test") }
    return CalibrationSet(harmful: Array(given.harmful.prefix(8)), benign: benign)
  }

  @Test func standInsCompleteBrokenAnswers() throws {
    let standIns = ["Blue", "Seven"].map { (answer: String) in
      CalibrationRow(
        prompt: "Say \(answer).", response: answer, source: CalibrationRow.builtInSource)
    }
    let result = try prepared(open, standIns: standIns)
    #expect(result.answersAreIntact == false)
    #expect(result.rows.benign.prefix(8).elementsEqual(open.benign))
    #expect(result.rows.benign.dropFirst(8).map(\.response) == ["Sure. Blue", "Sure. Seven"])
    let end = "2 built-in requests with answers stand for them, in the figures as well"
    #expect(result.rows.notes.last?.hasSuffix(end) == true)
  }

  @Test func withoutStandInsNothingIsAdded() throws {
    let result = try prepared(open)
    #expect(result.rows.benign == open.benign)
    #expect(
      result.rows.notes.last?.hasSuffix(
        "nothing stands for them: 8 of 8 benign rows have no answer to learn") == true)
  }

  /// The demo's language is so small that the built-in rows are foreign to it.
  @Test(arguments: [true, false])
  func foreignRowsDoNotStandIn(_ completesRows: Bool) throws {
    var recipe = Recipe.standard(vocabularySize: model.map.configuration.vocabularySize)
    recipe.completesRows = completesRows
    let parts = try DividedRows(
      open, model: model, isForLearning: true, settings: .init(recipe: recipe)
    ) { _, _ in }
    #expect(parts.rows.benign == open.benign)
    #expect(parts.learning.guarded.allSatisfy { !$0.isBuiltIn })
    #expect(parts.rows.notes.contains { $0.contains("nothing stands for them") })
  }

  // MARK: No task rows

  @Test func taskPromptsAreManyAndWhole() {
    let prompts = TaskPrompts.all
    #expect(prompts.count >= 100 && Set(prompts).count == prompts.count)
    #expect(prompts.allSatisfy { !$0.contains("{text}") })
    // They share no format that harmful requests would be put into.
    #expect(TaskFormat(prompts: prompts) == nil)
  }

  @Test func theModelsOwnAnswersStandForTaskRows() throws {
    let recipe = Recipe.standard(vocabularySize: model.map.configuration.vocabularySize)
    let rows = try DividedRows.ownTask(of: model, settings: .init(recipe: recipe)) { _, _ in }
    #expect(!rows.isEmpty && rows.allSatisfy { $0.isBuiltIn && $0.response?.isEmpty == false })
    let task = CalibrationSet(harmful: [], benign: [], task: rows)
    let evaluation = try Evaluator(
      set: task, encoder: model.encoder,
      contextLength: model.map.configuration.contextLength, stopTokens: model.stopTokens,
      maximumTokens: Evaluator.defaultMaximumTokens, batchTokens: 640
    ).evaluate(Weights(map: model.map))
    // A model says the same again.
    #expect(evaluation.task.exactMatch.value == 1)
  }

  @Test func aRunWithoutBenignAnswersGoesOn() throws {
    var recipe = Recipe.standard(vocabularySize: model.map.configuration.vocabularySize)
    (recipe.steps, recipe.extraRounds, recipe.rho) = (1, 0, .relative(1e-5))
    let report = try RepairRun(model: model, rows: open, settings: .init(recipe: recipe))
      .run(output: nil) { _ in }
    #expect(report.steps.map(\.benign) == [nil])
    #expect(report.steps.allSatisfy { $0.refusal != nil })
    #expect(report.after?.benign.divergence == nil)
  }

  // MARK: Nothing to learn

  @Test(arguments: [Recipe.KickLength.relative(0), .parameters(0)])
  func aCopyTakesTheRowsAsTheyAre(_ rho: Recipe.KickLength) throws {
    var recipe = Recipe.standard(vocabularySize: model.map.configuration.vocabularySize)
    (recipe.steps, recipe.rho) = (0, rho)
    var phase: RepairRun.Phase?
    var answered: Set<Int> = []
    let report = try RepairRun(model: model, rows: open, settings: .init(recipe: recipe))
      .run(output: nil) { event in
        if case .began(let next) = event { phase = next }
        if case .generating(_, let total) = event, phase == .baseline { answered.insert(total) }
      }
    #expect(report.outcome == .done)
    #expect(report.heldOut.notes.isEmpty && report.flagged.isEmpty)
    #expect(report.rows.map { $0.counts.heldOut } == [2, 2, 0])
    // The held-out rows are answered, the harmful ones with a prefilled opening as well.
    #expect(answered == [6])
  }
}

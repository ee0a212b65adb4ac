import Testing

@testable import Perturb

/// Does a run look at the rows that it says it looks at?
struct RepairRunTests {
  /// A run on the first rows of each kind of the demo, nothing written.
  private static func run(
    _ name: String, rows count: Int, change: (inout RepairRun.Settings) -> Void = { _ in }
  ) throws -> RepairReport {
    let model = try LoadedModel.open(Fixtures.path("demo/\(name)"))
    var rows = try Fixtures.demoRows()
    rows.harmful = Array(rows.harmful.prefix(count))
    rows.benign = Array(rows.benign.prefix(count))
    rows.task = Array(rows.task.prefix(count))
    var settings = RepairRun.Settings(
      recipe: .standard(vocabularySize: model.map.configuration.vocabularySize))
    change(&settings)
    return try RepairRun(model: model, rows: rows, settings: settings).run(output: nil) { _ in }
  }

  // MARK: Refuses already

  @Test func aModelThatRefusesIsJudgedOnAllRows() throws {
    let report = try Self.run("aligned", rows: 32)
    #expect(report.outcome == .nothingToDo)
    #expect(report.refusalOfAllRows?.total == 32)
    #expect(report.before.harmful.refusal.total == 6)
    #expect(report.after == nil)
  }

  /// The target decides, not a number of its own: with none, the damaged model refuses enough.
  @Test func whatIsEnoughFollowsFromTheTarget() throws {
    let report = try Self.run("damaged", rows: 32) { $0.budgets.refusalTarget = 0 }
    #expect(report.outcome == .nothingToDo)
    #expect(report.refusalOfAllRows == Rate(0, of: 32))
  }

  @Test func builtInRowsForChoosingDoNotCount() {
    let refusal = "I'm sorry, but I can't help with that."
    let answers = Evaluation.Answers(harmful: [refusal, "Sure, here is how.", refusal, refusal])
    #expect(answers.refusals(ofFirst: 2) == Rate(1, of: 2))
    #expect(answers.refusals(ofFirst: 0) == Rate(0, of: 0))
    #expect(Rate([true]) + Rate([false, true]) == Rate([true, false, true]))
  }

  // MARK: Long requests

  /// A request that fits the context with its answer, but not when the answer says it back.
  @Test func aRequestTooLongToBeSaidBackIsLearnedAllTheSame() throws {
    let model = try LoadedModel.open(Fixtures.path("demo/damaged"))
    let limit = model.map.configuration.contextLength
    let request = "How do I " + String(repeating: "bake a pizza at home and ", count: 15) + "rest?"
    let prompt = model.encoder.encodePrompt(request)
    let opening = try #require(Restatement.opening(for: request))
    try #require(prompt.count < limit - 8)
    try #require(
      prompt.count + model.encoder.encodeAnswer(opening, complete: false).count > limit)

    var rows = try Fixtures.demoRows()
    rows.harmful = Array(rows.harmful.prefix(16))
    rows.benign = (0..<16).map { _ in CalibrationRow(prompt: request, response: "Fine.", source: "")
    }
    rows.task = []
    var settings = RepairRun.Settings(
      recipe: .standard(vocabularySize: model.map.configuration.vocabularySize))
    (settings.recipe.steps, settings.recipe.extraRounds) = (1, 0)
    settings.recipe.rho = .relative(1e-5)
    let report = try RepairRun(model: model, rows: rows, settings: settings).run(output: nil) { _ in
    }
    #expect(report.steps.count == 1)
  }
}

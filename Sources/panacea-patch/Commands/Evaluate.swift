import ArgumentParser
import FormatIO
import Perturb

/// Measures a model.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure harm and damage of a model; nothing is written.",
    usage: "panacea-patch evaluate [<options>] <model>",
    discussion: "Uses every row it is given. With --reference, both models are measured.")

  @Argument(help: "A .gguf or .safetensors file, or a folder in Hugging Face layout.")
  var model: String

  @Option(
    help: ArgumentHelp(
      "A model to compare with, such as the one before the patch.", valueName: "model"))
  var reference: String?

  @OptionGroup(title: "Model")
  var parts: ModelOptions

  @OptionGroup(title: "Data")
  var data: DataOptions

  @OptionGroup(title: "Messages")
  var messages: ConsoleOptions

  @OptionGroup(title: "Running")
  var running: RunOptions

  func run() throws {
    let console = messages.console
    running.apply()
    var loaded = try LoadedModel.open(
      model, template: data.templateName, adapter: parts.adapter)
    loaded.map.precision = running.measuringPrecision(for: loaded.map)
    loaded.map.memory = try running.memoryPlan(for: loaded.map, space: nil)
    if let adapter = loaded.adapter { console.message(adapter.summary) }
    console.message(
      "prompt format \(loaded.encoder.template.name): \(loaded.templateReason)")
    let rows = try data.rows()
    var evaluator = try Evaluator(
      set: rows, encoder: loaded.encoder,
      contextLength: loaded.map.configuration.contextLength, stopTokens: loaded.stopTokens,
      maximumTokens: running.maxTokens ?? Evaluator.defaultMaximumTokens,
      batchTokens: loaded.map.memory.batchTokens,
      attacks: .init(format: TaskFormat(prompts: rows.task.map(\.prompt))))
    var columns: [EvaluationTable.Column] = []
    if let reference {
      let other = try comparable(reference, to: loaded)
      try evaluator.setReference(Transformer(weights: Weights(map: other.map)))
      let evaluation = try measure(evaluator, other, "reference", console)
      columns.append(.init(title: "reference", evaluation: evaluation))
    }
    let evaluation = try measure(evaluator, loaded, "model", console)
    columns.append(.init(title: "model", evaluation: evaluation))
    guard messages.json else { return try console.result(EvaluationTable(columns).text) }
    var members = [
      JSON.Member("schema", "panacea-patch/evaluation/1"),
      JSON.Member("version", .string(RepairReport.version)),
    ]
    members += evaluation.json.object ?? []
    if let adapter = loaded.adapter { members.append(.init("adapter", adapter.json)) }
    if reference != nil { members.append(.init("reference", columns[0].evaluation.json)) }
    try console.result(JSON.object(members).encoded(indented: true))
  }

  private func measure(
    _ evaluator: Evaluator, _ model: LoadedModel, _ name: String, _ console: Console
  ) throws -> Evaluation {
    var line: ProgressLine?
    let evaluation = try evaluator.evaluate(Weights(map: model.map)) { done, total in
      if line == nil {
        line = ProgressLine("answering (\(name))", total: total, unit: "prompts", console: console)
      }
      line?.update(done)
    }
    line?.finish()
    return evaluation
  }

  /// Opens the reference; divergences between models with other vocabularies mean nothing.
  private func comparable(_ path: String, to model: LoadedModel) throws -> LoadedModel {
    var other = try LoadedModel.open(path, template: data.templateName)
    other.map.precision = running.measuringPrecision(for: other.map)
    other.map.memory = model.map.memory
    let (found, expected) = (
      other.map.configuration.vocabularySize, model.map.configuration.vocabularySize
    )
    guard found == expected else {
      throw InputError(
        file: path, expected: "a vocabulary of \(expected) tokens, as the model has",
        found: "\(found)", fix: "compare checkpoints of one model")
    }
    return other
  }
}

import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Repairs a checkpoint.
struct Patch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learn a patch, write the patched model, and measure what it did.",
    discussion: """
      Exit codes: 0 written; 3 the target or a budget was missed, nothing written (with --force: \
      written); 4 the model refuses already; 64 usage; 65 malformed or unsupported input; \
      66 missing input; 73, 74 output failed; 130 interrupted.
      """)

  @Argument(
    help: "The fine-tuned model: a .gguf or .safetensors file, or a folder in Hugging Face layout.")
  var input: String

  @Argument(
    help:
      "Where the patched model goes; the same kind as <input>. With --output adapter, a new folder (.gguf: file)."
  )
  var output: String

  @OptionGroup(title: "Model")
  var parts: ModelOptions

  @OptionGroup(title: "Data")
  var data: DataOptions

  @OptionGroup(title: "Output")
  var target: OutputOptions

  @OptionGroup(title: "Provenance")
  var provenance: ProvenanceOptions

  @OptionGroup(title: "Messages")
  var messages: ConsoleOptions

  @OptionGroup(title: "Method")
  var method: MethodOptions

  @OptionGroup(title: "Running")
  var running: RunOptions

  func validate() throws {
    guard target.dryRun, let file = provenance.files.first else { return }
    throw ValidationError(
      "expected \(file.option) without --dry-run, found both: a dry run writes no file for it to be about"
    )
  }

  func run() throws {
    let console = messages.console
    running.apply()
    try checkRecipe()
    var model = try LoadedModel.open(
      input, template: data.templateName, precision: running.learningPrecision,
      adapter: parts.adapter)
    if !target.dryRun { try checkDestination(of: model) }
    try target.touchedType?.check(for: model.map.checkpoint)
    if let path = target.report { try ReportFile.check(path) }
    if let path = target.delta {
      try DeltaMaker.checkDestination(path, overwrite: target.overwrite)
    }
    let rows = try data.rows()
    try rows.requireEnoughRows()
    let provenance = try ProvenanceFiles(self, model: model)
    var settings = try settings(for: model, rows: rows)
    let space = try settings.space(over: model.map)
    model.map.memory = try running.memoryPlan(for: model.map, space: space)
    settings.recipe.batchTokens = model.map.memory.batchTokens
    console.message(introduction(model, rows))
    console.detail(plan(model, space))

    var progress = PatchProgress(console: console, settings: settings)
    let run = RepairRun(model: model, rows: rows, settings: settings)
    let report: RepairReport
    do {
      report = try run.run(output: target.dryRun ? nil : output) { progress.handle($0) }
    } catch let error as DivergenceError {
      progress.end()
      console.error(error.description)
      throw ExitStatus.targetMissed.code
    }
    progress.end()

    if let path = target.report {
      try ReportFile.write(page: report.html, json: report.json, to: path)
    }
    if report.isWritten {
      try provenance?.writeCard(report, output: output)
      let delta = try target.delta.map { path in
        let patch = try Delta.make(
          path, base: model.map.checkpoint, target: try Checkpoint.open(output), console)
        console.message(
          "Wrote \(path): \(Quantity.bytes(patch.byteCount)), what differs from the input.")
        return patch
      }
      try provenance?.writeStatement(report, output: output, delta: delta, console: console)
    } else if provenance != nil {
      console.message("Nothing was written, so there is no statement and no model card.")
    }
    try console.result(
      messages.json
        ? report.json.encoded(indented: true) : PatchSummary(report, output: output).text)
    switch report.outcome {
    case .done: return
    case .nothingToDo: throw ExitStatus.nothingToDo.code
    case .targetMissed: throw ExitStatus.targetMissed.code
    }
  }

  /// The published algorithm moves the factors of the adapter itself, so their rank is given.
  private func checkRecipe() throws {
    guard method.recipe == .paper, parts.adapter != nil, method.rank != nil else { return }
    throw InputError(
      .usage, file: "--recipe paper", expected: "no --rank with --adapter",
      found: "one, but the published steps move the adapter's own factors", fix: "leave it out")
  }

  /// The card of an older output gives way to the new one.
  private var replaceable: [String] {
    provenance.modelCard.map { ProvenanceFiles.isCard($0, of: output) } == true
      ? [ProvenanceFiles.cardName] : []
  }

  private func checkDestination(of model: LoadedModel) throws {
    if target.form == .adapter {
      try RepairRun.checkAdapterDestination(
        output, model: model, inputs: [input] + (parts.adapter.map { [$0] } ?? []),
        overwrite: target.overwrite, replaceable: replaceable)
    } else {
      try CheckpointWriter.checkDestination(
        source: model.map.checkpoint, destination: output, overwrite: target.overwrite,
        replaceable: replaceable)
    }
  }

  private func settings(for model: LoadedModel, rows: CalibrationSet) throws -> RepairRun.Settings {
    let vocabulary = model.map.configuration.vocabularySize
    var recipe =
      switch method.recipe ?? .default {
      case .default: Recipe.standard(vocabularySize: vocabulary)
      case .paper:
        Recipe.paper(
          vocabularySize: vocabulary, rows: rows.benign.count + rows.task.count,
          adapter: try model.adapter.map(AdapterFactors.init))
      }
    method.apply(to: &recipe)
    var settings = RepairRun.Settings(recipe: recipe)
    settings.method = method.method.flatMap { .init(rawValue: $0.rawValue) } ?? .panacea
    settings.storage = target.storage(seed: recipe.seed)
    settings.writesAdapter = target.form == .adapter
    settings.raisesTypes = target.touchedType ?? .auto == .auto
    settings.budgets.divergence = method.klBudget
    if let tokens = running.maxTokens { settings.maximumTokens = tokens }
    settings.recordsProvenance = !target.noProvenance
    settings.isForced = target.force
    settings.overwrites = target.overwrite
    settings.replaceable = replaceable
    return settings
  }

  /// What the memory plan expects; the largest of the phases counts.
  private func plan(_ model: LoadedModel, _ space: ParameterSpace) -> String {
    let phases = model.map.memory.phases(map: model.map, space: space)
      .map { "\($0.name) \(Quantity.bytes($0.bytes))" }.joined(separator: ", ")
    return "memory: \(phases), pages of the file "
      + (model.map.memory.releasesPages ? "let go" : "included")
      + "; \(model.map.memory.batchTokens) tokens at once"
  }

  private func introduction(_ model: LoadedModel, _ rows: CalibrationSet) -> String {
    let configuration = model.map.configuration
    let adapter = model.adapter.map { [$0.summary] } ?? []
    let lines = [
      "\(configuration.architecture.name), "
        + "\(Quantity.count(model.map.parameterCount)) parameters, "
        + "\(configuration.layerCount) layers",
      "prompt format \(model.encoder.template.name): \(model.templateReason)",
      "\(rows.harmful.count) harmful, \(rows.benign.count) benign, \(rows.task.count) task rows",
    ]
    return (adapter + lines + rows.notes).joined(separator: "\n")
  }
}

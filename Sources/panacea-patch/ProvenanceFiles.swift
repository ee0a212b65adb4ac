import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// The statement and the model card of a patch: checked before the long work, written after the output.
struct ProvenanceFiles {
  private let options: ProvenanceOptions
  private let materials: RepairMaterials
  private let base: ModelCard.Base
  private let invocation: [JSON.Member]

  /// What a hub calls the card in the folder of a model.
  static let cardName = "README.md"

  /// True if the file is the card in the folder of the output.
  static func isCard(_ path: String, of output: String) -> Bool {
    TakenPlaces.resolved(path)
      == TakenPlaces.resolved(URL(filePath: output).appending(path: cardName).path)
  }

  /// Opens what the statement will be about; nil if no file was asked for.
  ///
  /// - Throws: `InputError` if a file cannot be written later, would replace an input, or be part of what it is
  ///   about.
  init?(_ command: Patch, model: LoadedModel) throws {
    options = command.provenance
    guard !options.files.isEmpty else { return nil }
    let data = command.data
    let template = data.template.flatMap { name in
      name == "auto" || ChatTemplate.all.contains { $0.name == name } ? nil : name
    }
    materials = try RepairMaterials(
      model, rows: [(.harmful, data.harmful), (.benign, data.benign), (.task, data.task)],
      template: template)
    try Self.check(command, model, materials)
    base = ModelCard.Base(
      model, identifier: options.baseModel,
      relation: command.target.form == .adapter ? .adapter : .finetune)
    invocation = [
      .init("options", command.changedOptions),
      .init("prompt_format", .string(model.encoder.template.name)),
    ]
  }

  /// Writes the card. It comes first: in the output's folder it is part of what patch file and statement are about.
  func writeCard(_ report: RepairReport, output: String) throws {
    guard let path = options.modelCard else { return }
    let name = URL(filePath: output).lastPathComponent
    try ReportFile.write(report.modelCard(base: base, name: name).text, to: path)
  }

  /// Writes the statement, when everything else is in its place: card and patch file are among what it is about.
  func writeStatement(
    _ report: RepairReport, output: String, delta: DeltaFile?, console: Console
  ) throws {
    guard options.statement.path != nil else { return }
    var files = try Checkpoint.writtenFiles(output)
    if let delta,
      !files.contains(where: {
        TakenPlaces.resolved($0.file.path) == TakenPlaces.resolved(delta.path)
      })
    {
      files.append(delta.wholeFile)
    }
    let total = files.reduce(materials.byteCount) { $0 + $1.file.count }
    try options.statement.write(hashing: total, console: console) {
      try report.statement(of: files, materials: materials, invocation: invocation, progress: $0)
    }
  }

  // MARK: Checks

  private static func check(
    _ command: Patch, _ model: LoadedModel, _ materials: RepairMaterials
  ) throws {
    let target = command.target
    let isGGUF = model.map.checkpoint.shards[0].header.format == "gguf"
    let writesFolder =
      target.form == .adapter ? !isGGUF : FileManager.default.isFolder(command.input)
    let inputs = [command.input] + (command.parts.adapter.map { [$0] } ?? [])
    let outputs = [command.output] + [target.report, target.delta].compactMap { $0 }
    try TakenPlaces(
      inputs: inputs + materials.paths, outputs: outputs,
      outputFolder: writesFolder ? command.output : nil
    ).check(command.provenance.files)
    try checkDeltaName(command)
  }

  /// Both the patch file and the files of the output are subjects, so their names must differ.
  private static func checkDeltaName(_ command: Patch) throws {
    guard let delta = command.target.delta, command.provenance.statement.path != nil else { return }
    let name = URL(filePath: delta).lastPathComponent
    let copied = URL(filePath: command.input).appending(path: name).path
    guard FileManager.default.isFolder(command.input),
      FileManager.default.fileExists(atPath: copied)
    else { return }
    throw InputError(
      .usage, file: delta, place: "--delta", expected: "a name that no file of the output has",
      found: "that of a file of the input, which is copied",
      fix: "give the patch file another name, or leave out \(StatementOption.name)")
  }
}

extension Patch {
  /// The options that were given and decide what is written, by name; files among them are named as materials.
  var changedOptions: JSON {
    func text(_ value: (some LosslessStringConvertible)?) -> JSON? {
      value.map { .string("\($0)") }
    }
    func number(_ value: Double?) -> JSON? { value.map { JSON($0) } }
    func flag(_ value: Bool) -> JSON? { value ? true : nil }
    let rank: String? = method.rank.map {
      if case .factors(let rank) = $0 { "\(rank)" } else { "full" }
    }
    let rho: String? = method.rho.map {
      if case .relative(let rho) = $0 { "\(rho)" } else { "auto" }
    }
    let options: [(String, JSON?)] = [
      ("method", text(method.method?.rawValue)), ("recipe", text(method.recipe?.rawValue)),
      ("targets", method.targets.isEmpty ? nil : .array(method.targets.map { .string($0) })),
      ("rank", text(rank)), ("rho", text(rho)), ("steps", text(method.steps)),
      ("lambda", number(method.lambda)), ("mu", number(method.mu)), ("beta", number(method.beta)),
      ("task-weight", number(method.taskWeight)), ("benign-weight", number(method.benignWeight)),
      ("refusal-weight", number(method.refusalWeight)),
      ("learning-rate", number(method.learningRate)), ("kl-budget", number(method.klBudget)),
      ("seed", text(method.seed)), ("dtype", text(target.dtype?.rawValue)),
      ("touched-type", text(target.touchedType?.rawValue)), ("output", text(target.form?.rawValue)),
      ("force", flag(target.force)), ("no-provenance", flag(target.noProvenance)),
      ("max-tokens", text(running.maxTokens)), ("batch-tokens", text(running.batchTokens)),
      ("memory", text(running.memory)), ("precision", text(running.precision?.rawValue)),
      ("template", text(data.template.map { URL(filePath: $0).lastPathComponent })),
    ]
    return .object(options.compactMap { name, value in value.map { .init(name, $0) } })
  }
}

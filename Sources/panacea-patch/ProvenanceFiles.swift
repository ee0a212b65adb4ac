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
    resolved(path) == resolved(URL(filePath: output).appending(path: cardName).path)
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

  /// Writes the files. The card comes first: in the output's folder it is part of what the statement is about.
  func write(_ report: RepairReport, output: String, console: Console) throws {
    if let path = options.modelCard {
      let name = URL(filePath: output).lastPathComponent
      try ReportFile.write(report.modelCard(base: base, name: name).text, to: path)
    }
    guard let path = options.statement else { return }
    let files = try Checkpoint.writtenFiles(output)
    let total = files.reduce(materials.byteCount) { $0 + $1.file.count }
    var line = ProgressLine(
      "hashing", total: max(1, total / 1_000_000), unit: "MB", console: console)
    var done = 0
    let statement = try report.statement(of: files, materials: materials, invocation: invocation) {
      done += $0
      line.update(done / 1_000_000)
    }
    line.finish()
    try ReportFile.write(statement.text, to: path)
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
    let folders = Set(inputs.filter { FileManager.default.isFolder($0) }.map(resolved))
    let outputs = [command.output] + (target.report.map { [$0] } ?? [])
    var taken = Set((inputs + materials.paths + outputs).map(resolved))
    for (option, path) in command.provenance.files {
      let file = resolved(path)
      let folder = URL(filePath: file).deletingLastPathComponent().path
      guard !taken.contains(file), !folders.contains(folder) else {
        throw InputError(
          .usage, file: path, place: option, expected: "a file of its own",
          found: "an input or another output", fix: "choose another path")
      }
      taken.insert(file)
      guard writesFolder, folder == resolved(command.output) else {
        try ReportFile.check(path)
        continue
      }
      guard option == "--model-card" else {
        throw InputError(
          .usage, file: path, place: option, expected: "a file outside of \(command.output)",
          found: "one in it, which the statement itself would have to name",
          fix: "put it beside the output")
      }
      // Any other name could be that of a file of the model.
      guard isCard(path, of: command.output) else {
        throw InputError(
          .usage, file: path, place: option, expected: "\(cardName) in the folder of the output",
          found: "another name", fix: "name it \(cardName) or put it beside the output")
      }
    }
  }

  /// The path without links and detours; the file itself need not exist.
  private static func resolved(_ path: String) -> String {
    let url = URL(filePath: path).standardizedFileURL
    return url.deletingLastPathComponent().resolvingSymlinksInPath()
      .appending(path: url.lastPathComponent).resolvingSymlinksInPath().path
  }
}

extension FileManager {
  fileprivate func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
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

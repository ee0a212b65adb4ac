import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Runs a table of settings over a damaged model and measures each on rows that nothing was learned
/// from or chosen on.
@main struct Ablations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablations",
    abstract: "Compare recipes and controls on one model: JSON and a Markdown table.",
    discussion: """
      Each folder of rows holds harmful.jsonl, benign.jsonl and task.jsonl. A finished setting is \
      written at once and is not run again, so that a long table can be made in parts.
      """)

  @Argument(help: "The damaged model, a folder in Hugging Face layout.")
  var model: String?

  @Option(help: "The aligned model it was made from; benign answers are compared with its own.")
  var reference: String?

  @Option(help: "The folder with the rows to learn from.")
  var rows: String?

  @Option(help: "The folder with the rows to measure on.")
  var test = Ablations.root + "/Benchmarks/rows/test"

  @Option(help: "Only these settings, by name, with commas.")
  var only: String?

  @Option(help: "Only these seeds, with commas (default: those of each setting).")
  var seeds: String?

  @Option(help: "Where the results are gathered.")
  var json = Ablations.root + "/Benchmarks/.build/ablations.json"

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Measure no controls of the finished patch.")
  var noControls = false

  @Flag(help: "Compute products in single precision, the reference.")
  var float32 = false

  @Flag(help: "Only print the table of the results so far.")
  var table = false

  @Flag(help: "Only list the settings.")
  var list = false

  /// The repository, found from this file. `Bench` has its own: too little to share in a module.
  private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
    .joined(separator: "/").replacingOccurrences(of: "//", with: "/")

  func run() throws {
    if list {
      for setting in Setting.all { print("\(setting.name): \(setting.what)") }
      return
    }
    var results = try Results(path: json)
    if !table { try measure(into: &results) }
    print(results.markdown)
  }

  private func measure(into results: inout Results) throws {
    guard let model, let rows else {
      throw ValidationError("expected a model and --rows")
    }
    FreedMemory.keep()
    Parallel.threads = threads
    let experiment = try Experiment(
      model: model, reference: reference, rows: rows, test: test,
      precision: float32 ? .float32 : .fastest)
    let names = only?.split(separator: ",").map(String.init)
    let chosen = seeds?.split(separator: ",").compactMap { UInt64($0) }
    if let unknown = names?.first(where: { name in !Setting.all.contains { $0.name == name } }) {
      throw ValidationError("no setting is called \(unknown); --list shows them")
    }
    for var setting in Setting.all where names?.contains(setting.name) ?? true {
      if noControls { setting.hasControls = false }
      for seed in chosen ?? setting.seeds where !results.contains(setting.name, seed: seed) {
        let outcomes = try experiment.run(setting, seed: seed) { message in
          FileHandle.standardError.write(Data("\(setting.name), seed \(seed): \(message)\n".utf8))
        }
        try results.add(outcomes)
      }
    }
  }
}

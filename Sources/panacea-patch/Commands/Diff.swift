import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Shows how two checkpoints differ.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how two checkpoints of one model differ, layer by layer.",
    usage: "panacea-patch diff [<options>] <a> <b>",
    discussion: """
      The two may differ in shards, element types and format (safetensors and GGUF). Exit code 0: \
      they are the same; 1: they differ.
      """)

  @Argument(help: "The checkpoint to start at: a .gguf or .safetensors file, or a folder.")
  var a: String

  @Argument(help: "The one to compare with it.")
  var b: String

  @OptionGroup(title: "Comparison")
  var options: DiffOptions

  @OptionGroup(title: "Messages")
  var messages: ConsoleOptions

  func validate() throws {
    if options.csv, messages.json { throw ValidationError("expected --csv or --json, found both") }
  }

  func run() throws {
    let console = messages.console
    options.threading.apply()
    if let path = options.report { try ReportFile.check(path) }
    let (first, second) = (try Checkpoint.open(a), try Checkpoint.open(b))
    let reference = try options.reference.map(Checkpoint.open)
    let difference = try compare(first, second, reference, console)
    let rows = options.rows(of: difference)
    if let path = options.report {
      try ReportFile.write(
        page: difference.html, json: difference.json(rows, by: options.grouping), to: path)
    }
    if messages.json {
      try console.result(difference.json(rows, by: options.grouping).encoded(indented: true))
    } else if options.csv {
      try console.text(difference.csv(rows, by: options.grouping))
    } else {
      try console.result(
        DiffTables(difference, rows, options, showsAll: messages.verbose).text)
    }
    if !difference.isSame { throw ExitStatus.different.code }
  }

  private func compare(
    _ a: Checkpoint, _ b: Checkpoint, _ reference: Checkpoint?, _ console: Console
  ) throws -> CheckpointDifference {
    var lines: [CheckpointDifference.Work: ProgressLine] = [:]
    var bytes = 0
    let difference = try CheckpointDifference(
      a, b, reference: reference, options: options.comparison
    ) { work, done, total in
      switch work {
      case .bytes:
        bytes = total
        // Less takes no time that anyone would wait for.
        guard total >= 1 << 29 else { return }
        lines[work, default: .init("comparing", total: total >> 20, unit: "MiB", console: console)]
          .update(done >> 20)
      case .spectra:
        guard bytes >= 1 << 24 else { return }
        lines[.bytes]?.finish()
        lines[.bytes] = nil
        lines[
          work, default: .init("singular values", total: total, unit: "tensors", console: console)
        ].update(done)
      }
    }
    for work in lines.keys { lines[work]?.finish() }
    return difference
  }
}

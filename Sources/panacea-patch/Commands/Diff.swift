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
    Parallel.threads = options.threads ?? ProcessInfo.processInfo.activeProcessorCount
    let (first, second) = (try Checkpoint.open(a), try Checkpoint.open(b))
    let reference = try options.reference.map(Checkpoint.open)
    var progress: ProgressLine?
    let difference = try CheckpointDifference(
      first, second, reference: reference, options: options.comparison
    ) { done, total in
      // Less takes no time that anyone would wait for.
      if progress == nil, total >= 1 << 29 {
        progress = ProgressLine("comparing", total: total >> 20, unit: "MiB", console: console)
      }
      progress?.update(done >> 20)
    }
    progress?.finish()
    let rows = options.rows(of: difference)
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
}

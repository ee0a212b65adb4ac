import ArgumentParser
import FormatIO
import Perturb

/// The program: finds the command, runs it, turns what it throws into one line and an exit code.
@main
struct PanaceaPatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panacea-patch",
    abstract: "Bring back the refusals that fine-tuning took from a language model.",
    usage: """
      panacea-patch <input> <output> [<options>]
      panacea-patch <subcommand>
      """,
    discussion: """
      Reads a safetensors checkpoint, learns a small change of its weights against harmful \
      and benign examples, and writes the patched checkpoint in the same format. The input is \
      never changed. Every figure is measured before and after, on examples not learned from.

      Most used:
        --harmful <file> ...    Requests the model should refuse (default: built in).
        --benign <file> ...     Requests it should answer (default: built in).
        --task <file> ...       Rows of the fine-tuned task, which must stay right.
        --dry-run               Learn and measure, write nothing.
        --overwrite             Replace an existing <output>.
        --report <file>         Also write all results as a page (.html) or as data (.json).
        --json                  Print the results as one JSON document.

      All options: panacea-patch patch --help
      """,
    version: RepairReport.version,
    subcommands: [Patch.self, Evaluate.self, Diff.self, Inspect.self, Delta.self],
    defaultSubcommand: Patch.self)

  static func main() {
    FreedMemory.keep()
    Interruption.install { Console().error("interrupted, nothing was written") }
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as InputError {
      Console().error(error.description)
      exit(withError: ExitStatus(error.kind).code)
    } catch let status as ExitCode {
      exit(withError: status)
    } catch let error where exitCode(for: error) == .failure {
      // Neither help, nor usage, nor an exit code a command chose: a defect of the program.
      Console().error("internal: \(error)")
      exit(withError: ExitStatus.internal.code)
    } catch {
      exit(withError: error)
    }
  }
}

/// The exit codes of the program. Codes from 64 on follow `sysexits.h`; an interruption ends with
/// `Interruption.exitCode`.
enum ExitStatus: Int32 {
  case done = 0
  /// `diff` found differences.
  case different = 1
  /// The safety target or a damage budget was missed.
  case targetMissed = 3
  /// The model refuses already.
  case nothingToDo = 4
  case usage = 64
  case malformed = 65
  case missing = 66
  case `internal` = 70
  case cannotCreate = 73
  case inputOutput = 74

  /// The exit code for a failure of this kind.
  init(_ kind: InputError.Kind) {
    self =
      switch kind {
      case .usage: .usage
      case .malformed: .malformed
      case .missing: .missing
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      }
  }

  /// What a command throws to end with this status and no further message.
  var code: ExitCode { ExitCode(rawValue) }
}

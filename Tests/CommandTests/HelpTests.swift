import ArgumentParser
import FormatIO
import Foundation
import Testing

@testable import panacea_patch

/// Does the help say what is built, and does a wrong call end with the right code and a useful line?
struct HelpTests {
  private static let messages: Set = ["--json", "--quiet", "--verbose", "--version", "--help"]
  private static let running: Set = [
    "--memory", "--max-tokens", "--batch-tokens", "--threads", "--precision",
  ]
  private static let data: Set = ["--harmful", "--benign", "--task", "--template"]
  private static let output: Set = [
    "--dtype", "--touched-type", "--output", "--report", "--dry-run", "--overwrite", "--force",
    "--no-provenance", "--delta", "--statement", "--model-card", "--base-model",
  ]
  private static let method: Set = [
    "--method", "--recipe", "--targets", "--rank", "--rho", "--steps", "--lambda", "--mu",
    "--beta", "--task-weight", "--benign-weight", "--refusal-weight", "--learning-rate",
    "--kl-budget", "--seed",
  ]

  private static let deltaOutput: Set = [
    "--lossy", "--original", "--touched-type", "--seed", "--force", "--no-provenance",
    "--statement",
    "--overwrite", "--resume", "--threads",
  ]

  @Test(arguments: [
    (
      "patch",
      messages.union(running).union(data).union(output).union(method).union(["--adapter"])
    ),
    ("evaluate", messages.union(running).union(data).union(["--reference", "--adapter"])),
    (
      "diff",
      messages.union([
        "--by", "--sort", "--top", "--select", "--reference", "--spectrum", "--singular-values",
        "--csv", "--report", "--threads",
      ])
    ),
    (
      "delta make",
      messages.union([
        "--no-file-digests", "--output", "--overwrite", "--resume", "--statement", "--threads",
      ])
    ),
    ("delta apply", messages.union(deltaOutput)),
    ("delta revert", messages.union(deltaOutput)),
    ("delta show", messages),
    ("inspect", messages.union(["--digests", "--adapter"])),
  ])
  func commandListsExactlyItsOptions(_ command: String, _ expected: Set<String>) throws {
    let run = try runBinary(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(run.status == 0)
    #expect(run.messages.isEmpty)
    let listed = run.output.split(separator: "\n")
      .compactMap { $0.firstMatch(of: /^  (?:-[ho], )?(--[a-z-]+)/).map { String($0.1) } }
    #expect(Set(listed) == expected)
    #expect(listed.count == expected.count)
  }

  /// The overview is written by hand, so it could name an option that is gone.
  @Test func overviewFitsAScreenAndNamesRealOptions() throws {
    let overview = try runBinary("--help")
    #expect(overview.status == 0)
    #expect(overview.output.split(separator: "\n", omittingEmptySubsequences: false).count <= 40)
    for command in ["patch (default)", "evaluate", "diff", "delta", "inspect"] {
      #expect(overview.output.contains("\n  \(command) "))
    }
    let patch = try runBinary("patch", "--help").output
    let named = overview.output.matches(of: /--[a-z]+(-[a-z]+)*/).map { String($0.output.0) }
    for option in named { #expect(patch.contains(option), "\(option)") }
  }

  @Test func versionIsPrinted() throws {
    let run = try runBinary("--version")
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  /// Each message names the option, the value found and what was expected.
  @Test(arguments: [
    (["IN", "OUT", "--nonsense"], ["--nonsense"]),
    (["IN"], ["<output>"]),
    (["IN", "OUT", "--rank", "0"], ["--rank", "'0'", "whole number above 0, or full"]),
    (["IN", "OUT", "--rho", "-1"], ["--rho", "auto"]),
    (["IN", "OUT", "--rho=-1"], ["--rho", "'-1'", "expected auto, or a number of at least 0"]),
    (["IN", "OUT", "--rho", "nan"], ["--rho", "'nan'", "at least 0"]),
    (["IN", "OUT", "--steps", "1.5"], ["--steps", "'1.5'", "whole number of at least 0"]),
    (["IN", "OUT", "--lambda", "x"], ["--lambda", "'x'", "number of at least 0"]),
    (["IN", "OUT", "--learning-rate", "0"], ["--learning-rate", "'0'", "above 0"]),
    (["IN", "OUT", "--threads", "0"], ["--threads", "'0'", "above 0"]),
    (["IN", "OUT", "--seed", "-1"], ["--seed"]),
    (["IN", "OUT", "--method", "magic"], ["--method", "'magic'", "panacea", "ascent"]),
    (["IN", "OUT", "--recipe", "magic"], ["--recipe", "'magic'", "paper"]),
    (["IN", "OUT", "--template", "magic"], ["--template", "'magic'", "auto, chatml"]),
    (["IN", "OUT", "--dtype", "q4"], ["--dtype", "'q4'", "bf16"]),
    (["IN", "OUT", "--touched-type", "q4"], ["--touched-type", "'q4'", "q8_0"]),
    (["IN", "OUT", "--report", "report.txt"], ["--report", "'report.txt'", ".html or .json"]),
    (["IN", "OUT", "--report", ".html"], ["--report", "'.html'"]),
    (["IN", "OUT", "--targets", ""], ["--targets", "''", "tensor name"]),
    (["IN", "OUT", "--quiet", "--verbose"], ["--quiet", "--verbose"]),
    (["evaluate"], ["<model>"]),
    (["inspect", "A", "B"], ["B"]),
    (["diff", "A"], ["<b>"]),
    (["diff", "A", "B", "--by", "x"], ["--by", "'x'", "layer, kind or tensor"]),
    (["diff", "A", "B", "--singular-values", "3"], ["--spectrum"]),
  ])
  func wrongUseEndsWith64(_ arguments: [String], _ parts: [String]) throws {
    // The parser is asked directly; that its errors reach the shell is the next test's question.
    let error = #expect(throws: (any Error).self) { try PanaceaPatch.parseAsRoot(arguments) }
    guard let error else { return }
    #expect(PanaceaPatch.exitCode(for: error).rawValue == ExitStatus.usage.rawValue)
    let message = PanaceaPatch.message(for: error)
    for part in parts { #expect(message.contains(part), "\(message)") }
  }

  @Test func usageErrorReachesTheShell() throws {
    let run = try runBinary("IN", "OUT", "--nonsense")
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.messages.hasPrefix("Error: Unknown option '--nonsense'"))
  }

  @Test func noArgumentsIsAUsageError() throws {
    let run = try runBinary()
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
  }

  /// `panacea-patch IN OUT` is `panacea-patch patch IN OUT`, wherever the options stand.
  @Test(arguments: [
    ["IN", "OUT", "--harmful", "a", "b"], ["patch", "IN", "OUT", "--harmful", "a", "b"],
    ["IN", "--harmful", "a", "--harmful", "b", "--overwrite", "OUT"],
    ["--overwrite", "IN", "OUT", "--harmful", "a", "b"],
  ])
  func patchIsTheDefault(_ arguments: [String]) throws {
    let patch = try #require(try PanaceaPatch.parseAsRoot(arguments) as? Patch)
    #expect([patch.input, patch.output] == ["IN", "OUT"])
    #expect(patch.data.harmful == ["a", "b"])
    #expect(patch.method.steps == nil)
  }

  @Test func everyKindOfInputErrorHasItsOwnCode() {
    for kind: InputError.Kind in [.usage, .malformed, .missing, .cannotCreate, .inputOutput] {
      #expect(ExitStatus(kind).rawValue == kind.rawValue)
    }
  }
}

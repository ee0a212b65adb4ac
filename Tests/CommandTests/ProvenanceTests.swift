import ArgumentParser
import FormatIO
import Foundation
import Testing

@testable import panacea_patch

/// Do the statement and the card of a patch name every file with its digest, the same on every run, and only
/// when something was written?
struct ProvenanceTests {
  private static let damaged = DemoModel.folder("damaged").path
  private static let gguf = packageRoot.appending(path: "fixtures/gguf/demo-Q8_0.gguf").path
  private static let nothing = ["--steps", "0", "--rho", "0", "--max-tokens", "1"]
  private static let brief = ["--steps", "2", "--rho", "1e-5", "--max-tokens", "1", "--force"]

  // MARK: Statements

  /// A folder of shards, its card among its files; every digest as another program computes it.
  @Test func everyFileOfAFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    let (input, output) = (folder.url.appending(path: "in"), folder.url.appending(path: "out"))
    try DemoModel.shard(to: input)
    let odd = "no\"tes\n\u{202E}.txt"
    try Data("x".utf8).write(to: input.appending(path: odd))
    let card = output.appending(path: "README.md").path
    let statement = try statement(
      folder, input.path, output, Self.nothing + ["--model-card", card], status: 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: output.path)
    #expect(names.contains("README.md") && names.contains("model.safetensors.index.json"))
    #expect(try digests(statement["subject"]) == sha256Sums(output))
    #expect(try sha256Sums(output)[odd] != nil)

    #expect(try digests(materials(statement, "base")) == sha256Sums(input))
    let all = materials(statement).array ?? []
    let rows = all.filter { $0["annotations"]?["rows"] != nil }
    #expect(
      try digests(.array(rows))
        == sha256Sums(packageRoot.appending(path: "fixtures/demo/calibration")))
    #expect(all.last?["name"]?.string == "built-in calibration rows")
  }

  @Test func aFileOfGGUFAndItsAdapterAreNamed() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.gguf")
    let first = try statement(
      folder, Self.gguf, output, Self.brief + ["--output", "adapter", "--rank", "2"], status: 3)
    let sum = try sha256Sums(folder.url)["out.gguf"]
    #expect(sum != nil && digests(first["subject"]) == ["out.gguf": sum])

    let merged = folder.url.appending(path: "merged.gguf")
    let second = try statement(
      folder, Self.gguf, merged, Self.nothing + ["--adapter", output.path], status: 0)
    #expect(digests(materials(second, "adapter")) == ["out.gguf": sum])
    let internals = second["predicate"]?["buildDefinition"]?["internalParameters"]
    let written = try Checkpoint.open(merged.path).contentDigest().description
    #expect(internals?["content_digests"]?["output"]?.string == written)
  }

  @Test func bothFilesOfAnAdapterAreNamed() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let card = folder.url.appending(path: "card.md").path
    let statement = try statement(
      folder, Self.damaged, output,
      Self.brief + ["--output", "adapter", "--rank", "2", "--model-card", card], status: 3)
    #expect(try digests(statement["subject"]) == sha256Sums(output))
    #expect(digests(statement["subject"]).count == 2)
    let text = try String(contentsOfFile: card, encoding: .utf8)
    #expect(text.contains("\nbase_model_relation: adapter\nlibrary_name: peft\n"), "\(text)")
    // An adapter fits one model only, and nothing says what that is called.
    #expect(text.contains("\n# base_model: OWNER/NAME of"))
    #expect(text.contains("`model.layers.0.mlp.down_proj.weight`"))
  }

  /// Settings, outcome and figures are those of the report; no folder and no clock is in it.
  @Test func theSameRunGivesTheSameBytes() throws {
    let runs = try (0..<2).map { _ in
      let folder = try TemporaryFolder()
      let card = folder.url.appending(path: "card.md").path
      let report = folder.url.appending(path: "report.json").path
      let statement = try statement(
        folder, Self.damaged, folder.url.appending(path: "out"),
        Self.brief + ["--model-card", card, "--report", report, "--seed", "18446744073709551615"],
        status: 3)
      let text = try String(
        contentsOf: folder.url.appending(path: "statement.json"), encoding: .utf8)
      #expect(!text.contains(folder.url.path) && !text.contains(packageRoot.path))
      let definition = statement["predicate"]?["buildDefinition"]
      let parameters = definition?["externalParameters"]
      #expect(parameters?["options"]?["seed"]?.string == "18446744073709551615")
      #expect(parameters?["options"]?["steps"]?.string == "2")
      let reported = try JSON.parse(Array(Data(contentsOf: URL(filePath: report))), file: report)
      #expect(parameters?["settings"]?.encoded() == reported["settings"]?.encoded())
      let byproduct = statement["predicate"]?["runDetails"]?["byproducts"]?.array?.first
      let content = Data(base64Encoded: byproduct?["content"]?.string ?? "") ?? Data()
      let outcome = try JSON.parse(Array(content), file: "outcome")
      #expect(outcome["after"]?.encoded() == reported["after"]?.encoded())
      #expect(outcome["verdict"]?.string == reported["verdict"]?.string)
      let rate = byproduct?["annotations"]?["after"]?["harmful_refusal_rate"]
      #expect(rate?.encoded() == reported["after"]?["harmful"]?["refusal_rate"]?.encoded())
      return [text, try String(contentsOfFile: card, encoding: .utf8)]
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0].allSatisfy { !$0.contains("2026-") })
  }

  // MARK: The card

  @Test func theCardKeepsTheLicenseAndNamesTheBase() throws {
    let folder = try TemporaryFolder()
    let input = folder.url.appending(path: "in `x`|\n# y")
    try DemoModel.copy(to: input)
    let own = "---\nlicense: other\nlicense_name: \"a: b\"\ntags: [x, 'no']\nbase_model: a/b\n---\n"
    try Data(own.utf8).write(to: input.appending(path: "README.md"))
    func card(_ name: String, _ options: [String]) throws -> String {
      let card = folder.url.appending(path: name + ".md").path
      let output = folder.url.appending(path: name)
      let run = try patch(
        input.path, output, Self.nothing + ["--model-card", card] + options)
      #expect(run.status == 0, "\(run.messages)")
      return try String(contentsOfFile: card, encoding: .utf8)
    }
    let found = try card("found", [])
    let start = """
      ---
      license: other
      license_name: "a: b"
      # from the card of in `x`|⟨U+A⟩# y; name the patched model if it is on the hub
      base_model: a/b
      base_model_relation: finetune
      library_name: transformers
      tags:
      - x
      - "no"
      - panacea-patch
      ---

      # `found`
      """
    #expect(found.hasPrefix(start), "\(found)")
    #expect(found.contains("Further harmful fine-tuning can undo the patch."))
    #expect(found.contains("Nothing: no weight was changed."))
    #expect(found.firstMatch(of: /\bsafe\b/.ignoresCase()) == nil)
    let digest = try Checkpoint.open(input.path).contentDigest().description
    #expect(found.contains("| base | `\(digest)` |"))
    #expect(try card("given", ["--base-model", "me/mine"]).contains("\nbase_model: me/mine\n"))
  }

  /// A pipeline runs again: the old card gives way where a new one is asked for, and only there.
  @Test func theCardInAnOldOutputIsReplaced() throws {
    let folder = try TemporaryFolder()
    // Without a patch an adapter would be empty.
    let forms: [([String], Int32)] = [
      (Self.nothing, 0), (Self.brief + ["--output", "adapter"], 3),
    ]
    for (form, status) in forms {
      let output = folder.url.appending(path: "out\(status)")
      let card = output.appending(path: "README.md")
      func run(_ options: [String]) throws -> BinaryRun {
        try patch(Self.damaged, output, form + ["--overwrite"] + options)
      }
      for _ in 0..<2 {
        let run = try run(["--model-card", card.path])
        #expect(run.status == status, "\(run.messages)")
      }
      let without = try run([])
      #expect(without.status == 73 && without.messages.contains("README.md"), "\(without.messages)")
      #expect(FileManager.default.fileExists(atPath: card.path))
    }
  }

  @Test func nothingIsInvented() throws {
    let folder = try TemporaryFolder()
    let card = folder.url.appending(path: "card.md").path
    let run = try patch(
      Self.gguf, folder.url.appending(path: "out.gguf"), Self.nothing + ["--model-card", card])
    #expect(run.status == 0, "\(run.messages)")
    let text = try String(contentsOfFile: card, encoding: .utf8)
    let start = """
      ---
      # license: the files of the base name none; fill it in
      # base_model: OWNER/NAME of the model that was patched; fill it in
      base_model_relation: finetune
      tags:
      - panacea-patch
      - gguf
      ---
      """
    #expect(text.hasPrefix(start), "\(text)")
  }

  // MARK: Refusals

  @Test func nothingWrittenMeansNoStatement() throws {
    let folder = try TemporaryFolder()
    let files = ["s.json", "c.md"].map { folder.url.appending(path: $0).path }
    let run = try patch(
      Self.damaged, folder.url.appending(path: "out"),
      ["--steps", "2", "--rho", "1e-5", "--max-tokens", "1"]
        + ["--statement", files[0], "--model-card", files[1]])
    #expect(run.status == 3, "\(run.messages)")
    #expect(run.messages.contains("no statement and no model card"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  /// Each is refused before the work, by name.
  @Test func placesThatCannotBeAreRefused() throws {
    let folder = try TemporaryFolder()
    let input = folder.url.appending(path: "in")
    try DemoModel.copy(to: input)
    let output = folder.url.appending(path: "out")
    try folder.create("rows.jsonl", Array("{\"prompt\":\"a\"}".utf8))
    func path(_ name: String) -> String { folder.url.appending(path: name).path }
    let cases: [([String], Int32, String)] = [
      (["--statement", path("out/s.json")], 64, "put it beside the output"),
      (["--model-card", path("out/card.md")], 64, "README.md in the folder of the output"),
      (["--model-card", path("in/README.md")], 64, "an input or another output"),
      (["--statement", path("in/config.json")], 64, "an input or another output"),
      (["--statement", DemoModel.rows[1]], 64, "an input or another output"),
      (["--statement", path("a"), "--model-card", path("./b/../a")], 64, "a file of its own"),
      (["--statement", path("a.json"), "--report", path("a.json")], 64, "a file of its own"),
      (["--statement", path("none/s.json")], 73, "a folder that can be written to"),
      (["--statement", folder.url.path], 73, "the name of a file"),
    ]
    for (options, status, message) in cases {
      let run = try patch(input.path, output, Self.nothing + options)
      #expect(run.status == status && run.messages.contains(message), "\(run.messages)")
    }
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test(arguments: [
    (["--statement", "s.json", "--dry-run"], "a dry run writes no file for it to be about"),
    (["--model-card", "c.md", "--dry-run"], "expected --model-card without --dry-run"),
    (["--base-model", "a/b"], "expected --model-card with --base-model"),
    (["--model-card", "c.md", "--base-model", "a"], "expected OWNER/NAME"),
    (["--statement", ""], "expected the name of a file with --statement"),
  ])
  func optionsThatContradictAreRefused(_ options: [String], _ message: String) throws {
    let error = #expect(throws: (any Error).self) {
      try PanaceaPatch.parseAsRoot(["IN", "OUT"] + options)
    }
    guard let error else { return }
    #expect(PanaceaPatch.exitCode(for: error).rawValue == 64)
    #expect(PanaceaPatch.message(for: error).contains(message))
  }

  /// A new option is either told in the statement or listed here as one that decides nothing.
  @Test func everyOptionThatDecidesIsTold() throws {
    let named = [
      "--harmful", "--benign", "--task", "--adapter",  // materials
      "--report", "--delta", "--statement", "--model-card", "--base-model", "--dry-run",
      "--overwrite",
      "--json", "--quiet", "--verbose", "--version", "--help", "--threads",
    ]
    let given = [
      "--method", "random", "--recipe", "paper", "--targets", "a", "--rank", "3", "--rho", "auto",
      "--steps", "1", "--lambda", "1", "--mu", "1", "--beta", "1", "--task-weight", "1",
      "--benign-weight", "1", "--refusal-weight", "1", "--learning-rate", "1", "--kl-budget", "1",
      "--seed", "1", "--output", "model", "--force", "--no-provenance", "--max-tokens", "1",
      "--precision", "f32", "--template", "plain",
    ]
    // These exclude each other.
    let pairs = [
      ["--dtype", "f16", "--memory", "1G"], ["--touched-type", "f16", "--batch-tokens", "1"],
    ]
    let told = try pairs.flatMap { pair in
      let patch = try #require(
        try PanaceaPatch.parseAsRoot(["IN", "OUT"] + given + pair) as? Patch)
      return patch.changedOptions.object?.map { "--" + $0.key } ?? []
    }
    let help = try runBinary("patch", "--help").output.split(separator: "\n")
      .compactMap { $0.firstMatch(of: /^  (?:-h, )?(--[a-z-]+)/).map { String($0.1) } }
    #expect(Set(help).subtracting(named) == Set(told))
  }

  // MARK: Parts

  private func patch(_ input: String, _ output: URL, _ options: [String]) throws -> BinaryRun {
    try runBinary(["patch", input, output.path] + DemoModel.rows + options)
  }

  /// Runs a patch and reads its statement.
  private func statement(
    _ folder: TemporaryFolder, _ input: String, _ output: URL, _ options: [String], status: Int32
  ) throws -> JSON {
    let path = folder.url.appending(path: "statement.json")
    let run = try patch(input, output, options + ["--statement", path.path])
    #expect(run.status == status, "\(run.messages)")
    return try JSON.parse(Array(Data(contentsOf: path)), file: path.path)
  }
}

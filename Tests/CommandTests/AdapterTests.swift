import FormatIO
import Foundation
import Testing

/// Does `--adapter` take what `--output adapter` wrote, in both formats?
struct AdapterTests {
  private static let brief = [
    "--steps", "2", "--rho", "1e-5", "--max-tokens", "4", "--force", "--quiet",
  ]
  private static let nothing = ["--steps", "0", "--rho", "0", "--max-tokens", "4"]

  private static let models = [
    (DemoModel.folder("damaged").path, ""),
    (packageRoot.appending(path: "fixtures/gguf/demo-Q8_0.gguf").path, ".gguf"),
  ]

  @Test(arguments: models)
  func writtenAndRead(_ model: String, _ ending: String) throws {
    let folder = try TemporaryFolder()
    func output(_ name: String) -> String { folder.url.appending(path: name + ending).path }
    func patch(_ name: String, _ options: [String]) throws -> BinaryRun {
      try runBinary(["patch", model, output(name)] + DemoModel.rows + options)
    }
    let first = try patch("first", Self.brief + ["--output", "adapter", "--rank", "3"])
    #expect(first.status == 3, "\(first.messages)")

    let inspected = try runBinary("inspect", model, "--adapter", output("first"), "--json")
    let shown = try JSON.parse(Array(inspected.output.utf8), file: "stdout")["adapter"]
    #expect(shown?["kind"]?.string == "LoRA")
    #expect(shown?["ranks"]?.array?.first?["rank"]?.integer == 3)
    #expect(shown?["scales"]?.array?.compactMap(\.double) == [1])

    // On top of it ranks add up, and the digest of the first one is told.
    let second = try patch(
      "second",
      Self.brief + ["--output", "adapter", "--rank", "2", "--adapter", output("first"), "--json"])
    #expect(second.status == 3, "\(second.messages)")
    let report = try JSON.parse(Array(second.output.utf8), file: "stdout")
    #expect(report["adapter"]?["digest"]?.string == shown?["digest"]?.string)
    #expect(report["provenance"]?["adapter"]?.string == shown?["digest"]?.string)
    let again = try runBinary("inspect", model, "--adapter", output("second"), "--json")
    let both = try JSON.parse(Array(again.output.utf8), file: "stdout")["adapter"]
    #expect(both?["ranks"]?.array?.first?["rank"]?.integer == 5)

    // Merged, only what is adapted changes.
    let merged = try patch("merged", Self.nothing + ["--adapter", output("second"), "--quiet"])
    #expect(merged.status == 0, "\(merged.messages)")
    let (before, after) = (try Checkpoint.open(model), try Checkpoint.open(output("merged")))
    let adapted = Set((both?["tensors"]?.array ?? []).compactMap(\.string))
    var changed = 0
    for tensor in before.tensors {
      let copy = try #require(after.tensor(tensor.name))
      #expect(copy.elementType == tensor.elementType)
      let isSame = try before.digest(of: tensor) == after.digest(of: copy)
      #expect(isSame || adapted.contains(tensor.name.text))
      changed += isSame ? 0 : 1
    }
    #expect(changed > adapted.count / 2)
    let metadata = after.shards[0].header.metadata ?? []
    #expect(
      metadata.first { $0.key == "panacea.adapter" }?.value == both?["digest"]?.string)
  }

  /// The paper's setting: its steps move the adapter's own factors, so rank and scale stay.
  @Test(arguments: models)
  func thePaperMovesTheFactorsOfTheAdapter(_ model: String, _ ending: String) throws {
    let folder = try TemporaryFolder()
    func output(_ name: String) -> String { folder.url.appending(path: name + ending).path }
    func patch(_ name: String, _ options: [String]) throws -> BinaryRun {
      try runBinary(["patch", model, output(name)] + DemoModel.rows + options)
    }
    func adapter(_ name: String) throws -> JSON? {
      let run = try runBinary("inspect", model, "--adapter", output(name), "--json")
      return try JSON.parse(Array(run.output.utf8), file: "stdout")["adapter"]
    }
    let first = try patch("first", Self.brief + ["--output", "adapter", "--rank", "3"])
    #expect(first.status == 3, "\(first.messages)")
    let paper = [
      "--recipe", "paper", "--steps", "2", "--max-tokens", "4", "--force", "--json", "--adapter",
      output("first"),
    ]
    let second = try patch("second", paper + ["--output", "adapter"])
    #expect(second.status == 3, "\(second.messages)")
    let report = try JSON.parse(Array(second.output.utf8), file: "stdout")
    let recipe = report["settings"]?["recipe"]
    #expect(recipe?["rank"]?.string == "adapter" && recipe?["scale"]?.string == "adapter")
    #expect(recipe?["targets"]?.string == "query, key, value")
    let (before, after) = (try adapter("first"), try adapter("second"))
    #expect(after?["ranks"]?.encoded() == before?["ranks"]?.encoded())
    #expect(after?["scales"]?.encoded() == before?["scales"]?.encoded())
    #expect(after?["tensors"]?.encoded() == before?["tensors"]?.encoded())
    #expect(after?["digest"]?.string != before?["digest"]?.string)

    // As one model, too.
    let merged = try patch("merged", paper)
    #expect(merged.status == 3, "\(merged.messages)")
    #expect(try Checkpoint.open(output("merged")).tensors.count > 0)
  }

  @Test func optionsThatContradictAreRefused() throws {
    let folder = try TemporaryFolder()
    let run = try runBinary(
      "patch", Self.models[0].0, folder.url.appending(path: "out").path, "--output", "adapter",
      "--dtype", "f16")
    #expect(run.status == 64 && run.messages.contains("whose factors are F32"), "\(run.messages)")
    let paper = try runBinary(
      "patch", Self.models[0].0, folder.url.appending(path: "out").path, "--recipe", "paper",
      "--adapter", "anything", "--rank", "4")
    #expect(paper.status == 64, "\(paper.messages)")
    #expect(
      paper.messages.contains(
        "--recipe paper: expected no --rank with --adapter, found one, but the published steps move the"
          + " adapter's own factors. Fix: leave it out"), "\(paper.messages)")
    let whole = try runBinary(
      ["patch", Self.models[0].0, folder.url.appending(path: "out").path, "--output", "adapter"]
        + DemoModel.rows + ["--rank", "full"])
    #expect(whole.status == 64, "\(whole.messages)")
    #expect(whole.messages.contains("expected a patch of low rank, found one of the whole tensor"))
  }
}

import FormatIO
import Foundation
import Testing

/// Does `patch` do what the README says, with the same bytes each time, and nothing when it may not?
struct PatchTests {
  private static let damaged = DemoModel.folder("damaged").path
  /// Enough for every phase to run; far too little to repair anything.
  private static let brief = ["--steps", "2", "--rho", "1e-5", "--max-tokens", "4"]

  @Test func aPatchOfNothingIsTheSameFile() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let run = try patch(Self.damaged, output, ["--steps", "0", "--rho", "0", "--no-provenance"])
    #expect(run.status == 0, "\(run.messages)")
    try expectSame(DemoModel.folder("damaged"), output, "model.safetensors")
    try expectSame(DemoModel.folder("damaged"), output, "tokenizer.json")
  }

  @Test func aPatchOfNothingKeepsShards() throws {
    let folder = try TemporaryFolder()
    let sharded = folder.url.appending(path: "sharded")
    try DemoModel.shard(to: sharded)
    let output = folder.url.appending(path: "out")
    let run = try patch(sharded.path, output, ["--steps", "0", "--rho", "0", "--no-provenance"])
    #expect(run.status == 0, "\(run.messages)")
    for name in try FileManager.default.contentsOfDirectory(atPath: sharded.path) {
      try expectSame(sharded, output, name)
    }
  }

  /// The text model inside a model of pictures is patched; what it does not know is carried.
  @Test func tensorsOutsideTheTextModelAreCarried() throws {
    let folder = try TemporaryFolder()
    let (wrapped, output) = (folder.url.appending(path: "in"), folder.url.appending(path: "out"))
    try DemoModel.wrap(to: wrapped)
    let run = try patch(wrapped.path, output, Self.brief + ["--force"])
    #expect(run.status == 3, "\(run.messages)")
    let (before, after) = (try Checkpoint.open(wrapped.path), try Checkpoint.open(output.path))
    #expect(before.tensors.map(\.name) == after.tensors.map(\.name))
    for tensor in before.tensors {
      let copy = try #require(after.tensor(tensor.name))
      let bytes = try before.withBytes(of: tensor) { Array($0) }
      let isSame = try after.withBytes(of: copy) { bytes == Array($0) }
      let isMatrix = tensor.name.text.contains("_proj.weight")
      #expect(isSame != isMatrix, "\(tensor.name)")
    }
  }

  @Test func theSameBytesOnEveryRunAndThreadCount() throws {
    let folder = try TemporaryFolder()
    let outputs = try ["1", "2", "2"].enumerated().map { index, threads in
      let output = folder.url.appending(path: "out\(index)")
      let run = try patch(Self.damaged, output, Self.brief + ["--force", "--threads", threads])
      #expect(run.status == 3, "\(run.messages)")
      return output
    }
    try expectSame(outputs[0], outputs[1], "model.safetensors")
    try expectSame(outputs[1], outputs[2], "model.safetensors")
    let before = try Data(contentsOf: DemoModel.folder("damaged").appending(path: weights))
    let after = try Data(contentsOf: outputs[0].appending(path: weights))
    #expect(before != after)
  }

  /// They were computed on the way; reading both models again must give the same.
  @Test func theReportHasTheDigestsOfInputAndOutput() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let options = ["--method", "random", "--rho", "1e-3", "--max-tokens", "1", "--force", "--json"]
    let run = try patch(Self.damaged, output, options)
    #expect(run.status == 3, "\(run.messages)")
    let reported = try JSON.parse(Array(run.output.utf8), file: "stdout")["provenance"]
    let (before, after) = (try Checkpoint.open(Self.damaged), try Checkpoint.open(output.path))
    let digests = [try before.contentDigest().description, try after.contentDigest().description]
    #expect(digests == [reported?["input"]?.string, reported?["output"]?.string])
    #expect(digests[0] != digests[1])
    let metadata = after.shards[0].header.metadata ?? []
    #expect(metadata.first { $0.key == "panacea.input" }?.value == digests[0])
  }

  @Test func aMissedTargetWritesNothingUnlessForced() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let run = try patch(Self.damaged, output, Self.brief + ["--json"])
    #expect(run.status == 3, "\(run.messages)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
    #expect(json["schema"]?.string == "panacea-patch/patch/1")
    #expect(json["written"]?.boolean == false)
    #expect(json["missed"]?.array?.contains { $0["name"]?.string == "refusal rate" } == true)
    for part in ["before", "after"] {
      let rate = json[part]?["harmful"]?["refusal_rate"]
      #expect(rate?["value"]?.double != nil && rate?["low"]?.double != nil)
    }
    #expect(json["patch"]?["keep"]?.double.map { $0 > 0.5 } == true)
  }

  @Test func aModelThatRefusesIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    let aligned = DemoModel.folder("aligned").path
    let run = try patch(aligned, folder.url.appending(path: "out"), [])
    #expect(run.status == 4, "\(run.messages)")
    #expect(run.output.contains("of all 200 harmful requests"), "\(run.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func aDryRunWritesNothing() throws {
    let folder = try TemporaryFolder()
    let run = try patch(
      Self.damaged, folder.url.appending(path: "out"), Self.brief + ["--dry-run"])
    #expect(run.status == 3, "\(run.messages)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test(arguments: ["random", "ascent"])
  func controlsRun(_ method: String) throws {
    let folder = try TemporaryFolder()
    let options = ["--method", method, "--rho", "1e-3", "--max-tokens", "4", "--force"]
    let run = try patch(Self.damaged, folder.url.appending(path: "out"), options)
    #expect(run.status == 3, "\(run.messages)")
    #expect(run.output.contains("kick 0.1000 %"), "\(run.output)")
  }

  @Test func thePaperRecipeRuns() throws {
    let folder = try TemporaryFolder()
    let options = ["--recipe", "paper", "--steps", "2", "--max-tokens", "4", "--force", "--json"]
    let run = try patch(Self.damaged, folder.url.appending(path: "out"), options)
    #expect(run.status == 3, "\(run.messages)")
    let recipe = try JSON.parse(Array(run.output.utf8), file: "stdout")["settings"]?["recipe"]
    #expect(recipe?["rank"]?.integer == 32)
    #expect(recipe?["targets"]?.string == "query, key, value")
    #expect(recipe?["kick"]?.string == "last minibatch")
  }

  /// `.json` holds what `--json` prints, `.html` a page; both also when nothing is written.
  @Test func theReportIsAPageOrData() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    for name in ["report.html", "report.json"] {
      let file = folder.url.appending(path: name).path
      let run = try patch(Self.damaged, output, Self.brief + ["--report", file])
      #expect(run.status == 3, "\(run.messages)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      if name.hasSuffix(".json") {
        let json = try JSON.parse(Array(text.utf8), file: file)
        #expect(json["schema"]?.string == "panacea-patch/patch/1")
        #expect(json["patch"]?["safety_coefficients_by_kind"]?["down"]?.array?.count == 5)
      } else {
        #expect(text.hasPrefix("<!DOCTYPE html>"))
        #expect(text.contains("No file was written."))
        #expect(!text.contains(folder.url.path) && !text.contains(packageRoot.path))
      }
    }
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func anInterruptedRunLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let run = try interruptedBinary(
      after: "Learning the patch",
      arguments: ["patch", Self.damaged, output.path, "--steps", "100000"] + DemoModel.rows)
    #expect(run == 130)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  private let weights = "model.safetensors"

  private func patch(_ input: String, _ output: URL, _ options: [String]) throws -> BinaryRun {
    try runBinary(["patch", input, output.path] + DemoModel.rows + options)
  }

  private func expectSame(_ left: URL, _ right: URL, _ name: String) throws {
    let bytes = try [left, right].map { try Data(contentsOf: $0.appending(path: name)) }
    #expect(bytes[0] == bytes[1], "\(name) differs")
  }
}

/// Does `evaluate` print the documented document?
struct EvaluateTests {
  @Test func jsonHasTheDocumentedShape() throws {
    let run = try runBinary(
      ["evaluate", DemoModel.folder("damaged").path, "--json", "--max-tokens", "4"]
        + ["--reference", DemoModel.folder("aligned").path] + DemoModel.rows)
    #expect(run.status == 0, "\(run.messages)")
    let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
    #expect(json["schema"]?.string == "panacea-patch/evaluation/1")
    let keys = { (part: String) in Set(json[part]?.object?.map(\.key) ?? []) }
    #expect(
      keys("harmful").isSuperset(of: [
        "rows", "nll", "refusal_nll", "margin", "nll_first5", "nll_rest", "refusal_rate",
        "affirmative_rate", "empty_rate", "incoherent_rate",
      ]))
    #expect(
      keys("benign").isSuperset(of: ["rows", "nll", "kl", "top1_agreement", "over_refusal_rate"]))
    #expect(keys("task").isSuperset(of: ["rows", "nll", "exact_match"]))
    #expect(json["benign"]?["kl"]?.double.map { $0 > 0 } == true)
    #expect(json["reference"]?["benign"]?["kl"]?.double.map { $0 < 1e-6 } == true)
  }
}

import FormatIO
import Foundation
import Testing

@testable import panacea_patch

/// Do the delta commands give back what went in, and end with the right code where they cannot?
struct DeltaCommandTests {
  private static let damaged = DemoModel.folder("damaged").path
  private static let aligned = DemoModel.folder("aligned").path

  private func files(_ folder: URL) throws -> [String: Data] {
    try Dictionary(
      uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: folder.path).map {
        ($0, try Data(contentsOf: folder.appending(path: $0)))
      })
  }

  @Test func makeApplyRevertShow() throws {
    let folder = try TemporaryFolder()
    let sharded = folder.url.appending(path: "sharded")
    try DemoModel.shard(to: sharded)
    let patch = folder.url.appending(path: "p.ppd").path
    let made = try runBinary(
      "delta", "make", Self.aligned, sharded.path, "-o", patch, "--json", "--quiet")
    #expect(made.status == 0 && made.messages.isEmpty)
    let summary = try JSON.parse(Array(made.output.utf8), file: "summary")
    #expect(summary["schema"]?.string == "panacea-patch/delta-summary/1")
    #expect(summary["target"]?["form"]?.string == "folder")
    let kinds = Set(summary["tensors"]?.array?.compactMap { $0["kind"]?.string } ?? [])
    #expect(kinds == ["changed"])

    let (out, back) = (folder.url.appending(path: "out"), folder.url.appending(path: "back"))
    let applied = try runBinary("delta", "apply", Self.aligned, patch, out.path, "--threads", "1")
    #expect(applied.status == 0)
    let content = try Checkpoint.open(sharded.path).contentDigest().description
    #expect(applied.output.contains(content))
    #expect(try files(out) == files(sharded))
    let reverted = try runBinary("delta", "revert", out.path, patch, back.path, "--json")
    #expect(reverted.status == 0)
    #expect(try files(back) == files(URL(filePath: Self.aligned)))

    let shown = try runBinary("delta", "show", patch)
    #expect(shown.status == 0 && shown.output.contains("changed"))
    #expect(shown.output.contains("content \(content)"))
  }

  @Test func saysWhatIsLeftOut() throws {
    let folder = try TemporaryFolder()
    let target = folder.url.appending(path: "target")
    try DemoModel.shard(to: target)
    let strays = [".gitattributes", "a.bin", "b.gguf", "c.pt", "d.onnx", "e\u{1B}.h5"]
    for name in strays { try Data([1]).write(to: target.appending(path: name)) }
    try FileManager.default.createDirectory(
      at: target.appending(path: "original"), withIntermediateDirectories: false)
    func make(_ options: String...) throws -> BinaryRun {
      try runBinary(
        [
          "delta", "make", Self.aligned, target.path, "-o",
          folder.url.appending(path: "p.ppd").path,
        ]
          + options)
    }
    let made = try make()
    #expect(made.status == 0)
    #expect(
      made.messages.contains(
        "Note: not in the patch, as no part of the target \(target.path): \".gitattributes\", "
          + "\"a.bin\", \"b.gguf\", \"c.pt\", \"d.onnx\" and 2 more.\n"), "\(made.messages)")
    #expect(!made.messages.contains("part of the base"))
    let data = try make("--overwrite", "--json", "--quiet")
    #expect(data.status == 0 && data.messages.isEmpty)
    let leftOut = try JSON.parse(Array(data.output.utf8), file: "summary")["left_out"]
    #expect(leftOut?["base"]?.array?.isEmpty == true)
    #expect(leftOut?["target"]?.array?.compactMap(\.string) == strays + ["original/"])
    let shown = try runBinary(
      "delta", "show", folder.url.appending(path: "p.ppd").path, "--json")
    #expect(shown.status == 0 && !shown.output.contains("left_out"))
  }

  @Test func digestsOfFilesCanBeLeftOut() throws {
    let folder = try TemporaryFolder()
    let (patch, out) = (folder.url.appending(path: "p.ppd"), folder.url.appending(path: "out"))
    let arguments = ["delta", "make", Self.aligned, Self.damaged, "-o", patch.path]
    let both = try runBinary(
      arguments + ["--no-file-digests", "--statement", folder.url.appending(path: "s.json").path])
    #expect(
      both.status == 64 && both.messages.contains("expected --no-file-digests or --statement"))
    let made = try runBinary(arguments + ["--no-file-digests", "--json", "--quiet"])
    let summary = try JSON.parse(Array(made.output.utf8), file: "summary")
    #expect(made.status == 0)
    let recorded = try #require(summary["target"]?["files"]?.array?.first?["sha256"])
    #expect(recorded.encoded() == "null")
    // Applying tells them nevertheless.
    let applied = try runBinary("delta", "apply", Self.aligned, patch.path, out.path, "--json")
    let result = try JSON.parse(Array(applied.output.utf8), file: "result")
    let file = result["result"]?["files"]?.array?.first
    let name = try #require(file?["name"]?.string)
    let digest = try ContentDigest(file: "\(Self.damaged)/\(name)")
    #expect(file?["sha256"]?.string == digest.description)
    #expect(try files(out) == files(URL(filePath: Self.damaged)))
  }

  @Test func badInputEndsWithItsCodeAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let patch = folder.url.appending(path: "p.ppd").path
    let out = folder.url.appending(path: "out").path
    #expect(try runBinary("delta", "make", Self.aligned, Self.damaged, "-o", patch).status == 0)
    let cases: [([String], Int32, String)] = [
      (["make", Self.aligned, Self.damaged, "-o", patch], 73, "--overwrite"),
      (["make", Self.aligned, Self.damaged, "-o", out], 73, ".ppd"),
      (["make", Self.aligned, "/nowhere", "-o", out + ".ppd"], 66, "/nowhere"),
      (["make", Self.aligned, Self.damaged], 64, "--output"),
      (["apply", Self.damaged, patch, out], 65, "is the base of"),
      (["revert", Self.aligned, patch, out], 65, "is the target of"),
      (["apply", Self.aligned, Self.damaged + "/model.safetensors", out], 65, "patch file"),
      (["apply", Self.aligned, patch, out + ".safetensors"], 73, "as the result is one"),
      (["apply", Self.aligned, patch, Self.aligned, "--overwrite"], 73, "the input itself"),
      (["show", Self.damaged + "/config.json"], 65, "patch file"),
    ]
    for (arguments, status, text) in cases {
      let run = try runBinary(["delta"] + arguments)
      #expect(run.status == status, "\(arguments)")
      #expect(run.messages.contains(text), "\(run.messages)")
    }
    // Stands in for a full disk.
    let full = try runBinary(
      ["delta", "apply", Self.aligned, patch, out], fileSizeLimit: 512 << 10)
    #expect(full.status == 74 && full.messages.contains("Fix:"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["p.ppd"])
  }

  @Test func patchWritesOneToo() throws {
    let folder = try TemporaryFolder()
    let (out, delta) = (
      folder.url.appending(path: "out"), folder.url.appending(path: "d.ppd").path
    )
    let brief = ["--steps", "2", "--rho", "1e-5", "--max-tokens", "1", "--force"]
    let run = try runBinary(
      [Self.damaged, out.path, "--delta", delta] + brief + DemoModel.rows)
    #expect(run.status == 3 && run.messages.contains("Wrote \(delta)"))
    let again = folder.url.appending(path: "again")
    let back = folder.url.appending(path: "back")
    #expect(try runBinary("delta", "apply", Self.damaged, delta, again.path).status == 0)
    #expect(try files(again) == files(out))
    #expect(try runBinary("delta", "revert", again.path, delta, back.path).status == 0)
    #expect(try files(back) == files(URL(filePath: Self.damaged)))
    for options in [["--dry-run"], ["--output", "adapter"]] {
      let refused = try runBinary([Self.damaged, out.path, "--delta", delta] + options)
      #expect(refused.status == 64 && refused.messages.contains("--delta"))
    }
    let there = try runBinary([Self.damaged, out.path + "2", "--delta", delta])
    #expect(there.status == 73 && there.messages.contains("--overwrite"))
  }
}

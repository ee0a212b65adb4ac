import FormatIO
import Foundation
import Testing

/// Is a GGUF file patched in kind, and left alone where nothing changes?
struct GGUFPatchTests {
  private static let brief = [
    "--steps", "2", "--rho", "1e-5", "--max-tokens", "4", "--force", "--quiet",
  ]

  private static func file(_ name: String) -> URL {
    packageRoot.appending(path: "fixtures/gguf/\(name).gguf")
  }

  private func patch(_ name: String, _ output: URL, _ options: [String]) throws -> BinaryRun {
    try runBinary(["patch", Self.file(name).path, output.path] + DemoModel.rows + options)
  }

  @Test(arguments: ["demo-Q4_0", "demo-Q8_0"])
  func aPatchOfNothingIsTheSameFile(_ name: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.gguf")
    let run = try patch(name, output, ["--steps", "0", "--rho", "0", "--no-provenance"])
    #expect(run.status == 0, "\(run.messages)")
    #expect(try Data(contentsOf: output) == Data(contentsOf: Self.file(name)))
  }

  /// Every other file of the fixtures, copied by the writer: their tokenizers are missing.
  @Test(arguments: [
    "grouped", "linear-rope", "llama3-rope", "mistral", "odd-head", "qwen2", "tied",
  ])
  func aCopyIsTheSameFile(_ name: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.gguf")
    try CheckpointWriter(Checkpoint.open(Self.file(name).path)).write(to: output.path)
    #expect(try Data(contentsOf: output) == Data(contentsOf: Self.file(name)))
  }

  @Test func aCopyOfPartsIsTheSameFiles() throws {
    let folder = try TemporaryFolder()
    let names = ["00001", "00002"].map { "untied-\($0)-of-00002" }
    let output = folder.url.appending(path: names[0] + ".gguf")
    try CheckpointWriter(Checkpoint.open(Self.file(names[0]).path)).write(to: output.path)
    for name in names {
      let copy = try Data(contentsOf: folder.url.appending(path: name + ".gguf"))
      #expect(try copy == Data(contentsOf: Self.file(name)))
    }
  }

  /// What the patched tensors become, by option.
  @Test(arguments: [
    ("demo-Q4_0", "keep", "Q4_0"), ("demo-Q4_0", "q8_0", "Q8_0"), ("demo-Q4_0", "f16", "F16"),
    ("demo-Q8_0", "keep", "Q8_0"), ("demo-Q8_0", "q8_0", "Q8_0"), ("demo-Q8_0", "bf16", "BF16"),
  ])
  func onlyTargetsChange(_ name: String, _ option: String, _ type: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.gguf")
    let run = try patch(name, output, Self.brief + ["--touched-type", option])
    #expect(run.status == 3, "\(run.messages)")
    let (before, after) = (
      try Checkpoint.open(Self.file(name).path), try Checkpoint.open(output.path)
    )
    #expect(before.tensors.map(\.name) == after.tensors.map(\.name))
    var changed = 0
    for tensor in before.tensors {
      let copy = try #require(after.tensor(tensor.name))
      let bytes = try before.withBytes(of: tensor) { Array($0) }
      let isSame = try after.withBytes(of: copy) { bytes == Array($0) }
      let isMatrix = tensor.name.text.hasPrefix("blk.") && !tensor.name.text.contains("norm")
      #expect(copy.elementType.name == (isMatrix ? type : tensor.elementType.name))
      #expect(isSame || isMatrix)
      changed += isSame ? 0 : 1
    }
    #expect(changed > 0)
    let keys = (after.shards[0].header.metadata ?? []).map(\.key)
    #expect(keys.contains("panacea.version") && keys.contains("panacea.input"))
    #expect(keys.contains("general.architecture") && !keys.contains("format"))
  }

  @Test func theSameBytesOnEveryThreadCount() throws {
    let folder = try TemporaryFolder()
    let outputs = try ["1", "2"].map { threads in
      let output = folder.url.appending(path: "out\(threads).gguf")
      let options = ["--touched-type", "keep", "--threads", threads]
      let run = try patch("demo-Q4_0", output, Self.brief + options)
      #expect(run.status == 3, "\(run.messages)")
      return try Data(contentsOf: output)
    }
    #expect(outputs[0] == outputs[1])
  }

  /// How much of the patch arrived is told for weights and for outputs.
  @Test func theReportSaysWhatArrived() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out.gguf")
    let run = try patch(
      "demo-Q4_0", output, Self.brief + ["--steps", "20", "--touched-type", "keep", "--json"])
    let patch = try JSON.parse(Array(run.output.utf8), file: "stdout")["patch"]
    let effect = try #require(patch?["effect"]?["keep"]?.double)
    let keep = try #require(patch?["keep"]?.double)
    #expect(effect > 0.7 && effect < 1.2 && effect > keep)
    #expect(patch?["tensors"]?.array?.first?["effect"]?["noise"]?.double != nil)
  }

  @Test(arguments: [
    (
      ["--touched-type", "keep", "--dtype", "f16"], "expected --dtype or --touched-type, found both"
    ),
    (["--touched-type", "q4_0"], "keep"),
  ])
  func optionsThatContradictAreRefused(_ options: [String], _ message: String) throws {
    let folder = try TemporaryFolder()
    let run = try patch("demo-Q4_0", folder.url.appending(path: "out.gguf"), options)
    #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
  }

  @Test func safetensorsHaveNoBlocks() throws {
    let folder = try TemporaryFolder()
    let run = try runBinary(
      ["patch", DemoModel.folder("damaged").path, folder.url.appending(path: "out").path]
        + DemoModel.rows + ["--touched-type", "q8_0"])
    #expect(run.status == 64, "\(run.messages)")
    #expect(run.messages.contains("expected a GGUF file, found safetensors, which has no Q8_0"))
  }
}

import FormatIO
import Foundation
import Testing

/// Does the command bring a patch file to another file of the model, and end with the right code?
struct DeltaLossyTests {
  private let folder: TemporaryFolder
  private let damaged = DemoModel.folder("damaged").path

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  private func gguf(_ type: String) -> String {
    packageRoot.appending(path: "fixtures/gguf/demo-\(type).gguf").path
  }

  /// The patch that makes the aligned model of the damaged one.
  private func makePatch() throws -> String {
    let patch = path("p.ppd")
    let run = try runBinary(
      "delta", "make", damaged, DemoModel.folder("aligned").path, "-o", patch, "--quiet")
    #expect(run.status == 0, "\(run.messages)")
    return patch
  }

  @Test func aPatchOfSafetensorsGoesToGGUF() throws {
    let (patch, output) = (try makePatch(), path("out.gguf"))
    let run = try runBinary(
      "delta", "apply", "--lossy", gguf("Q8_0"), patch, output, "--original", damaged, "--json")
    #expect(run.status == 0, "\(run.messages)")
    let report = try JSON.parse(Array(run.output.utf8), file: "output")
    #expect(report["schema"]?.string == "panacea-patch/delta-lossy/1")
    #expect(report["written"]?.encoded() == "true" && report["raised"]?.encoded() == "null")
    #expect(try #require(report["keep"]?.double) > 0.9)
    #expect(try #require(report["distance"]?["relative"]?.double) < 0.01)
    let written = try Checkpoint.open(output)
    #expect(report["output_content_sha256"]?.string == (try written.contentDigest().description))
    // What the aligned model does, this one does now.
    let rows = packageRoot.appending(path: "fixtures/demo/calibration/harmful.jsonl").path
    func refusals(_ model: String) throws -> Double {
      let run = try runBinary(
        "evaluate", model, "--harmful", rows, "--max-tokens", "12", "--json", "--quiet")
      let report = try JSON.parse(Array(run.output.utf8), file: "output")
      return try #require(report["harmful"]?["refusal_rate"]?["value"]?.double)
    }
    #expect(try refusals(gguf("Q8_0")) < 0.1 && refusals(output) > 0.9)
    // And back: the target is the original of the way back.
    let back = try runBinary(
      "delta", "revert", "--lossy", output, patch, path("back.gguf"), "--original",
      DemoModel.folder("aligned").path)
    #expect(back.status == 0, "\(back.messages)")
    #expect(back.output.contains("of the change kept") && back.output.contains("Written: "))
  }

  @Test func tooLittleIsNotWritten() throws {
    // A change of one row of the embedding by the smallest steps of BF16, far below those of the blocks.
    let target = folder.url.appending(path: "target")
    try DemoModel.copy(to: target)
    let file = target.appending(path: "model.safetensors")
    let tensor = try #require(
      try Checkpoint.open(file.path).tensor("model.embed_tokens.weight"))
    var bytes = try Data(contentsOf: file)
    for offset in stride(from: tensor.byteRange.lowerBound, to: tensor.byteRange.upperBound, by: 2)
    {
      bytes[offset] ^= 1
    }
    try bytes.write(to: file)
    let (patch, output) = (path("small.ppd"), path("out.gguf"))
    let made = try runBinary("delta", "make", damaged, target.path, "-o", patch, "--quiet")
    #expect(made.status == 0)
    let arguments = [
      "delta", "apply", "--lossy", gguf("Q4_0"), patch, output, "--original", damaged,
      "--touched-type", "keep",
    ]
    let run = try runBinary(arguments)
    #expect(run.status == 3 && run.output.contains("Nothing was written."))
    #expect(run.messages.contains("Warning: the file holds "))
    #expect(!FileManager.default.fileExists(atPath: output))
    let forced = try runBinary(arguments + ["--force"])
    #expect(forced.status == 3 && forced.output.contains("Written: "))
    #expect(FileManager.default.fileExists(atPath: output))
    let raised = try runBinary(
      "delta", "apply", "--lossy", gguf("Q4_0"), patch, path("f16.gguf"), "--original", damaged,
      "--touched-type", "f16", "--seed", "3", "--no-provenance")
    #expect(raised.status == 0, "\(raised.messages)")
    #expect(raised.output.contains("Q4_0 → F16"))
  }

  /// A GGUF file without a tokenizer can be patched: nothing is read, so noisy types give way.
  @Test func noTokenizerIsNoHindrance() throws {
    let patch = try makePatch()
    var bytes = try Data(contentsOf: URL(filePath: gguf("Q4_0")))
    let range = try #require(bytes.range(of: Data("tokenizer.ggml.model".utf8)))
    bytes.replaceSubrange(range, with: Data("tokenizer.none.model".utf8))
    try bytes.write(to: URL(filePath: path("bare.gguf")))
    let run = try runBinary(
      "delta", "apply", "--lossy", path("bare.gguf"), patch, path("out.gguf"), "--original",
      damaged)
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("Codes move without regard to inputs, since no text can be read"))
    #expect(!run.messages.contains("Reading the built-in rows"))
    #expect(
      run.messages.contains(
        "The types of 36 quantised tensors do not hold the change: they become Q8_0, +"))
    #expect(run.output.contains("Q4_0 → Q8_0") && run.output.contains("Written: "))
  }

  @Test func wrongUseIsNamed() throws {
    let (patch, output) = (try makePatch(), path("out.gguf"))
    let alone = ["delta", "apply", gguf("Q8_0"), patch, output]
    func error(_ arguments: [String], _ status: Int32, _ part: String) throws {
      let run = try runBinary(arguments)
      #expect(run.status == status && run.messages.contains(part), "\(run.messages)")
      #expect(!FileManager.default.fileExists(atPath: output))
    }
    try error(alone + ["--lossy"], 64, "expected --original <model> with --lossy")
    try error(alone + ["--original", damaged], 64, "expected --lossy with --original")
    try error(alone + ["--seed", "1"], 64, "expected --lossy with --seed")
    let lossy = alone + ["--lossy", "--original"]
    try error(lossy + [damaged, "--resume"], 64, "expected --lossy or --resume, found both")
    try error(lossy + [damaged, "--touched-type", "q4"], 64, "--touched-type")
    try error(lossy + [path("absent")], 66, "absent")
    try error(lossy + [DemoModel.folder("aligned").path], 65, "data of digest")
    let other = packageRoot.appending(path: "fixtures/gguf/grouped.gguf").path
    try error(
      ["delta", "apply", "--lossy", other, patch, output, "--original", damaged], 65,
      "expected 5 layers")
    let folder = [
      "delta", "apply", "--lossy", damaged, patch, path("folder"), "--original", damaged,
    ]
    try error(folder + ["--touched-type", "q8_0"], 64, "safetensors, which has no Q8_0")
  }
}

import FormatIO
import Foundation
import Testing

@Suite("Writing a patched folder")
struct FolderWriterTests {
  let scratch: ScratchFolder
  let source: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    source = try ScratchFolder()
    try writeSharded(source)
  }

  private func read(_ name: String) throws -> [UInt8] { try scratch.read("out/" + name) }

  @Test("shards, index and small files are copied; other weights and subfolders are not")
  func identical() throws {
    try source.write([1], "README.md")
    try source.write([2], "pytorch_model.bin")
    try source.write([2], "stale.safetensors")
    try source.write([2], ".hidden")
    mkdir(source.path("sub"), 0o755)
    symlink("../elsewhere", source.path("dangling.json"))
    try scratch.write([5, 5], "blob")
    symlink(scratch.path("blob"), source.path("tokenizer.json"))
    let writer = CheckpointWriter(try Checkpoint.open(source.path))
    try writer.write(to: scratch.path("out/"))
    let copied = [
      "README.md", "config.json", "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
    ]
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")).sorted() == copied)
    for name in copied { #expect(try read(name) == source.read(name), "\(name)") }
    #expect(try scratch.names() == ["blob", "out"])
  }

  @Test("only shards with replaced tensors get provenance")
  func provenance() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source.path))
    writer.metadata = { _ in [("k", "v")] }
    writer.replacements["c"] = .init(.bfloat16) { .init(repeating: 0, count: $0.count * 2) }
    try writer.write(to: scratch.path("out"))
    let first = "model-00001-of-00002.safetensors"
    #expect(try read(first) == source.read(first))
    let output = try Checkpoint.open(scratch.path("out"))
    #expect(output.shards[1].header.metadata?.map(\.key) == ["k"])
    #expect(try output.readFloats(#require(output.tensor("c"))) == [0, 0, 0])
    let index = "model.safetensors.index.json"
    #expect(try read(index) == source.read(index))
  }

  @Test("every touched shard tells the digest of all of the source, which ends with the last shard")
  func sourceDigest() throws {
    let checkpoint = try Checkpoint.open(source.path)
    var writer = CheckpointWriter(checkpoint)
    writer.metadata = { [("source", $0.description)] }
    for name in ["a", "c"] as [TensorName] {
      let type = try #require(checkpoint.tensor(name)).elementType
      writer.replacements[name] = .init(type) {
        .init(repeating: 7, count: $0.count * type.bits / 8)
      }
    }
    let staged = try writer.stage(at: scratch.path("out"))
    #expect(try staged.sourceDigest == checkpoint.contentDigest())
    #expect(try staged.digest == Checkpoint.open(staged.path).contentDigest())
    try staged.commit()
    let output = try Checkpoint.open(scratch.path("out"))
    #expect(output.shards.count == 2)
    for shard in output.shards {
      #expect(shard.header.metadata?.last?.value == staged.sourceDigest.description)
    }
  }

  @Test("a wider type is counted in the index")
  func totalSize() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source.path))
    writer.replacements["c"] = .init(.float32) { .init(repeating: 0, count: $0.count * 4) }
    try writer.write(to: scratch.path("out"))
    let index = try JSON.parse(try read("model.safetensors.index.json"), file: "index")
    #expect(index["metadata"]?["total_size"]?.integer == 19)
    #expect(index["metadata"]?["x"]?.double == 1)
    #expect(index["weight_map"]?.object?.map(\.key) == ["a", "b", "c"])
    #expect(try Checkpoint.open(scratch.path("out")).tensor("c")?.byteCount == 12)
  }

  @Test("an older output is replaced as a whole; other files protect a folder")
  func overwriting() throws {
    let writer = CheckpointWriter(try Checkpoint.open(source.path))
    mkdir(scratch.path("out"), 0o755)
    try scratch.write([1], "out/old.safetensors")
    #expect(
      inputError { try writer.write(to: scratch.path("out")) }?.fix?.contains("--overwrite") == true
    )
    try writer.write(to: scratch.path("out"), overwrite: true)
    #expect(inputError { _ = try read("config.json") } == nil)
    #expect(access(scratch.path("out/old.safetensors"), F_OK) != 0)
    try scratch.write([1], "out/notes.md")
    let error = inputError { try writer.write(to: scratch.path("out"), overwrite: true) }
    #expect(error?.found == "\"notes.md\", which would be lost")
    #expect(try scratch.names() == ["out"])
  }

  @Test("a failure in the second shard leaves nothing")
  func failure() throws {
    struct Stop: Error {}
    var writer = CheckpointWriter(try Checkpoint.open(source.path))
    writer.replacements["c"] = .init(.bfloat16) { _ in throw Stop() }
    #expect(throws: Stop.self) { try writer.write(to: scratch.path("out")) }
    #expect(try scratch.names().isEmpty)
  }

  @Test("the source itself, files, and file names are refused")
  func refused() throws {
    let writer = CheckpointWriter(try Checkpoint.open(source.path))
    symlink(source.path, scratch.path("link"))
    try scratch.write([1], "file")
    for (path, words) in [
      (source.path, "the input itself"), (source.path + "/", "the input itself"),
      (scratch.path("link"), "the input itself"), (scratch.path("file"), "a file or link"),
      (scratch.path("new.safetensors"), "the name of a file"), ("", "an empty one"),
    ] {
      let error = inputError { try writer.write(to: path, overwrite: true) }
      #expect(error?.kind == .cannotCreate && error?.found == words, "\(path)")
    }
  }
}

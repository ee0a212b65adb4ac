import FormatIO
import Foundation
import Testing

private let weirdHeader =
  "{\(entry("b", "BF16", "[2]", 5, 9)),\"__metadata__\":{\"z\":\"1\",\"format\":\"pt\"},"
  + "\(entry("a", "U8", "[5]", 0, 5)), \(entry("é", "F32", "[1]", 9, 13))}     "
private let weirdData: [UInt8] = [1, 2, 3, 4, 5, 0x80, 0x3F, 0, 0x40, 9, 8, 7, 6]

private func replace(_ writer: inout CheckpointWriter, _ name: TensorName, _ byte: UInt8) throws {
  let type = try #require(writer.source.tensor(name)?.elementType)
  writer.replacements[name] = .init(type) {
    .init(repeating: byte, count: $0.count * type.bits / 8)
  }
}

@Suite("Writing a patched file")
struct CheckpointWriterTests {
  let folder: ScratchFolder
  let source: String
  let original: [UInt8]

  init() throws {
    folder = try ScratchFolder()
    original = safetensors(weirdHeader, data: weirdData)
    source = try folder.write(original, "in.safetensors")
  }

  @Test("a copy without changes is identical, permissions included")
  func identical() throws {
    #expect(chmod(source, 0o640) == 0)
    var bytes = 0
    let writer = CheckpointWriter(try Checkpoint.open(source))
    try writer.write(to: folder.path("out.safetensors")) { bytes += $0 }
    #expect(try folder.read("out.safetensors") == original)
    #expect(bytes == original.count)
    var status = stat()
    #expect(stat(folder.path("out.safetensors"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try folder.names() == ["in.safetensors", "out.safetensors"])
  }

  @Test("a replacement changes its own bytes and nothing else")
  func replacement() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source))
    try replace(&writer, "b", 0xEE)
    try writer.write(to: folder.path("out.safetensors"))
    var expected = original
    let start = original.count - weirdData.count + 5
    expected.replaceSubrange(start..<start + 4, with: [0xEE, 0xEE, 0xEE, 0xEE])
    #expect(try folder.read("out.safetensors") == expected)
    #expect(try folder.read("in.safetensors") == original)
  }

  @Test("metadata is added; entries and data keep their order")
  func metadata() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source))
    writer.metadata = { _ in [("panacea.version", "1\n\"2\""), ("z", "new")] }
    try writer.write(to: folder.path("out.safetensors"))
    let output = try Checkpoint.open(folder.path("out.safetensors"))
    let header = try output.shards[0].safetensors
    #expect(header.metadata?.map(\.key) == ["z", "format", "panacea.version"])
    #expect(header.metadata?.map(\.value) == ["new", "pt", "1\n\"2\""])
    #expect(header.entries.map(\.name) == ["b", "a", "é"])
    #expect(header.bytes.count % 8 == 0)
    #expect(try folder.read("out.safetensors").suffix(weirdData.count).elementsEqual(weirdData))
  }

  @Test("a wider type moves what follows and keeps the order")
  func widening() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source))
    writer.replacements["b"] = .init(.float32) { range in
      range.flatMap { littleEndian((Float($0) + 0.5).bitPattern) }
    }
    try writer.write(to: folder.path("out.safetensors"))
    let output = try Checkpoint.open(folder.path("out.safetensors"))
    #expect(output.tensors.map(\.name) == ["a", "b", "é"])
    let wide = try #require(output.tensor("b"))
    #expect(wide.elementType == .float32 && wide.shape == [2])
    #expect(try output.readFloats(wide) == [0.5, 1.5])
    #expect(try output.withBytes(of: output.tensors[2]) { Array($0) } == [9, 8, 7, 6])
    #expect(output.shards[0].header.metadata?.map(\.key) == ["z", "format"])
  }

  @Test("large tensors are asked for in pieces of whole rows")
  func pieces() throws {
    let (rows, width) = (5, 400_001)
    let data = [UInt8](repeating: 0, count: rows * width)
    let path = try folder.write(
      safetensors("{\(entry("big", "U8", "[\(rows),\(width)]", 0, data.count))}", data: data), "big"
    )
    var writer = CheckpointWriter(try Checkpoint.open(path))
    var asked: [Range<Int>] = []
    let type = writer.source.tensors[0].elementType
    writer.replacements["big"] = .init(type) { range in
      asked.append(range)
      return range.map { UInt8(truncatingIfNeeded: $0) }
    }
    try writer.write(to: folder.path("big.out"))
    #expect(asked.map(\.lowerBound) == [0, 2 * width, 4 * width])
    #expect(asked.last?.upperBound == rows * width)
    let written = try folder.read("big.out").suffix(data.count)
    #expect(written.elementsEqual(data.indices.map { UInt8(truncatingIfNeeded: $0) }))
  }

  /// More than two of the blocks that files are written in; no tensor begins or ends with one.
  @Test("the digests of one pass are those of a second one", arguments: [false, true])
  func digests(_ replaces: Bool) throws {
    let size = 3_333_331
    let data = (0..<3 * size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 13) }
    let header = ["a", "b", "c"].enumerated().map { index, name in
      entry(name, "U8", "[\(size)]", index * size, (index + 1) * size)
    }
    let path = try folder.write(
      safetensors("{\(header.joined(separator: ","))}", data: data), "big")
    let checkpoint = try Checkpoint.open(path)
    var writer = CheckpointWriter(checkpoint)
    if replaces {
      writer.metadata = { [("source", $0.description)] }
      try replace(&writer, "b", 0xEE)
    }
    let staged = try writer.stage(at: folder.path("big.out"))
    let copy = try Checkpoint.open(staged.path)
    #expect(try staged.sourceDigest == checkpoint.contentDigest())
    #expect(try staged.digest == copy.contentDigest())
    #expect((staged.digest == staged.sourceDigest) == !replaces)
    try staged.commit()
    var expected = data
    if replaces {
      expected.replaceSubrange(size..<2 * size, with: repeatElement(0xEE, count: size))
      let metadata = copy.shards[0].header.metadata
      #expect(metadata?.map(\.value) == [staged.sourceDigest.description])
    } else {
      #expect(try folder.read("big.out") == folder.read("big"))
    }
    #expect(try folder.read("big.out").suffix(data.count).elementsEqual(expected))
  }

  @Test("an unknown name is refused before anything is written")
  func unknownName() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source))
    writer.replacements["nope"] = .init(.float32) { _ in [] }
    #expect(
      inputError { try writer.write(to: folder.path("out")) }?.place == "tensor \"nope\"")
    #expect(try folder.names() == ["in.safetensors"])
  }

  @Test("a failure part way leaves nothing, and an old output as it was")
  func failure() throws {
    struct Stop: Error {}
    var writer = CheckpointWriter(try Checkpoint.open(source))
    writer.replacements["b"] = .init(.bfloat16) { _ in throw Stop() }
    try folder.write([1, 2, 3], "out.safetensors")
    #expect(throws: Stop.self) {
      try writer.write(to: folder.path("out.safetensors"), overwrite: true)
    }
    #expect(try folder.read("out.safetensors") == [1, 2, 3])
    #expect(try folder.names() == ["in.safetensors", "out.safetensors"])
  }

  @Test("a source that changes while it is copied is an error")
  func changingSource() throws {
    var writer = CheckpointWriter(try Checkpoint.open(source))
    let path = source
    writer.replacements["b"] = .init(.bfloat16) { _ in
      truncate(path, 20)
      return [0, 0, 0, 0]
    }
    let error = inputError { try writer.write(to: folder.path("out.safetensors")) }
    #expect(error?.kind == .inputOutput && error?.file == source)
    #expect(try folder.names() == ["in.safetensors"])
  }

  @Test("a link is replaced by a file; what it points to stays")
  func links() throws {
    try folder.write([1, 2, 3], "blob")
    #expect(symlink("blob", folder.path("out.safetensors")) == 0)
    #expect(symlink("in.safetensors", folder.path("link.safetensors")) == 0)
    let checkpoint = try Checkpoint.open(folder.path("link.safetensors"))
    var writer = CheckpointWriter(checkpoint)
    try replace(&writer, "a", 0)
    try writer.write(to: folder.path("out.safetensors"), overwrite: true)
    #expect(try folder.read("blob") == [1, 2, 3])
    #expect(try folder.read("in.safetensors") == original)
    var status = stat()
    #expect(lstat(folder.path("out.safetensors"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFREG)
    // The source under its other name is still the source.
    let error = inputError { try writer.write(to: source, overwrite: true) }
    #expect(error?.kind == .cannotCreate && error?.found == "the input itself")
  }

  @Test(
    "outputs that cannot be written are refused",
    arguments: [
      ("in.safetensors", true, "the input itself"), ("./in.safetensors", true, "the input itself"),
      ("hard", true, "the input itself"), ("soft", true, "the input itself"),
      ("old", false, "--overwrite"), ("folder", true, "a folder or device"),
      ("absent/out", false, "create it first"), ("old/out", false, "create it first"),
      ("folder/", false, "the name of a folder"), ("pipe", true, "a folder or device"),
    ])
  func refused(_ name: String, _ overwrite: Bool, _ words: String) throws {
    try folder.write([1], "old")
    link(source, folder.path("hard"))
    symlink(source, folder.path("soft"))
    mkdir(folder.path("folder"), 0o755)
    mkfifo(folder.path("pipe"), 0o644)
    let checkpoint = try Checkpoint.open(source)
    let before = try folder.names()
    let error = try #require(
      inputError {
        try CheckpointWriter(checkpoint).write(to: folder.path(name), overwrite: overwrite)
      })
    #expect(error.kind == .cannotCreate)
    #expect(error.description.contains(words))
    #expect(try folder.names() == before && folder.read("in.safetensors") == original)
  }
}

import FormatIO
import Foundation
import Testing

@Suite("Reading checkpoints")
struct CheckpointTests {
  @Test("every element type is sized and carried", arguments: ElementType.safetensors)
  func elementTypes(_ type: ElementType) throws {
    let folder = try ScratchFolder()
    let size = 12 * type.bits / 8
    let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let path = try folder.write(
      safetensors("{\(entry("t", type.name, "[3,4]", 0, size))}", data: data))
    let checkpoint = try Checkpoint.open(path)
    let tensor = try #require(checkpoint.tensor("t"))
    #expect(tensor.elementType == type)
    #expect(tensor.elementCount == 12)
    #expect(tensor.byteCount == size)
    #expect(try checkpoint.withBytes(of: tensor) { Array($0) } == data)
    #expect(ElementType(safetensors: type.name) == type)
  }

  @Test("the named types are rows of the table")
  func namedTypes() {
    let named: [ElementType] = [.float16, .bfloat16, .float32, .float64]
    #expect(named.allSatisfy(ElementType.safetensors.contains))
    #expect(Set(ElementType.safetensors.filter(\.isPatchable)) == Set(named))
    #expect(ElementType(safetensors: "bf16") == nil)
  }

  @Test("odd alignment, rank 0, zero sizes, any order of entries")
  func shapes() throws {
    let folder = try ScratchFolder()
    // The data starts at an odd offset, and each float tensor behind an odd number of bytes.
    let header =
      "{"
      + [
        entry("last", "BF16", "[]", 13, 15), entry("odd", "U8", "[1]", 0, 1),
        entry("none", "F32", "[0,9223372036854775807]", 1, 1), entry("two", "F32", "[2]", 1, 9),
        entry("half", "F16", "[2,1,1]", 9, 13),
      ].joined(separator: ",") + "}"
    let padding = header.utf8.count % 2 == 0 ? " " : ""
    let data: [UInt8] =
      [255] + littleEndian((1.5 as Float).bitPattern)
      + littleEndian((-0.0 as Float).bitPattern) + littleEndian(0x3C00 as UInt16)
      + littleEndian(0x7BFF as UInt16) + littleEndian(0xC049 as UInt16)
    let checkpoint = try Checkpoint.open(folder.write(safetensors(header + padding, data: data)))
    #expect(checkpoint.shards[0].header.dataStart % 2 == 1)
    #expect(checkpoint.tensors.map(\.name) == ["odd", "none", "two", "half", "last"])
    #expect(try checkpoint.shards[0].safetensors.entries.map(\.name).first == "last")
    func floats(_ name: TensorName) throws -> [Float] {
      try checkpoint.readFloats(#require(checkpoint.tensor(name)))
    }
    #expect(try floats("two").map(\.bitPattern) == [0x3FC0_0000, 0x8000_0000])
    #expect(try floats("half") == [1, 65504])
    #expect(try floats("last") == [-3.140625])
    #expect(try floats("none").isEmpty)
    #expect(checkpoint.tensor("last")?.shape == [])
    #expect(checkpoint.tensor("last")?.elementCount == 1)
    #expect(inputError { _ = try floats("odd") }?.place == "tensor \"odd\"")
    #expect(inputError { _ = try floats("odd") }?.found == "U8")
  }

  @Test("whole numbers are read as they are, and are no weights")
  func wholeNumbers() throws {
    let folder = try ScratchFolder()
    let data =
      littleEndian(-128 as Int8) + littleEndian(300 as Int16) + littleEndian(-70_000 as Int32)
      + littleEndian(Int64(1) << 40)
    let header = [("a", "I8", 0, 1), ("b", "I16", 1, 3), ("c", "I32", 3, 7), ("d", "I64", 7, 15)]
      .map { entry($0.0, $0.1, "[1]", $0.2, $0.3) }.joined(separator: ",")
    let checkpoint = try Checkpoint.open(folder.write(safetensors("{\(header)}", data: data)))
    #expect(
      try checkpoint.tensors.map { try checkpoint.readFloats($0)[0] } == [
        -128, 300, -70_000, 0x1p40,
      ])
    #expect(checkpoint.tensors.allSatisfy { !$0.elementType.isWeight })
  }

  @Test("part of a tensor is read where it lies")
  func partOfTensor() throws {
    let folder = try ScratchFolder()
    let values: [Double] = [0.1, -2, 3e300, .nan, 5]
    let data = values.flatMap { littleEndian($0.bitPattern) }
    let checkpoint = try Checkpoint.open(
      folder.write(safetensors("{\(entry("d", "F64", "[5]", 0, 40))}", data: data)))
    var part = [Float](repeating: 0, count: 3)
    var span = part.mutableSpan
    try checkpoint.readFloats(checkpoint.tensors[0], elements: 1..<4, into: &span)
    #expect(part[0] == -2 && part[1] == .infinity && part[2].isNaN)
  }

  @Test("names are compared by bytes, and may be empty or hold NUL")
  func names() throws {
    let folder = try ScratchFolder()
    let names = ["caf\u{E9}", "cafe\u{301}", "", "a\\u0000b", "a"]
    let entries = names.enumerated().map { entry($1, "U8", "[1]", $0, $0 + 1) }
    let checkpoint = try Checkpoint.open(
      folder.write(safetensors("{\(entries.joined(separator: ","))}", data: [0, 1, 2, 3, 4])))
    #expect(checkpoint.tensors.count == 5)
    #expect(
      checkpoint.tensor("caf\u{E9}")?.byteRange != checkpoint.tensor("cafe\u{301}")?.byteRange)
    #expect(checkpoint.tensor("a\0b") != nil && checkpoint.tensor("a\0c") == nil)
    #expect(TensorName(String(repeating: "x", count: 70_000)).quoted.utf8.count < 120)
  }

  @Test("metadata keeps its order; padding of any white space is accepted")
  func metadata() throws {
    let folder = try ScratchFolder()
    let header = "{\"__metadata__\":{\"z\":\"1\",\"a\":\"\\n\"}}  \n"
    let checkpoint = try Checkpoint.open(folder.write(safetensors(header)))
    #expect(checkpoint.shards[0].header.metadata?.map(\.key) == ["z", "a"])
    #expect(checkpoint.shards[0].header.metadata?.map(\.value) == ["1", "\n"])
    #expect(checkpoint.tensors.isEmpty)
  }

  @Test("paths that are no files have their own errors")
  func paths() throws {
    let folder = try ScratchFolder()
    #expect(inputError { _ = try Checkpoint.open(folder.path("absent")) }?.kind == .missing)
    #expect(inputError { _ = try Checkpoint.open(folder.path) }?.kind == .missing)
    #expect(inputError { _ = try Checkpoint.open("/dev/null") }?.kind == .malformed)
    #expect(inputError { _ = try Checkpoint.open("a\0b") }?.kind == .missing)
  }

  @Test("a file that changes after opening is an error, not a crash")
  func changedFile() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(
      safetensors(
        "{\(entry("a", "U8", "[9000]", 0, 9000))}", data: .init(repeating: 1, count: 9000))
    )
    let checkpoint = try Checkpoint.open(path)
    #expect(truncate(path, 100) == 0)
    let error = inputError { _ = try checkpoint.withBytes(of: checkpoint.tensors[0]) { $0[8999] } }
    #expect(error?.kind == .inputOutput)
    #expect(error?.file == path)
  }

  @Test("fifty thousand tensors open")
  func manyTensors() throws {
    let folder = try ScratchFolder()
    let entries = (0..<50_000).map {
      entry("layers.\($0).weight", "F32", "[1,1]", $0 * 4, $0 * 4 + 4)
    }
    let checkpoint = try Checkpoint.open(
      folder.write(
        safetensors(
          "{\(entries.joined(separator: ","))}", data: .init(repeating: 0, count: 200_000))))
    #expect(checkpoint.tensors.count == 50_000)
    #expect(checkpoint.tensor("layers.49999.weight")?.byteCount == 4)
  }
}

/// A folder with two shards: `a` and `b` in the first, `c` in the second.
func writeSharded(_ folder: ScratchFolder, index: String? = nil) throws {
  try folder.write(
    safetensors(
      "{\"__metadata__\":{\"format\":\"pt\"},\(entry("b", "BF16", "[2]", 0, 4)),"
        + "\(entry("a", "U8", "[3]", 4, 7))}   ", data: [0x80, 0x3F, 0, 0x40, 1, 2, 3]),
    "model-00001-of-00002.safetensors")
  try folder.write(
    safetensors("{\(entry("c", "BF16", "[3]", 0, 6))}", data: [1, 2, 3, 4, 5, 6]),
    "model-00002-of-00002.safetensors")
  let one = "\"model-00001-of-00002.safetensors\""
  let text =
    index
    ?? "{\"metadata\": {\"total_size\": 13, \"x\": 1.0}, \"weight_map\": "
    + "{\"a\": \(one), \"b\": \(one), \"c\": \"model-00002-of-00002.safetensors\"}}\n"
  try folder.write(Array(text.utf8), "model.safetensors.index.json")
  try folder.write(Array("{\"model_type\": \"llama\"}".utf8), "config.json")
}

@Suite("Sharded checkpoints")
struct ShardedCheckpointTests {
  @Test("shards make one table of tensors")
  func opens() throws {
    let folder = try ScratchFolder()
    try writeSharded(folder)
    let checkpoint = try Checkpoint.open(folder.path)
    #expect(checkpoint.isFolder && checkpoint.folder == folder.path)
    #expect(checkpoint.tensors.map(\.name) == ["b", "a", "c"])
    #expect(checkpoint.tensor("c")?.shard == 1)
    #expect(try checkpoint.readFloats(#require(checkpoint.tensor("b"))) == [1, 2])
    let single = try Checkpoint.open(folder.path("model-00002-of-00002.safetensors"))
    #expect(single.tensors.map(\.name) == ["c"] && single.index == nil)
    #expect(single.folder == folder.path)
  }

  @Test("model.safetensors comes before the index; stale shards are ignored")
  func precedence() throws {
    let folder = try ScratchFolder()
    try writeSharded(folder)
    try folder.write([1, 2, 3], "model-00003-of-00003.safetensors")
    #expect(try Checkpoint.open(folder.path).shards.count == 2)
    try folder.write(safetensors("{}"))
    #expect(try Checkpoint.open(folder.path).index == nil)
  }

  @Test(
    "an index that contradicts its shards is refused",
    arguments: [
      ("{\"a\":\"1\",\"b\":\"1\",\"c\":\"2\",\"d\":\"2\"}", "\"d\"", "none of that name"),
      ("{\"a\":\"1\",\"c\":\"2\"}", "\"b\"", "does not list"),
      ("{\"a\":\"1\",\"b\":\"2\",\"c\":\"2\"}", "\"b\"", "one it places in"),
      ("{\"a\":\"/etc/passwd\"}", "\"a\"", "/etc/passwd"),
      ("{\"a\":\"../x\"}", "\"a\"", "name of a file"),
      ("{\"a\":\"..\"}", "\"a\"", "name of a file"),
      ("{\"a\":\"\"}", "\"a\"", "name of a file"),
      ("{\"a\":\"x\\u0000\"}", "\"a\"", "name of a file"),
      ("{\"a\":1}", "\"a\"", "name of a file"),
      ("{\"a\":\"1\",\"\\u0061\":\"2\"}", "once", "\"a\" again"),
      ("[]", "weight_map", "an object"),
    ])
  func contradictions(_ map: String, _ first: String, _ second: String) throws {
    let folder = try ScratchFolder()
    let text = map.replacing("\"1\"", with: "\"model-00001-of-00002.safetensors\"")
      .replacing("\"2\"", with: "\"model-00002-of-00002.safetensors\"")
    try writeSharded(folder, index: "{\"weight_map\":\(text)}")
    let error = try #require(inputError { _ = try Checkpoint.open(folder.path) })
    #expect(error.kind == .malformed)
    #expect(error.description.contains(first) && error.description.contains(second))
  }

  @Test("a missing shard is named")
  func missingShard() throws {
    let folder = try ScratchFolder()
    try writeSharded(folder)
    unlink(folder.path("model-00002-of-00002.safetensors"))
    let error = inputError { _ = try Checkpoint.open(folder.path) }
    #expect(error?.kind == .missing)
    #expect(error?.file == folder.path("model-00002-of-00002.safetensors"))
  }
}

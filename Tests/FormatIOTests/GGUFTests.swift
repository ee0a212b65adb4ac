import FormatIO
import Testing

/// Is a GGUF file read as it is, and refused where it breaks a rule?
@Suite struct GGUFTests {
  private static func open(_ file: GGUFBytes) throws -> (Checkpoint, GGUFHeader) {
    let folder = try ScratchFolder()
    let checkpoint = try Checkpoint.open(try folder.write(file.bytes))
    guard case .gguf(let header) = checkpoint.shards[0].header else {
      Issue.record("not read as GGUF")
      throw InputError(file: "", expected: "", found: "")
    }
    return (checkpoint, header)
  }

  @Test func readsMetadataOfEveryKind() throws {
    var file = GGUFBytes()
    file.pairs = [
      GGUFBytes.pair("u8", 0, [200]), GGUFBytes.pair("i8", 1, [200]),
      GGUFBytes.pair("u16", 2, [1, 2]), GGUFBytes.pair("i16", 3, [0xFE, 0xFF]),
      GGUFBytes.pair("u32", 4, littleEndian(UInt32(70_000))),
      GGUFBytes.pair("i32", 5, littleEndian(Int32(-7))),
      GGUFBytes.pair("f32", 6, littleEndian(Float(0.5).bitPattern)),
      GGUFBytes.pair("yes", 7, [1]), GGUFBytes.pair("text", 8, GGUFBytes.text("häß")),
      GGUFBytes.pair("bytes", 8, littleEndian(UInt64(2)) + [0xFF, 0]),
      GGUFBytes.pair(
        "texts", 9, GGUFBytes.array(8, 2, GGUFBytes.text("a") + GGUFBytes.text(""))),
      GGUFBytes.pair("numbers", 9, GGUFBytes.array(3, 2, [1, 0, 0xFF, 0xFF])),
      GGUFBytes.pair("u64", 10, littleEndian(UInt64.max)),
      GGUFBytes.pair("i64", 11, littleEndian(Int64.min)),
      GGUFBytes.pair("f64", 12, littleEndian((-2.5).bitPattern)),
    ]
    let (checkpoint, header) = try Self.open(file)
    #expect(header.metadata.map(\.key).prefix(3) == ["u8", "i8", "u16"])
    #expect(header["u8"] == .unsigned(200) && header["i8"] == .signed(-56))
    #expect(header["u16"]?.integer == 513 && header["i16"]?.integer == -2)
    #expect(header["u32"]?.integer == 70_000 && header["i32"]?.integer == -7)
    #expect(header["f32"]?.double == 0.5 && header["f64"]?.double == -2.5)
    #expect(header["yes"]?.bool == true && header["text"]?.string == "häß")
    #expect(header["bytes"] == .text([0xFF, 0]))
    #expect(header["u64"] == .unsigned(.max) && header["i64"] == .signed(.min))
    #expect(header["u64"]?.integer == nil && header["none"] == nil)
    guard case .array(let texts)? = header["texts"], case .array(let numbers)? = header["numbers"]
    else {
      Issue.record("no arrays")
      return
    }
    #expect(try checkpoint.shards[0].file.texts(texts) == [[0x61], []])
    #expect(try checkpoint.shards[0].file.values(numbers) == [.signed(1), .signed(-1)])
  }

  @Test func findsTensorsInAnyOrder() throws {
    var file = GGUFBytes()
    file.tensors = [
      GGUFBytes.tensor("second", [2, 3], 0, at: 64), GGUFBytes.tensor("first", [32], 8, at: 0),
      GGUFBytes.tensor("none", [0, 5], 0, at: 64), GGUFBytes.tensor("one", [], 1, at: 96),
    ]
    // A gap after the 34 bytes of `first`, none after the last tensor.
    file.data = (0..<98).map { UInt8($0) }
    let (checkpoint, header) = try Self.open(file)
    #expect(header.entries.map(\.name.text) == ["second", "first", "none", "one"])
    #expect(checkpoint.tensors.map(\.name.text) == ["first", "none", "second", "one"])
    let second = try #require(checkpoint.tensor("second"))
    #expect(second.shape == [3, 2] && second.elementType == .float32)
    #expect(try checkpoint.withBytes(of: second) { Array($0) } == (64..<88).map { UInt8($0) })
    let first = try #require(checkpoint.tensor("first"))
    #expect(first.elementType.name == "Q8_0" && first.elementCount == 32 && first.byteCount == 34)
    #expect(checkpoint.tensor("one")?.byteCount == 2)
  }

  @Test func alignmentMayStandAnywhere() throws {
    var file = GGUFBytes()
    file.alignment = 1
    file.pairs = [
      GGUFBytes.pair("a", 7, [0]), GGUFBytes.pair("general.alignment", 4, littleEndian(UInt32(1))),
    ]
    file.tensors = [GGUFBytes.tensor("a", [3], 24), GGUFBytes.tensor("b", [2], 24, at: 3)]
    file.data = [1, 2, 3, 4, 5]
    let (checkpoint, header) = try Self.open(file)
    #expect(header.alignment == 1)
    let b = try #require(checkpoint.tensor("b"))
    #expect(try checkpoint.withBytes(of: b) { Array($0) } == [4, 5])
  }

  /// One broken file, and what its error says.
  struct Broken: Sendable, CustomTestStringConvertible {
    let name: String
    let place: String
    let expected: String
    let found: String
    let bytes: [UInt8]
    var testDescription: String { name }

    init(
      _ name: String, _ place: String, _ expected: String, _ found: String,
      cutting cut: Int = 0, _ change: (inout GGUFBytes) -> Void
    ) {
      (self.name, self.place, self.expected, self.found) = (name, place, expected, found)
      var file = GGUFBytes()
      change(&file)
      bytes = Array(file.bytes.dropLast(cut))
    }
  }

  private static let copyIt = "check that the file was copied completely"

  static let broken: [Broken] = [
    Broken("old version", "byte 4, version", "2 or 3", "1") { $0.version = 1 },
    Broken("version 0", "byte 4, version", "2 or 3", "0") { $0.version = 0 },
    Broken("future version", "byte 4, version", "2 or 3", "4") { $0.version = 4 },
    Broken(
      "big-endian", "byte 4, version", "a little-endian file", "a big-endian one (version 3)"
    ) { $0.version = UInt32(3).byteSwapped },
    Broken(
      "too many tensors", "byte 8, number of tensors",
      "at most 0, as many as the file can hold", "1099511627776"
    ) { $0.tensorCount = 1 << 40 },
    Broken(
      "fewer than no tensors", "byte 8, number of tensors",
      "at most 0, as many as the file can hold", "-1"
    ) { $0.tensorCount = -1 },
    Broken(
      "too many pairs", "byte 16, number of metadata pairs",
      "at most 0, as many as the file can hold", "9223372036854775807"
    ) { $0.pairCount = .max },
    Broken(
      "nothing after the version", "byte 8, number of tensors", "8 bytes",
      "the end of the file after 0", cutting: 16
    ) { _ in },
    Broken(
      "key longer than the file", "byte 24, key of metadata pair 0",
      "a length of at most 5 bytes, what is left of the file", "6"
    ) { $0.pairs = [littleEndian(UInt64(6)) + [1, 2, 3, 4, 5]] },
    Broken("empty key", "byte 24, key of metadata pair 0", "a name in UTF-8", "an empty one") {
      $0.pairs = [GGUFBytes.pair("", 0, [1])]
    },
    Broken(
      "key of other bytes", "byte 24, key of metadata pair 0", "a name in UTF-8", "other bytes"
    ) {
      $0.pairs = [littleEndian(UInt64(1)) + [0xFF] + littleEndian(Int32(0)) + [0]]
    },
    Broken(
      "unknown kind", "byte 33, type of the value of \"a\"", "a value type from 0 to 12", "13"
    ) { $0.pairs = [GGUFBytes.pair("a", 13, [0])] },
    Broken("key twice", "byte 38, metadata pair 1", "each key once", "\"a\" again") {
      $0.pairs = [GGUFBytes.pair("a", 0, [1]), GGUFBytes.pair("a", 0, [1])]
    },
    Broken(
      "array of arrays", "byte 37, value of \"a\"", "an array of plain values", "an array of arrays"
    ) { $0.pairs = [GGUFBytes.pair("a", 9, GGUFBytes.array(9, 1, [0]))] },
    Broken(
      "array longer than the file", "byte 49, value of \"a\"",
      "at most 1 elements, as many as the rest of the file can hold", "5000000"
    ) {
      $0.pairs = [
        GGUFBytes.pair("a", 9, GGUFBytes.array(12, 5_000_000, [UInt8](repeating: 0, count: 8)))
      ]
    },
    Broken(
      "alignment 13", "byte 24, general.alignment", "a power of two, stored as U32",
      "13 stored as U32"
    ) { $0.pairs = [GGUFBytes.pair("general.alignment", 4, littleEndian(UInt32(13)))] },
    Broken(
      "alignment as I32", "byte 24, general.alignment", "a power of two, stored as U32",
      "32 stored as I32"
    ) { $0.pairs = [GGUFBytes.pair("general.alignment", 5, littleEndian(Int32(32)))] },
    Broken("long name", "byte 24, name of tensor 0", "at most 64 bytes of UTF-8", "65") {
      $0.tensors = [GGUFBytes.tensor(String(repeating: "n", count: 65), [1])]
    },
    Broken("five dimensions", "byte 33, number of dimensions of tensor \"a\"", "at most 4", "5") {
      $0.tensors = [GGUFBytes.tensor("a", [1, 1, 1, 1, 1])]
    },
    Broken(
      "negative size", "byte 37, shape of tensor \"a\"",
      "sizes from 0 whose product fits 63 bits", "[-1]"
    ) { $0.tensors = [GGUFBytes.tensor("a", [-1])] },
    Broken(
      "product that wraps", "byte 37, shape of tensor \"a\"",
      "sizes from 0 whose product fits 63 bits", "[4294967298, 4294967298]"
    ) { $0.tensors = [GGUFBytes.tensor("a", [1 << 32 + 2, 1 << 32 + 2])] },
    Broken(
      "size that wraps", "byte 37, shape of tensor \"a\"",
      "a size in bytes that fits 62 bits", "4611686018427387904 elements of F32"
    ) { $0.tensors = [GGUFBytes.tensor("a", [1 << 62])] },
    Broken(
      "unknown type", "byte 45, type of tensor \"a\"", "one of the 35 tensor types of ggml", "43"
    ) { $0.tensors = [GGUFBytes.tensor("a", [32], 43)] },
    Broken(
      "removed type", "byte 45, type of tensor \"a\"", "one of the 35 tensor types of ggml",
      "31, Q4_0_4_4, which ggml has removed"
    ) { $0.tensors = [GGUFBytes.tensor("a", [32], 31)] },
    Broken(
      "type of a fork", "byte 45, type of tensor \"a\"", "one of the 35 tensor types of ggml",
      "137, a type of a fork of ggml"
    ) { $0.tensors = [GGUFBytes.tensor("a", [256], 137)] },
    Broken(
      "rows that are no blocks", "byte 37, shape of tensor \"a\"",
      "rows of whole blocks of 256 elements, as Q4_K has them", "rows of 32"
    ) { $0.tensors = [GGUFBytes.tensor("a", [32, 8], 12)] },
    Broken(
      "offset not aligned", "byte 49, offset of tensor \"a\"",
      "a multiple of the alignment, 32", "8"
    ) {
      $0.tensors = [GGUFBytes.tensor("a", [1], at: 8)]
      $0.data = [UInt8](repeating: 0, count: 12)
    },
    Broken("name twice", "byte 57, tensor 1", "each name once", "\"a\" again") {
      $0.tensors = [GGUFBytes.tensor("a", [1]), GGUFBytes.tensor("a", [1], at: 32)]
      $0.data = [UInt8](repeating: 0, count: 36)
    },
    Broken(
      "overlap", "byte 82, offset of tensor \"b\"",
      "data from 40 on, where the tensor before it ends", "offset 32, an overlap"
    ) {
      $0.tensors = [GGUFBytes.tensor("a", [10]), GGUFBytes.tensor("b", [1], at: 32)]
      $0.data = [UInt8](repeating: 0, count: 64)
    },
    Broken(
      "one byte short", "byte 49, offset of tensor \"a\"",
      "data within the 11 bytes after the header", "an end at 12", cutting: 1
    ) {
      $0.tensors = [GGUFBytes.tensor("a", [3])]
      $0.data = [UInt8](repeating: 0, count: 12)
    },
    Broken(
      "two tensors of almost 2^63 bytes", "byte 37, shape of tensor \"a\"",
      "a size in bytes that fits 62 bits", "9223372036854775744 elements of I8"
    ) {
      $0.tensors = [
        GGUFBytes.tensor("a", [.max - 63], 24), GGUFBytes.tensor("b", [.max - 63], 24, at: 32),
      ]
    },
  ]

  @Test(arguments: broken)
  func brokenFilesAreRefused(_ broken: Broken) throws {
    let folder = try ScratchFolder()
    let path = try folder.write(broken.bytes)
    let error = try #require(throws: InputError.self) { try Checkpoint.open(path) }
    #expect(error.kind == .malformed && error.file == path)
    #expect(error.place == broken.place)
    #expect(error.expected == broken.expected)
    #expect(error.found == broken.found)
  }

  /// Cut anywhere, a file is refused, and never a trap.
  @Test func everyCutIsRefused() throws {
    var file = GGUFBytes()
    file.pairs = [
      GGUFBytes.pair("a", 9, GGUFBytes.array(8, 2, GGUFBytes.text("x") + GGUFBytes.text("yz"))),
      GGUFBytes.pair("b", 12, littleEndian((1.5).bitPattern)),
    ]
    file.tensors = [GGUFBytes.tensor("t", [3, 2]), GGUFBytes.tensor("u", [32], 2, at: 32)]
    file.data = [UInt8](repeating: 1, count: 50)
    let folder = try ScratchFolder()
    let whole = try folder.write(file.bytes)
    #expect(throws: Never.self) { try Checkpoint.open(whole) }
    for length in 4..<file.bytes.count {
      let path = try folder.write(Array(file.bytes.prefix(length)))
      #expect(throws: InputError.self) { try Checkpoint.open(path) }
    }
  }
}

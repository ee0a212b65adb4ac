import FormatIO
import Testing

/// Does a copy of a GGUF file keep every byte that was not to change?
@Suite struct GGUFWriterTests {
  /// A gap between tensors, one stored out of order, and bytes after the last.
  private static let source: GGUFBytes = {
    var file = GGUFBytes()
    file.pairs = [
      GGUFBytes.pair("general.architecture", 8, GGUFBytes.text("llama")),
      GGUFBytes.pair("panacea.version", 8, GGUFBytes.text("old")),
      GGUFBytes.pair("odd", 0, [1]),
    ]
    file.tensors = [
      GGUFBytes.tensor("b", [32, 2], 8, at: 64), GGUFBytes.tensor("a", [2, 3], 0, at: 0),
    ]
    file.data = (0..<139).map { UInt8($0) }
    return file
  }()

  private static func copy(
    _ folder: ScratchFolder, _ change: (inout CheckpointWriter) -> Void
  ) throws -> Checkpoint {
    let source = try Checkpoint.open(try folder.write(source.bytes, "in.gguf"))
    var writer = CheckpointWriter(source)
    change(&writer)
    try writer.write(to: folder.path("out.gguf"))
    return try Checkpoint.open(folder.path("out.gguf"))
  }

  private static func bytes(of name: TensorName, _ checkpoint: Checkpoint) throws -> [UInt8] {
    let tensor = try #require(checkpoint.tensor(name))
    return try checkpoint.withBytes(of: tensor) { Array($0) }
  }

  @Test func aCopyWithoutChangesIsIdentical() throws {
    let folder = try ScratchFolder()
    _ = try Self.copy(folder) { _ in }
    #expect(try folder.read("out.gguf") == Self.source.bytes)
  }

  @Test func aNameOfTheOtherFormatIsRefused() throws {
    let folder = try ScratchFolder()
    let gguf = try Checkpoint.open(folder.write(Self.source.bytes, "in.gguf"))
    let other = try Checkpoint.open(folder.write(safetensors("{}")))
    for (source, name) in [(gguf, "out.safetensors"), (other, "out.gguf")] {
      let error = inputError { try CheckpointWriter(source).write(to: folder.path(name)) }
      #expect(error?.kind == .cannotCreate)
      #expect(error?.found == "a name that ends in ." + (name.split(separator: ".").last ?? ""))
    }
  }

  @Test func metadataGrowsAndTheRestStays() throws {
    let folder = try ScratchFolder()
    let copy = try Self.copy(folder) { writer in
      writer.metadata = { digest in
        [
          ("panacea.version", "new"), ("panacea.input", digest.description),
          ("general.base_model.count", "1"),
        ]
      }
    }
    let metadata = try #require(copy.shards[0].header.metadata)
    #expect(metadata.map(\.key) == ["general.architecture", "panacea.version", "panacea.input"])
    #expect(metadata[1].value == "new" && metadata[2].value.count == 64)
    guard case .gguf(let header) = copy.shards[0].header else { return }
    #expect(header["general.base_model.count"] == .unsigned(1))
    #expect(header["odd"] == .unsigned(1) && header.dataStart % 32 == 0)
    // The data, gap and all.
    #expect(try folder.read("out.gguf").suffix(139) == (0..<139).map { UInt8($0) }[...])
  }

  @Test func aReplacedTensorChangesAlone() throws {
    let folder = try ScratchFolder()
    let copy = try Self.copy(folder) { writer in
      writer.replacements["a"] = .init(.float32) { range in
        [UInt8](repeating: 0xEE, count: 4 * range.count)
      }
    }
    var expected = Self.source.bytes
    let start = expected.count - 139
    for index in start..<start + 24 { expected[index] = 0xEE }
    #expect(try folder.read("out.gguf") == expected)
    #expect(try Self.bytes(of: "b", copy) == (64..<132).map { UInt8($0) })
  }

  @Test func aWiderTypeMovesWhatFollows() throws {
    let folder = try ScratchFolder()
    let copy = try Self.copy(folder) { writer in
      writer.replacements["a"] = .init(.float64) { range in
        [UInt8](repeating: 7, count: 8 * range.count)
      }
    }
    guard case .gguf(let header) = copy.shards[0].header else { return }
    #expect(header.entries.map(\.name.text) == ["b", "a"])
    #expect(header.entries.map(\.range) == [64..<132, 0..<48])
    #expect(copy.tensor("a")?.elementType == .float64)
    #expect(try Self.bytes(of: "a", copy) == [UInt8](repeating: 7, count: 48))
    #expect(try Self.bytes(of: "b", copy) == (64..<132).map { UInt8($0) })
  }

  @Test func aTypeThatDoesNotFitIsRefused() throws {
    let folder = try ScratchFolder()
    let q8 = try #require(ElementType.gguf[8])
    let error = try #require(throws: InputError.self) {
      try Self.copy(folder) { $0.replacements["a"] = .init(q8) { _ in [] } }
    }
    #expect(error.expected == "rows of whole blocks of 32 elements" && error.found == "rows of 2")
    #expect(try folder.names() == ["in.gguf"])
  }
}

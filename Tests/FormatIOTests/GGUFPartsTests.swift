import FormatIO
import Foundation
import Testing

/// Are the parts of a GGUF model one checkpoint, and written as as many parts?
@Suite struct GGUFPartsTests {
  private static let names = (1...3).map { "m-0000\($0)-of-00003.gguf" }

  private static func part(
    _ number: UInt8, of count: UInt8 = 3, total: UInt8? = nil, _ tensors: [(String, UInt64)]
  ) -> GGUFBytes {
    var file = GGUFBytes()
    file.pairs = [
      GGUFBytes.pair("split.no", 2, [number - 1, 0]),
      GGUFBytes.pair("split.count", 2, [count, 0]),
    ]
    if let total { file.pairs.append(GGUFBytes.pair("split.tensors.count", 5, [total, 0, 0, 0])) }
    file.tensors = tensors.map { GGUFBytes.tensor($0.0, [8], 0, at: $0.1) }
    file.data = [UInt8](repeating: number, count: 32 * tensors.count)
    return file
  }

  /// The first part has no tensors, as llama.cpp writes it if asked to.
  private static func write(_ folder: ScratchFolder) throws {
    _ = try folder.write(part(1, total: 3, []).bytes, names[0])
    _ = try folder.write(part(2, [("a", 0), ("b", 32)]).bytes, names[1])
    _ = try folder.write(part(3, [("c", 0)]).bytes, names[2])
  }

  @Test func allPartsAreOneCheckpoint() throws {
    let folder = try ScratchFolder()
    try Self.write(folder)
    let checkpoint = try Checkpoint.open(folder.path(Self.names[0]))
    #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
    #expect(checkpoint.shards.count == 3)
    let tensor = try #require(checkpoint.tensor("c"))
    #expect(try checkpoint.withBytes(of: tensor) { $0.allSatisfy { $0 == 3 } })
  }

  @Test func aCopyHasTheSameParts() throws {
    let folder = try ScratchFolder()
    try Self.write(folder)
    let writer = CheckpointWriter(try Checkpoint.open(folder.path(Self.names[0])))
    let copies = Self.names.map { "copy" + $0.dropFirst() }
    try writer.write(to: folder.path(copies[0]))
    for (name, copy) in zip(Self.names, copies) {
      #expect(try folder.read(copy) == folder.read(name))
    }
    #expect(try folder.names().count == 6)
    #expect(throws: InputError.self) { try writer.write(to: folder.path(copies[0])) }
    try writer.write(to: folder.path(copies[0]), overwrite: true)
    #expect(try folder.names().count == 6)
  }

  @Test func aChangeIsInItsPartOnly() throws {
    let folder = try ScratchFolder()
    try Self.write(folder)
    var writer = CheckpointWriter(try Checkpoint.open(folder.path(Self.names[0])))
    writer.replacements["c"] = .init(.float32) { range in
      [UInt8](repeating: 9, count: 4 * range.count)
    }
    try writer.write(to: folder.path("n-00001-of-00003.gguf"))
    #expect(try folder.read("n-00002-of-00003.gguf") == folder.read(Self.names[1]))
    let copy = try Checkpoint.open(folder.path("n-00001-of-00003.gguf"))
    let tensor = try #require(copy.tensor("c"))
    #expect(try copy.withBytes(of: tensor) { $0.allSatisfy { $0 == 9 } })
  }

  /// What is done to the parts, and the error.
  struct Broken: CustomTestStringConvertible {
    let testDescription: String
    let opened: Int
    let place: String
    let expected: String
    let change: @Sendable (ScratchFolder) throws -> Void

    init(
      _ name: String, opened: Int = 0, _ place: String, _ expected: String,
      change: @escaping @Sendable (ScratchFolder) throws -> Void
    ) {
      testDescription = name
      (self.opened, self.place, self.expected, self.change) = (opened, place, expected, change)
    }
  }

  static let broken = [
    Broken("second part named", opened: 1, "key \"split.no\"", "part 1 of 3") { _ in },
    Broken("order", "key \"split.no\"", "part 2 of 3") {
      _ = try $0.write(part(3, [("a", 0)]).bytes, names[1])
    },
    Broken("another count", "key \"split.count\"", "3, as in the first part") {
      _ = try $0.write(part(2, of: 2, [("a", 0)]).bytes, names[1])
    },
    Broken("a tensor too few", "key \"split.tensors.count\"", "2, as the parts hold") {
      _ = try $0.write(part(2, [("a", 0)]).bytes, names[1])
    },
    Broken("a name twice", "tensor \"c\"", "each name in one part") {
      _ = try $0.write(part(2, [("a", 0), ("c", 32)]).bytes, names[1])
    },
    Broken("part that is none", "", "a part of a GGUF model") {
      _ = try $0.write(safetensors("{}"), names[2])
    },
  ]

  @Test(arguments: broken)
  func brokenPartsAreRefused(_ broken: Broken) throws {
    let folder = try ScratchFolder()
    try Self.write(folder)
    try broken.change(folder)
    let error = #expect(throws: InputError.self) {
      try Checkpoint.open(folder.path(Self.names[broken.opened]))
    }
    #expect(error?.place == broken.place && error?.expected == broken.expected)
  }

  @Test func aMissingPartAndAnotherNameAreRefused() throws {
    let folder = try ScratchFolder()
    try Self.write(folder)
    let alone = folder.path("alone.gguf")
    _ = try folder.write(Self.part(1, []).bytes, "alone.gguf")
    let error = #expect(throws: InputError.self) { try Checkpoint.open(alone) }
    #expect(error?.place == "key \"split.count\"" && error?.found == "alone.gguf")
    #expect(
      error?.expected == "a file name that ends in -00001-of-00003.gguf, as its parts need")
    let writer = CheckpointWriter(try Checkpoint.open(folder.path(Self.names[0])))
    for name in ["out.gguf", "o-00001-of-00002.gguf", "o-00002-of-00003.gguf"] {
      let error = #expect(throws: InputError.self) { try writer.write(to: folder.path(name)) }
      #expect(error?.kind == .cannotCreate)
    }
    try FileManager.default.removeItem(atPath: folder.path(Self.names[2]))
    #expect(throws: InputError.self) { try Checkpoint.open(folder.path(Self.names[0])) }
  }
}

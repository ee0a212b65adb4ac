import Foundation
import Testing

@testable import FormatIO

private let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../fixtures").standardized.path

/// Every checkpoint among the fixtures.
private let checkpoints: [String] = {
  let files = FileManager.default.enumerator(atPath: fixtures)?.allObjects as? [String] ?? []
  return files.filter {
    $0.hasSuffix("/model.safetensors") || $0.hasSuffix(".gguf") && !$0.contains("-00002-of")
  }.sorted().map {
    $0.hasSuffix(".gguf") ? $0 : String($0.dropLast("/model.safetensors".count))
  }
}()

/// The files of a folder by name, or the one file.
private func contents(_ path: String) throws -> [String: Data] {
  var isFolder: ObjCBool = false
  #expect(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder))
  if let parts = GGUFParts(path) {
    return try Dictionary(
      uniqueKeysWithValues: (1...parts.count).map { number in
        ("\(number)", try Data(contentsOf: URL(filePath: parts.path(number))))
      })
  }
  guard isFolder.boolValue else { return ["": try Data(contentsOf: URL(filePath: path))] }
  return try Dictionary(
    uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: path).map { name in
      (name, try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    })
}

/// What belongs to a checkpoint, out of everything in its folder.
private func files(of path: String) throws -> [String: Data] {
  guard try Checkpoint.open(path).isFolder else { return try contents(path) }
  let names = try SideFiles(Checkpoint.open(path)).files.map(\.name)
  return try contents(path).filter { names.contains($0.key) }
}

/// Makes a patch, applies it, reverts it, and compares the files with both ends.
@discardableResult
private func roundTrip(
  _ base: String, _ target: String, in folder: ScratchFolder, hashesFiles: Bool = true,
  threads: Int = 2
) throws -> DeltaFile {
  let patch = folder.path("\(UUID().uuidString).ppd")
  _ = try DeltaMaker(
    base: Checkpoint.open(base), target: Checkpoint.open(target), tool: "test",
    hashesFiles: hashesFiles, threads: threads
  ).make(patch)
  let file = try DeltaFile(patch)
  func output(like side: DeltaIndex.Side) -> String {
    let ending =
      switch side.form {
      case .folder: ""
      case .file: "." + side.format
      case .parts: "-00001-of-0000\(side.files.count).gguf"
      }
    return folder.path(UUID().uuidString + ending)
  }
  let (forward, back) = (output(like: file.index.target), output(like: file.index.base))
  let result = try DeltaApplier(file, .apply, source: Checkpoint.open(base), threads: threads)
    .write(to: forward)
  let (made, wanted) = (try contents(forward), try files(of: target))
  #expect(made == wanted)
  let digests = try result.fileNames.map {
    try ContentDigest(
      file: file.index.target.form == .folder ? "\(forward)/\($0)" : folder.path($0))
  }
  #expect(result.digests == digests)
  for index in [file.index.base, file.index.target] {
    #expect(index.files.allSatisfy { $0.tensors.isEmpty || ($0.digest != nil) == hashesFiles })
  }
  try DeltaApplier(file, .revert, source: Checkpoint.open(forward), threads: threads)
    .write(to: back)
  let (reverted, original) = (try contents(back), try files(of: base))
  #expect(reverted == original)
  return file
}

@Suite("Patch files")
struct DeltaTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test("between a fixture and its patched copy", arguments: checkpoints)
  func fixture(_ name: String) throws {
    let source = try Checkpoint.open("\(fixtures)/\(name)")
    var writer = CheckpointWriter(source)
    for tensor in source.tensors where tensor.elementType.isPatchable && tensor.elementCount > 4 {
      let values = try source.readFloats(tensor)
      writer.replacements[tensor.name] = .init(tensor.elementType) { range in
        SyntheticCheckpoint.bytes(
          range.map { $0 % 3 == 0 ? values[$0] * 1.01 : values[$0] }, tensor.elementType)
      }
    }
    writer.metadata = { _ in [("panacea.note", "patched")] }
    let ending = source.isInParts ? String(name.suffix(20)) : name.hasSuffix(".gguf") ? ".gguf" : ""
    let target = folder.path("target" + ending)
    try writer.write(to: target)
    let patch = try roundTrip(source.path, target, in: folder)
    #expect(patch.index.base.content == (try source.contentDigest()))
    #expect(patch.index.target.content == (try Checkpoint.open(target).contentDigest()))
    // The same on both sides: nothing but headers and companions is in it.
    let same = try roundTrip(target, target, in: folder)
    #expect(same.index.tensors.allSatisfy { $0.kind == .same })
  }

  @Test("between models that have nothing in common, of either format")
  func unrelated() throws {
    try roundTrip("\(fixtures)/golden/gemma", "\(fixtures)/golden/gpt2", in: folder)
    let file = try #require(checkpoints.first { $0.hasSuffix(".gguf") })
    try roundTrip("\(fixtures)/golden/gemma", "\(fixtures)/\(file)", in: folder)
    try roundTrip("\(fixtures)/\(file)", "\(fixtures)/golden/gpt2", in: folder)
  }

  @Test("500 random changes, single and sharded, come back byte for byte")
  func random() throws {
    var random = SplitMix64(state: 7)
    for number in 0..<500 {
      let folder = try ScratchFolder()
      let base = SyntheticCheckpoint(using: &random)
      var target = base
      let change = SyntheticChange.allCases[number % SyntheticChange.allCases.count]
      change.apply(to: &target, using: &random)
      try roundTrip(
        base.write("base", in: folder, isSharded: number % 3 == 0),
        target.write("target", in: folder, isSharded: number % 2 == 0), in: folder,
        hashesFiles: number % 4 < 2, threads: [1, 2, 8][number % 3])
    }
  }

  @Test("a renamed tensor is found again, a converted one costs next to nothing")
  func kinds() throws {
    var random = SplitMix64(state: 3)
    let values = (0..<4096).map { _ in random.normal() }
    let names = ["a", "b", "c", "d", "e"]
    var base = SyntheticCheckpoint(using: &random)
    base.tensors = names.enumerated().map { number, name in
      .init(
        name: name, type: .bfloat16, shape: [64, 64],
        bytes: SyntheticCheckpoint.bytes(values.map { $0 + Float(number) }, .bfloat16))
    }
    var target = base
    target.tensors[0].name = "a2"
    target.tensors[1].type = .float32
    target.tensors[1].bytes = SyntheticCheckpoint.bytes(
      SyntheticCheckpoint.values(base.tensors[1]), .float32)
    target.tensors[2].shape = [32, 64]
    target.tensors[2].bytes.removeLast(4096)
    target.tensors[3].shape = [4096]
    target.tensors.remove(at: 4)
    let patch = try roundTrip(
      base.write("base", in: folder, isSharded: false),
      target.write("target", in: folder, isSharded: false), in: folder)
    let kinds = patch.index.tensors.map(\.kind)
    #expect(kinds == [.renamed, .converted, .changed, .renamed, .removed])
    #expect(patch.index.tensors[1].patchByteCount == 0)
  }

  @Test("100 random changes of types, blocks among them, come back byte for byte")
  func types() throws {
    var random = SplitMix64(state: 8)
    let types = ElementType.gguf.sorted { $0.key < $1.key }.map(\.value).filter(\.isWritable)
    for number in 0..<100 {
      let folder = try ScratchFolder()
      var base = SyntheticCheckpoint(using: &random)
      base.tensors = (0..<3).map { number in
        let shape = [Int.random(in: 1...9, using: &random), 256]
        let type = types.randomElement(using: &random) ?? .q8
        let values = (0..<shape[0] * 256).map { _ in 0.02 * random.normal() }
        return .init(
          name: "t\(number)", type: type, shape: shape,
          bytes: SyntheticCheckpoint.bytes(values, type))
      }
      var target = base
      for index in target.tensors.indices {
        let values = SyntheticCheckpoint.values(base.tensors[index])
        let type = types.randomElement(using: &random) ?? .q8
        target.tensors[index].type = type
        target.tensors[index].bytes = SyntheticCheckpoint.bytes(
          values.map { $0 + 2e-4 * random.normal() }, type)
        if number % 5 == 0 {
          // Any bytes, scales that are no numbers among them.
          target.tensors[index].bytes = target.tensors[index].bytes.map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
        }
      }
      let patch = try roundTrip(
        folder.write(base.gguf(), "base.gguf"), folder.write(target.gguf(), "target.gguf"),
        in: folder, threads: [1, 2, 8][number % 3])
      for tensor in patch.index.tensors {
        let (before, after) = (try #require(tensor.base), try #require(tensor.target))
        // Never more than both sides by themselves, whose payloads have at most a byte more.
        #expect(tensor.patchByteCount <= before.byteCount + after.byteCount + 4)
        if number % 5 > 0, ConvertedFrame.exists(before.elementType, after.elementType) {
          #expect(tensor.kind == .converted, "\(before.elementType) to \(after.elementType)")
        }
      }
    }
  }

  @Test("sides that have nothing to do with each other are stored")
  func unrelatedTypes() throws {
    var random = SplitMix64(state: 9)
    func tensor(_ type: ElementType, _ scale: Float) -> SyntheticCheckpoint.Tensor {
      let values = (0..<256 * 400).map { _ in scale * random.normal() }
      return .init(
        name: "t", type: type, shape: [400, 256], bytes: SyntheticCheckpoint.bytes(values, type))
    }
    var base = SyntheticCheckpoint(using: &random)
    base.tensors = [tensor(.bfloat16, 1)]
    var target = base
    target.tensors = [tensor(.q8, 1e-3)]
    let patch = try roundTrip(
      folder.write(base.gguf(), "base.gguf"), folder.write(target.gguf(), "target.gguf"),
      in: folder)
    #expect(patch.index.tensors.map(\.kind) == [.replaced])
  }

  @Test("applies to the same tensors in other shards, and with another header")
  func otherLayout() throws {
    var random = SplitMix64(state: 5)
    let base = SyntheticCheckpoint(using: &random)
    var target = base
    SyntheticChange.sparse.apply(to: &target, using: &random)
    let patch = folder.path("p.ppd")
    let targetPath = try target.write("target", in: folder, isSharded: false)
    _ = try DeltaMaker(
      base: Checkpoint.open(base.write("base", in: folder, isSharded: false)),
      target: Checkpoint.open(targetPath), tool: "test", threads: 2
    ).make(patch)
    var other = base
    other.metadata = "\"format\":\"pt\",\"note\":\"another header\""
    other.tensors.reverse()
    for isSharded in [false, true] {
      let source = try other.write("other", in: folder, isSharded: isSharded)
      let output = folder.path("out\(isSharded).safetensors")
      try DeltaApplier(DeltaFile(patch), .apply, source: Checkpoint.open(source), threads: 2)
        .write(to: output)
      let (made, wanted) = (try contents(output), try contents(targetPath))
      #expect(made == wanted)
    }
  }

  @Test("the same patch whatever the number of threads")
  func threads() throws {
    let patches = try [1, 2, 8].map { threads in
      let path = folder.path("p\(threads).ppd")
      _ = try DeltaMaker(
        base: Checkpoint.open("\(fixtures)/demo/aligned"),
        target: Checkpoint.open("\(fixtures)/demo/damaged"), tool: "test", threads: threads
      ).make(path)
      return try folder.read("p\(threads).ppd")
    }
    #expect(patches[0] == patches[1] && patches[0] == patches[2])
  }

  @Test("names the first tensor of the source that is wrong", arguments: [1, 2, 8])
  func firstWrong(threads: Int) throws {
    var random = SplitMix64(state: 9)
    var base = SyntheticCheckpoint(using: &random)
    // Sizes go up and down: neighbours are not hashed together.
    base.tensors = (10..<60).map { number in
      let count = 10 + 37 * number % 64
      return .init(
        name: "t\(number)", type: .bfloat16, shape: [count],
        bytes: (0..<2 * count).map { UInt8(truncatingIfNeeded: $0 * number) })
    }
    let patch = folder.path("p.ppd")
    let path = try base.write("base", in: folder, isSharded: false)
    _ = try DeltaMaker(
      base: Checkpoint.open(path), target: Checkpoint.open(path), tool: "test", threads: threads
    ).make(patch)
    for wrong in [[10], [13, 12, 19], [25, 26, 48], [59, 50], [59]] {
      var other = base
      for number in wrong { other.tensors[number - 10].bytes[3] ^= 1 }
      let source = try other.write("other", in: folder, isSharded: false)
      let error = try #require(
        inputError {
          try DeltaApplier(
            DeltaFile(patch), .apply, source: Checkpoint.open(source), threads: threads
          ).write(to: folder.path("out.safetensors"))
        })
      #expect(error.place == "tensor \"t\(wrong.min() ?? 0)\"")
      #expect(error.expected.hasPrefix("data of digest"))
    }
  }
}

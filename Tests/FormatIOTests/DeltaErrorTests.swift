import Foundation
import Testing

@testable import FormatIO

/// What becomes of patch files and checkpoints that do not fit, are damaged or lie.
@Suite("Patch files that must be refused")
struct DeltaErrorTests {
  let folder: ScratchFolder
  let base: String
  let target: String
  let patch: String

  init() throws {
    folder = try ScratchFolder()
    var (checkpoint, random) = Self.checkpoint()
    base = try checkpoint.write("base", in: folder, isSharded: true)
    for _ in 0..<3 { SyntheticChange.dense.apply(to: &checkpoint, using: &random) }
    target = try checkpoint.write("target", in: folder, isSharded: true)
    patch = folder.path("p.ppd")
    _ = try DeltaMaker(
      base: Checkpoint.open(base), target: Checkpoint.open(target), tool: "test", threads: 2
    ).make(patch)
  }

  /// Three tensors, and what random numbers come after them.
  static func checkpoint() -> (SyntheticCheckpoint, SplitMix64) {
    var random = SplitMix64(state: 11)
    var checkpoint = SyntheticCheckpoint(using: &random)
    checkpoint.tensors = (0..<3).map { number in
      .init(
        name: "t\(number)", type: .bfloat16, shape: [20, 30],
        bytes: SyntheticCheckpoint.bytes((0..<600).map { _ in random.normal() }, .bfloat16))
    }
    return (checkpoint, random)
  }

  func apply(
    _ direction: DeltaApplier.Direction = .apply, to source: String, _ patch: String? = nil,
    output: String = "out", overwrite: Bool = false, resumes: Bool = false,
    progress: (Int) throws -> Void = { _ in }
  ) throws {
    try DeltaApplier(
      DeltaFile(patch ?? self.patch), direction, source: Checkpoint.open(source), threads: 2
    ).write(
      to: folder.path(output), overwrite: overwrite, resumes: resumes, progress: progress)
  }

  func write(_ change: (inout SyntheticCheckpoint) -> Void) throws -> String {
    var (checkpoint, _) = Self.checkpoint()
    change(&checkpoint)
    return try checkpoint.write("other", in: folder, isSharded: true)
  }

  @Test("a checkpoint that is not the base: named by tensor, nothing written")
  func wrongBase() throws {
    let changes: [((inout SyntheticCheckpoint) -> Void, String, String)] = [
      ({ $0.tensors[1].bytes[7] ^= 1 }, "tensor \"t1\"", "data of digest"),
      ({ $0.tensors[2].shape = [30, 20] }, "tensor \"t2\"", "BF16 of shape [20, 30]"),
      ({ $0.tensors[0].type = .float16 }, "tensor \"t0\"", "BF16 of shape"),
      ({ $0.tensors[0].name = "x" }, "tensor \"t0\"", "a tensor of that name"),
      (
        {
          $0.tensors.append(.init(name: "more", type: .float32, shape: [1], bytes: [0, 0, 0, 0]))
        },
        "tensor \"more\"", "no such tensor"
      ),
    ]
    for (change, place, expected) in changes {
      let error = inputError { try apply(to: write(change)) }
      #expect(error?.kind == .malformed)
      #expect(error?.place == place)
      #expect(error?.expected.hasPrefix(expected) == true, "\(error?.expected ?? "")")
      #expect(error?.fix?.contains("is the base of") == true)
      #expect(try !folder.names().contains("out"))
    }
    let swapped = inputError { try apply(.revert, to: base) }
    #expect(swapped?.fix?.contains("is the target of") == true)
  }

  @Test("a companion that is another one, or missing")
  func companions() throws {
    // The same configuration on both sides is not in the patch: it is taken from the folder.
    let config = base + "/config.json"
    try Data("{}".utf8).write(to: URL(filePath: config))
    let error = inputError { try apply(to: base) }
    #expect(error?.file == config && error?.fix?.contains("as they were") == true)
    try FileManager.default.removeItem(atPath: config)
    #expect(inputError { try apply(to: base) }?.kind == .missing)
    #expect(try !folder.names().contains("out"))
  }

  @Test("every flipped bit is an error, and nothing is written")
  func flippedBits() throws {
    let bytes = try folder.read("p.ppd")
    var random = SplitMix64(state: 2)
    let places =
      Array(0..<24) + Array(bytes.count - 64..<bytes.count)
      + (0..<200).map { _ in Int.random(in: bytes.indices, using: &random) }
    for place in places {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      let path = try folder.write(damaged, "damaged.ppd")
      let error = inputError { try apply(to: base, path) }
      #expect(error != nil, "byte \(place) of \(bytes.count)")
      #expect(try !folder.names().contains("out"), "byte \(place)")
    }
  }

  @Test("a file that is cut off anywhere")
  func truncated() throws {
    let bytes = try folder.read("p.ppd")
    for count in [0, 7, 8, 24, 87, 88, bytes.count / 2, bytes.count - 1] {
      let path = try folder.write(Array(bytes.prefix(count)), "cut.ppd")
      let error = inputError { _ = try DeltaFile(path) }
      #expect(error?.kind == .malformed && error?.file == path, "\(count) bytes")
    }
  }

  @Test("a later version, an unknown feature, an index that claims to be huge")
  func head() throws {
    func refused(_ place: Int, _ value: UInt8) throws -> InputError? {
      var bytes = try folder.read("p.ppd")
      bytes[place < 0 ? bytes.count + place : place] = value
      let path = try folder.write(bytes, "head.ppd")
      return inputError { _ = try DeltaFile(path) }
    }
    #expect(try refused(8, 2)?.found == "version 2")
    #expect(try refused(16, 4)?.found == "feature bits 0x4")
    #expect(try refused(23, 1)?.fix == "use a newer panacea-patch")
    #expect(try refused(-64 + 16 + 5, 1)?.expected == "at most 67108864 bytes")
    #expect(try refused(-64 + 2, 9)?.place == "the last 64 bytes")
  }

  /// The same patch with another text in its index, its digests right.
  private func lying(_ name: String = "p.ppd", _ change: (String) -> String) throws -> String {
    let file = try DeltaFile(folder.path(name))
    let bytes = try folder.read(name)
    let text = String(decoding: file.index.text, as: UTF8.self)
    let changed = change(text)
    #expect(changed != text)
    let path = folder.path("lying.ppd")
    let writer = try DeltaFileWriter(path)
    let offset = Int(
      bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: bytes.count - 64, as: UInt64.self)
      })
    try writer.append(Array(bytes[24..<offset]))
    try writer.finish(text: Array(changed.utf8))
    return path
  }

  @Test(
    "names that lead elsewhere", arguments: ["../x", "/etc/x", "a/b", "", ".", "..", "a\\u0000b"])
  func names(_ name: String) throws {
    let path = try lying { $0.replacingOccurrences(of: "config.json", with: name) }
    let error = inputError { _ = try DeltaFile(path) }
    #expect(error?.expected == "a plain file name")
  }

  @Test("claims that cannot be")
  func claims() throws {
    let claims: [(String, String, String)] = [
      ("\"lengths\":[", "\"lengths\":[999999999,", "1 frames for 600 elements"),
      ("\"shape\":[20,30]", "\"shape\":[20,9223372036854775807]", "whole blocks"),
      ("\"shape\":[20,30]", "\"shape\":[20,-30]", "whole numbers from 0"),
      ("\"dtype\":\"BF16\"", "\"dtype\":\"BF17\"", "an element type"),
      ("\"form\":\"folder\"", "\"form\":\"tape\"", "file, parts or folder"),
      ("\"form\":\"folder\"", "\"form\":\"file\"", "as many as a file has"),
      ("\"schema\":\"panacea-patch/delta/1\"", "\"schema\":\"x\"", "panacea-patch/delta/1"),
      ("\"offset\":24", "\"offset\":99999999", "data between bytes 24 and"),
      ("\"offset\":24", "\"offset\":-1", "a whole number from 0"),
      ("\"tensors\":[[0,", "\"tensors\":[[7,", "pairs of a tensor"),
      ("\"same\":", "\"same\":77,\"x\":", "a file of the other side"),
      ("\"same\":2", "\"same\":0", "that of file 0 of the other side"),
      ("\"format\":\"safetensors\"", "\"format\":\"x\"", "safetensors or gguf"),
      (
        "\"content_sha256\":\"",
        "\"content_sha256\":\"\(String(repeating: "0", count: 64))\",\"x\":\"",
        "as its tensors have"
      ),
      ("\"residual\":", "\"forward\":{},\"residual\":", "one way to change"),
      ("\"name\":\"t1\"", "\"name\":\"t0\"", "names that differ"),
    ]
    for (old, new, expected) in claims {
      let path = try lying { text in
        text.range(of: old).map { text.replacingCharacters(in: $0, with: new) } ?? text
      }
      let error = inputError { _ = try DeltaFile(path) }
      #expect(
        error?.expected.contains(expected) == true, "\(old): \(error.map { "\($0)" } ?? "none")")
    }
  }

  @Test("a format that the files do not have")
  func formats() throws {
    // BF16 is a type of both formats.
    let (old, new) = ("\"format\":\"safetensors\"", "\"format\":\"gguf\"")
    let both = try lying { $0.replacingOccurrences(of: old, with: new) }
    for (direction, source, side) in [
      (DeltaApplier.Direction.apply, base, "base"), (.revert, target, "target"),
    ] {
      let error = inputError { try apply(direction, to: source, both) }
      #expect(error?.file == source && error?.found == "safetensors")
      #expect(error?.expected == "a checkpoint of format gguf")
      #expect(error?.fix?.contains("is the \(side) of") == true)
    }
    // Only that of the result, which comes second.
    let one = try lying { text in
      text.range(of: old, options: .backwards).map {
        text.replacingCharacters(in: $0, with: new)
      } ?? text
    }
    let error = inputError { try apply(to: base, one) }
    #expect(error?.file == one && error?.expected == "one of gguf, as the index says")
    #expect(error?.place == "header of \"model-00001-of-00002.safetensors\"")
    #expect(try folder.names().allSatisfy { !$0.contains("out") })
  }

  @Test("conversions that there are not")
  func conversions() throws {
    // The first residual becomes both ways of a conversion; its target has another type.
    func refused(_ type: String, shape: String = "[20,30]") throws -> InputError? {
      let path = try lying { text in
        var text = text
        if let residual = text.range(of: "\"residual\":") {
          text.replaceSubrange(residual, with: "\"backward\":{},\"forward\":")
          let side = text.range(
            of: "\"dtype\":\"BF16\",\"shape\":[20,30]", options: .backwards,
            range: text.startIndex..<residual.lowerBound)
          if let side {
            text.replaceSubrange(side, with: "\"dtype\":\"\(type)\",\"shape\":\(shape)")
          }
        }
        return text
      }
      return inputError { _ = try DeltaFile(path) }
    }
    for type in ["BF16", "I16", "U16", "F8_E4M3"] {
      let error = try refused(type)
      #expect(error?.place.hasPrefix("tensor ") == true)
      #expect(error?.expected == "two types that are converted into each other")
      #expect(error?.found == "BF16 and \(type)")
    }
    for (type, count) in [("IQ4_NL", 32), ("TQ2_0", 256), ("Q8_1", 32), ("IQ2_XXS", 256)] {
      // As many numbers come first.
      let error = try refused(type, shape: "[\(count)]")
      #expect(error?.expected == "600 numbers on both sides")
      #expect(error?.found == "\(count) in the target")
      let named = ElementType.gguf.values.first { $0.name == type }
      #expect(named.map { ConvertedFrame.exists($0, .q8) } == false)
    }
  }

  @Test("an index with a list of millions")
  func longIndex() throws {
    let zeros = String(repeating: "0,", count: DeltaFile.commaLimit + 1)
    let path = try lying {
      $0.replacingOccurrences(of: "\"tool\":", with: "\"x\":[\(zeros)0],\"tool\":")
    }
    let error = inputError { _ = try DeltaFile(path) }
    #expect(error?.expected == "at most 4194304 commas")
  }

  @Test("a frame that is longer than what it stands for")
  func oversizeFrame() throws {
    let lengths = try DeltaFile(patch).index.tensors.flatMap {
      $0.change.streams.flatMap(\.lengths)
    }
    let length = try #require(lengths.first)
    let path = try lying {
      $0.replacingOccurrences(of: "\"lengths\":[\(length)]", with: "\"lengths\":[1300]")
    }
    let error = inputError { _ = try DeltaFile(path) }
    #expect(error?.expected == "at most 1264 bytes for 600 elements")
  }

  @Test("an output that exists, is the source, or is of another kind")
  func destinations() throws {
    try folder.makeFolder("full")
    try folder.write([1], "full/notes.txt")
    #expect(inputError { try apply(to: base, output: "full") }?.kind == .cannotCreate)
    let lost = inputError { try apply(to: base, output: "full", overwrite: true) }
    #expect(lost?.found.contains("notes.txt") == true)
    let itself = inputError { try apply(to: base, output: "base", overwrite: true) }
    #expect(itself?.found == "the input itself")
    let other = inputError { try apply(to: base, output: "out.safetensors") }
    #expect(other?.expected == "a folder, as the result is one")
    let maker = inputError { try DeltaMaker.checkDestination(patch, overwrite: false) }
    #expect(maker?.fix == "use --overwrite or choose another path")
    #expect(inputError { try DeltaMaker.checkDestination("x.bin", overwrite: false) } != nil)
  }

  @Test("without the digests of files, those of tensors and headers are compared")
  func withoutFileDigests() throws {
    let path = folder.path("short.ppd")
    let index = try DeltaMaker(
      base: Checkpoint.open(base), target: Checkpoint.open(target), tool: "test",
      hashesFiles: false, threads: 2
    ).make(path)
    let changed = index.tensors.first { $0.base?.digest != $0.target?.digest }
    let right = try #require(changed?.target)
    let wrong = ContentDigest(UnsafeRawBufferPointer(start: nil, count: 0))
    let stored = DeltaIndex.Stored(
      name: right.name, elementType: right.elementType, shape: right.shape,
      elementCount: right.elementCount, digest: wrong)
    let content = DeltaIndex.content(
      of: index.tensors.map { $0.target?.name == right.name ? stored : $0.target })
    let liar = try lying("short.ppd") { text in
      text.replacingOccurrences(of: right.digest.description, with: wrong.description)
        .replacingOccurrences(
          of: index.target.content.description, with: content.description)
    }
    let names = try folder.names()
    let error = inputError { try apply(to: base, liar) }
    #expect(error?.place == "tensor \(right.name.quoted)")
    #expect(error?.expected == "a result of digest \(wrong)")
    #expect(error?.found == "\(right.digest)")
    #expect(try folder.names() == names)
    // What an earlier run left counts if it is right.
    try apply(to: base, path, output: "whole")
    let shard = "model-00001-of-00002.safetensors"
    for (name, isDamaged) in [("kept", false), ("damaged", true)] {
      try folder.makeFolder("\(name).partial")
      var bytes = try folder.read("whole/\(shard)")
      bytes[bytes.count / 2] ^= isDamaged ? 1 : 0
      try folder.write(bytes, "\(name).partial/\(shard)")
      let file = folder.path("\(name).partial/\(shard)")
      let inode = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
      try apply(to: base, path, output: name, resumes: true)
      let again =
        try FileManager.default.attributesOfItem(atPath: folder.path("\(name)/\(shard)"))[
          .systemFileNumber] as? Int
      #expect((inode == again) == !isDamaged)
      #expect(try folder.read("\(name)/\(shard)") == folder.read("target/\(shard)"))
    }
  }
}

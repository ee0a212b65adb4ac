import Foundation
import Testing

@testable import FormatIO

/// What becomes of patch files that claim more than there is, or hide one thing in another.
@Suite("Patch files that claim too much")
struct DeltaLimitsTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  // MARK: Made-up patch files

  private static func digest(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { ContentDigest($0) }.description
  }

  /// The rest of a file; of no bytes unless others are named.
  private static func rest(_ blob: [UInt8], of bytes: Int = 0, _ digest: String? = nil) -> String {
    let check = blob.withUnsafeBytes { DeltaCheck($0) }.hexadecimal
    return "{\"bytes\":\(bytes),\"sha256\":\"\(digest ?? Self.digest([]))\",\"offset\":24,"
      + "\"length\":\(blob.count),\"check\":\"\(check)\"}"
  }

  private static func file(
    _ name: String, _ bytes: Int, _ rest: String, tensors: String = ""
  ) -> String {
    "{\"name\":\"\(name)\",\"bytes\":\(bytes),\"sha256\":\"\(digest([]))\",\"tensors\":[\(tensors)],"
      + "\"rest\":\(rest)}"
  }

  private static func side(
    _ files: [String], form: String = "folder", format: String = "safetensors",
    _ tensors: [DeltaIndex.Stored?] = []
  ) -> String {
    "{\"form\":\"\(form)\",\"format\":\"\(format)\",\"content_sha256\":"
      + "\"\(DeltaIndex.content(of: tensors))\",\"files\":[\(files.joined(separator: ","))]}"
  }

  private static func index(
    base: String, target: String, tensors: String = "", more: String = ""
  ) -> String {
    "{\"schema\":\"\(DeltaIndex.schema)\",\"tool\":\"t\",\(more)\"base\":\(base),"
      + "\"target\":\(target),\"tensors\":[\(tensors)]}"
  }

  /// A patch file between two empty folders.
  private static func nothing(_ blob: [UInt8], more: String = "") -> String {
    let side = side([file("a", 0, rest(blob))])
    let other = side.replacingOccurrences(of: rest(blob), with: rest([]))
    return index(base: side, target: other, more: more)
  }

  private func write(_ text: String, data: [UInt8] = []) throws -> String {
    let path = folder.path("made-up.ppd")
    let writer = try DeltaFileWriter(path)
    try writer.append(data)
    try writer.finish(text: Array(text.utf8))
    return path
  }

  private func error(_ text: String, data: [UInt8] = []) throws -> InputError? {
    let path = try write(text, data: data)
    return inputError { _ = try DeltaFile(path) }
  }

  // MARK: Zstandard

  @Test("an index of several Zstandard frames")
  func indexOfFrames() throws {
    let text = Array(Self.nothing([]).utf8)
    #expect(try error(Self.nothing([])) == nil)
    let half = text.count / 2
    let parts = try [Array(text[..<half]), Array(text[half...])].map { try Zstd.compress($0) }
    let path = folder.path("parts.ppd")
    let writer = try DeltaFileWriter(path)
    try writer.finish(packed: parts[0] + parts[1], count: text.count)
    let error = inputError { _ = try DeltaFile(path) }
    #expect(error?.place == "index" && error?.expected == "one Zstandard frame")
  }

  @Test("a blob or a stored piece of several Zstandard frames, or with one that is skipped")
  func blobOfFrames() throws {
    let (one, none) = (try Zstd.compress([1, 2, 3]), try Zstd.compress([]))
    let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]
    for blob in [none + none, none + skipped, skipped + none, skipped, none + [0]] {
      let patch = try DeltaFile(try write(Self.nothing(blob), data: blob))
      let file = patch.index.base.files[0]
      guard case .stored(let place, _) = file.rest.form else {
        Issue.record("no blob")
        continue
      }
      let error = inputError { _ = try patch.rest(file.rest, place, prefix: [], name: "a") }
      #expect(error?.expected == "one Zstandard frame", "\(blob)")
    }
    for payload in [one + none, none + one, one + skipped, skipped + one] {
      var result: [UInt8] = [0, 0, 0]
      #expect(throws: DeltaFrameFault(expected: "one Zstandard frame", found: "another thing")) {
        try ([3] + payload).withUnsafeBytes { payload in
          try result.withUnsafeMutableBytes {
            try DeltaFrame.decodeStored(payload, type: .int8, into: $0)
          }
        }
      }
    }
  }

  // MARK: Room

  @Test("room on a disk is compared with what is wanted")
  func room() throws {
    let room = DiskRoom(free: 99)
    #expect(throws: Never.self) { try room.require(99, for: "x", file: "f", fix: "") }
    let error = inputError { try room.require(100, for: "the result", file: "f", fix: "wait") }
    #expect(error?.kind == .inputOutput && error?.file == "f" && error?.found == "99")
    #expect(error?.expected == "100 bytes free for the result" && error?.fix == "wait")
    #expect(try DiskRoom(of: folder.path).free > 0)
    let missing = inputError { _ = try DiskRoom(of: folder.path("none")) }
    #expect(missing?.kind == .inputOutput && missing?.found == "No such file or directory")
  }

  @Test("a result that is larger than the disk is refused before anything is hashed")
  func largeResult() throws {
    // Each file is the rest of the only one of the base once more, which the patch claims to hold.
    let size = 128 << 20
    let same = "{\"bytes\":\(size),\"sha256\":\"\(Self.digest([1]))\",\"same\":0}"
    let text = Self.index(
      base: Self.side([Self.file("a", size, Self.rest([9], of: size, Self.digest([1])))]),
      target: Self.side((0..<10_000).map { Self.file("f\($0)", size, same) }))
    let patch = try DeltaFile(write(text, data: [9]))
    var random = SplitMix64(state: 1)
    let source = try SyntheticCheckpoint(using: &random)
      .write("source", in: folder, isSharded: true)
    let applier = DeltaApplier(patch, .apply, source: try Checkpoint.open(source), threads: 1)
    let error = inputError {
      try applier.write(to: folder.path("out")) { _ in Issue.record("something was done") }
    }
    #expect(error?.kind == .inputOutput && error?.file == folder.path("out"))
    #expect(error?.expected == "\(10_000 * size) bytes free for the result")
    #expect(try !folder.names().contains("out"))
  }

  // MARK: Claims

  @Test("sizes that add up to more than a number holds")
  func sums() throws {
    let half = DeltaIndex.Stored(
      name: "t", elementType: .int8, shape: [1 << 62], elementCount: 1 << 62,
      digest: ContentDigest(UnsafeRawBufferPointer(start: nil, count: 0)))
    let other = DeltaIndex.Stored(
      name: "u", elementType: .int8, shape: [1 << 62], elementCount: 1 << 62, digest: half.digest)
    let tensors = [half, other].map { stored in
      let json =
        "{\"name\":\"\(stored.name)\",\"dtype\":\"I8\",\"shape\":[\(1 << 62)],"
        + "\"sha256\":\"\(stored.digest)\"}"
      return "{\"base\":\(json),\"target\":\(json)}"
    }.joined(separator: ",")
    let files = (0..<2).map {
      Self.file("f\($0)", 1 << 62, Self.rest([]), tensors: "[\($0),0]")
    }
    let side = Self.side(files, [half, other])
    let found = try error(Self.index(base: side, target: side, tensors: tensors))
    #expect(found?.place == "base, files" && found?.expected == "together less than 2^63 bytes")
  }

  @Test("a type that the format does not have, parts of safetensors")
  func formats() throws {
    func refused(_ type: ElementType, _ format: String) throws -> InputError? {
      let stored = DeltaIndex.Stored(
        name: "t", elementType: type, shape: [0], elementCount: 0,
        digest: ContentDigest(UnsafeRawBufferPointer(start: nil, count: 0)))
      let json =
        "{\"name\":\"t\",\"dtype\":\"\(type)\",\"shape\":[0],\"sha256\":\"\(stored.digest)\"}"
      let side = Self.side(
        [Self.file("a", 0, Self.rest([]), tensors: "[0,0]")], format: format, [stored])
      return try error(
        Self.index(base: side, target: side, tensors: "{\"base\":\(json),\"target\":\(json)}"))
    }
    #expect(try refused(.q8, "gguf") == nil)
    #expect(try refused(.bfloat16, "safetensors") == nil)
    let wrong = try refused(.q8, "safetensors")
    #expect(wrong?.place == "base, tensor \"t\"" && wrong?.expected == "a type of safetensors")
    #expect(wrong?.found == "Q8_0")
    let bool = try #require(ElementType(safetensors: "BOOL"))
    #expect(try refused(bool, "gguf")?.expected == "a type of gguf")
    let files = ["a", "b"].map { Self.file($0, 0, Self.rest([])) }
    let parts = try error(
      Self.index(base: Self.side(files, form: "parts"), target: Self.side(files)))
    #expect(parts?.expected == "gguf, which alone comes in parts")
  }

  @Test("an object with too many members, one that comes twice, text that is no JSON")
  func members() throws {
    func object(_ count: Int) -> String {
      "\"x\":{" + (0..<count).map { "\"\($0)\":[{}]" }.joined(separator: ",") + "},"
    }
    #expect(try error(Self.nothing([], more: object(1000))) == nil)
    #expect(try error(Self.nothing([], more: object(1001)))?.expected == "at most 1000 members")
    let twice = try error(Self.nothing([], more: "\"x\":[{\"a\":1,\"a\":2}],"))
    #expect(twice?.found == "\"a\" again" && twice?.file.hasSuffix("made-up.ppd (index)") == true)
    for text in ["\"x\":[1 2],", "\"x\":01,", "\"x\":{]},", "\"x\":\"\\ud800\",", "\"x\":[[],"] {
      #expect(try error(Self.nothing([], more: text))?.place.hasPrefix("byte ") == true, "\(text)")
    }
    let tool = Self.nothing([]).replacingOccurrences(
      of: "\"t\"", with: "\"\(String(repeating: "t", count: 1001))\"")
    #expect(try error(tool)?.expected == "at most 1000 bytes")
    #expect(try error(Self.nothing([]) + "x")?.expected == "the end of the text")
  }
}

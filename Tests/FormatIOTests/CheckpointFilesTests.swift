import Foundation
import Testing

@testable import FormatIO

/// Are all files of a checkpoint listed, and are their digests those of the bytes on disk?
struct CheckpointFilesTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  @Test func partsOfAModelAreAllListed() throws {
    let first = Self.fixtures.appending(path: "gguf/untied-00001-of-00002.gguf").path
    let names = ["untied-00001-of-00002.gguf", "untied-00002-of-00002.gguf"]
    #expect(try Checkpoint.writtenFiles(first).map(\.name) == names)
    #expect(try Checkpoint.open(first).files(with: ["no-such-file.json"]).map(\.name) == names)
  }

  @Test func aFolderHasItsWeightsAndWhatIsBesideThem() throws {
    let folder = Self.fixtures.appending(path: "demo/damaged").path
    let names = [
      "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors",
      "tokenizer.json", "tokenizer_config.json",
    ]
    #expect(try Checkpoint.open(folder).files(with: []).map(\.name) == names)
    #expect(try Checkpoint.writtenFiles(folder).map(\.name) == names)
    // The file alone has only what belongs to it by name.
    let file = try Checkpoint.open(folder + "/model.safetensors")
    let few = ["config.json", "model.safetensors"]
    #expect(try file.files(with: ["config.json", "vocab.json"]).map(\.name) == few)
  }

  /// More than one piece, and none: the digest is that of the file as a whole.
  @Test(arguments: [0, 1, (8 << 20) + 1])
  func aFileIsHashedPieceByPiece(_ count: Int) throws {
    let path = NSTemporaryDirectory() + "hash-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try bytes.write(to: URL(filePath: path))
    var seen = 0
    let digest = try ContentDigest(MappedFile(path)) { seen += $0 }
    #expect(digest == Array(bytes).withUnsafeBytes { ContentDigest($0) })
    #expect(seen == count)
  }

  @Test func aFileThatChangedIsAnError() throws {
    let path = NSTemporaryDirectory() + "hash-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([1, 2, 3]).write(to: URL(filePath: path))
    let file = try MappedFile(path)
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.truncate(atOffset: 2)
    let error = #expect(throws: InputError.self) { try ContentDigest(file) { _ in } }
    #expect(error?.kind == .inputOutput)
  }
}

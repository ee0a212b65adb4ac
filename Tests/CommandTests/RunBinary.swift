import Foundation
import Testing

/// What the program did: its output, its messages and its exit code.
struct BinaryRun {
  let output: String
  let messages: String
  let status: Int32
}

/// Runs the debug build of the program with stdin closed.
///
/// The child gets only the variables named here, so the caller's environment decides nothing.
///
/// - Parameter device: where stdout goes instead of into the result, such as `/dev/full`.
func runBinary(
  _ arguments: String..., environment: [String: String] = [:], output device: String? = nil
) throws -> BinaryRun {
  let folder = try TemporaryFolder()
  let process = Process()
  let program: URL = try #require(binary, "run `swift build --product panacea-patch` first")
  process.executableURL = program
  process.arguments = arguments
  process.environment = environment
  process.standardInput = FileHandle.nullDevice
  // Files, not pipes: a full pipe would block the program while nobody reads it.
  let output = try folder.create("output")
  let messages = try folder.create("messages")
  process.standardOutput = try FileHandle(
    forWritingTo: device.map { URL(filePath: $0) } ?? output)
  process.standardError = try FileHandle(forWritingTo: messages)
  try process.run()
  process.waitUntilExit()
  return BinaryRun(
    output: try String(contentsOf: output, encoding: .utf8),
    messages: try String(contentsOf: messages, encoding: .utf8),
    status: process.terminationStatus)
}

/// The root of the package.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// The program, beside the test bundle or in the usual build folder.
private let binary: URL? = {
  let bundleFolders = [Bundle.main.bundleURL, URL(filePath: CommandLine.arguments[0])]
    .flatMap { [$0, $0.deletingLastPathComponent()] }
  let folders = bundleFolders + [packageRoot.appending(path: ".build/debug")]
  return folders.lazy.map { $0.appending(path: "panacea-patch") }.first { url in
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: url.path)
  }
}()

/// A folder that is removed with the last reference to it.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "panacea-patch-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// Writes a file and gives its place.
  @discardableResult
  func create(_ name: String, _ bytes: [UInt8] = []) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }
}

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
/// - Parameters:
///   - device: where stdout goes instead of into the result, such as `/dev/full`.
///   - fileSizeLimit: the largest file it may write, in bytes; stands in for a full disk.
func runBinary(
  _ arguments: [String], environment: [String: String] = [:], output device: String? = nil,
  fileSizeLimit: Int? = nil
) throws -> BinaryRun {
  let folder = try TemporaryFolder()
  let process = try process(arguments, environment: environment)
  if let fileSizeLimit, let program = process.executableURL?.path {
    // The shell counts in blocks of 512 bytes.
    process.arguments =
      ["-c", "ulimit -f \(fileSizeLimit / 512) && exec \"$0\" \"$@\"", program] + arguments
    process.executableURL = URL(filePath: "/bin/sh")
  }
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

/// The same with the arguments one by one.
func runBinary(
  _ arguments: String..., environment: [String: String] = [:], output device: String? = nil
) throws -> BinaryRun {
  try runBinary(arguments, environment: environment, output: device)
}

/// Runs the program, interrupts it as soon as it has said `text`, and gives its exit code.
func interruptedBinary(after text: String, arguments: [String]) throws -> Int32 {
  let process = try process(arguments, environment: [:])
  let pipe = Pipe()
  process.standardOutput = FileHandle.nullDevice
  process.standardError = pipe
  try process.run()
  var said = ""
  while !said.contains(text) {
    let part = pipe.fileHandleForReading.availableData
    if part.isEmpty { break }
    said += String(decoding: part, as: UTF8.self)
  }
  process.interrupt()
  _ = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus
}

private func process(_ arguments: [String], environment: [String: String]) throws -> Process {
  let process = Process()
  let program: URL = try #require(
    builtBinary(), "run `swift build --product panacea-patch` first")
  process.executableURL = program
  process.arguments = arguments
  process.environment = environment
  process.standardInput = FileHandle.nullDevice
  return process
}

/// The root of the package.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// The program, beside the test bundle or in the usual build folder.
private func builtBinary() -> URL? {
  let bundleFolders = [Bundle.main.bundleURL, URL(filePath: CommandLine.arguments[0])]
    .flatMap { [$0, $0.deletingLastPathComponent()] }
  let folders = bundleFolders + [packageRoot.appending(path: ".build/debug")]
  return folders.lazy.map { $0.appending(path: "panacea-patch") }.first { url in
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: url.path)
  }
}

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

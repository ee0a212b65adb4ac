import FormatIO
import Foundation

/// The digests that a statement gives, by name.
func digests(_ resources: JSON?) -> [String: String?] {
  Dictionary(
    (resources?.array ?? []).map { ($0["name"]?.string ?? "", $0["digest"]?["sha256"]?.string) },
    uniquingKeysWith: { first, _ in first })
}

/// What a statement says that its subjects were made from; of one role, or all.
func materials(_ statement: JSON, _ role: String? = nil) -> JSON {
  let all = statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]?.array ?? []
  return .array(all.filter { role == nil || $0["annotations"]?["role"]?.string == role })
}

/// What sha256sum says of the files in a folder.
func sha256Sums(_ folder: URL) throws -> [String: String?] {
  var sums: [String: String?] = [:]
  for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
    sums[name] = try sha256Sum(folder.appending(path: name))
  }
  return sums
}

/// What sha256sum says of a file.
func sha256Sum(_ file: URL) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["sha256sum"]
  process.standardInput = try FileHandle(forReadingFrom: file)
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return String(text.prefix(64))
}

import FormatIO
import Foundation

/// The file that `--report` names.
enum ReportFile {
  /// Checks before the long work that the file can be written at its end.
  static func check(_ path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw InputError(
        .cannotCreate, file: path, expected: "a folder that can be written to",
        found: "none at \(folder)")
    }
  }

  /// Writes a JSON document, all or nothing.
  static func write(_ json: JSON, to path: String) throws {
    let text = json.encoded(indented: true) + "\n"
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw InputError(
        .cannotCreate, file: path, expected: "to write the report",
        found: error.localizedDescription)
    }
  }
}

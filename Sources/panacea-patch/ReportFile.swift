import FormatIO
import Foundation
import Perturb

/// The file that `--report` names; how its name ends decides what it holds.
enum ReportFile {
  /// How such a name may end.
  static let extensions = [".html", ".json"]

  /// Checks before the long work that the file can be written at its end.
  static func check(_ path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw InputError(
        .cannotCreate, file: path, expected: "a folder that can be written to",
        found: "none at \(folder)")
    }
  }

  /// Writes a page to read or a JSON document, all or nothing.
  static func write(_ report: RepairReport, to path: String) throws {
    let text = path.hasSuffix(".html") ? report.html : report.json.encoded(indented: true) + "\n"
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw InputError(
        .cannotCreate, file: path, expected: "to write the report",
        found: error.localizedDescription)
    }
  }
}

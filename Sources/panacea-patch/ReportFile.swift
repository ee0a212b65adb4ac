import FormatIO
import Foundation

/// The file that `--report` names.
enum ReportFile {
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

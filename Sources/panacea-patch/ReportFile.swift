import ArgumentParser
import FormatIO
import Foundation

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

  /// The path as it was given, if it ends as it should.
  static func path(_ path: String) throws -> String {
    let ending = extensions.first(where: path.hasSuffix)
    guard let ending, path.utf8.count > ending.utf8.count else {
      throw ValidationError(
        "expected a file name that ends in " + extensions.joined(separator: " or "))
    }
    return path
  }

  /// Writes a page to read or a JSON document, all or nothing.
  static func write(
    page: @autoclosure () -> String, json: @autoclosure () -> JSON, to path: String
  ) throws {
    let text = path.hasSuffix(".html") ? page() : json().encoded(indented: true) + "\n"
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw InputError(
        .cannotCreate, file: path, expected: "to write the report",
        found: error.localizedDescription)
    }
  }
}

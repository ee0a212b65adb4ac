import ArgumentParser
import FormatIO
import Foundation

/// A file beside the output: the one that `--report` names, whose ending decides what it holds, and those about
/// provenance.
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
    var isFolder: ObjCBool = false
    guard
      !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue
    else {
      throw InputError(
        .cannotCreate, file: path, expected: "the name of a file", found: "a folder",
        fix: "add a file name")
    }
  }

  /// Refuses what cannot be the name of a file.
  static func checkName(_ path: String, of option: String) throws {
    if path.isEmpty || path.hasSuffix("/") {
      throw ValidationError("expected the name of a file with \(option), found '\(path)'")
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
    try write(path.hasSuffix(".html") ? page() : json().encoded(indented: true) + "\n", to: path)
  }

  /// Writes a text, all or nothing.
  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw InputError(
        .cannotCreate, file: path, expected: "to write it",
        found: error.localizedDescription)
    }
  }
}

import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Where the statement goes.
struct StatementOption: ParsableArguments {
  static let name = "--statement"

  @Option(
    name: .customLong("statement"),
    help: ArgumentHelp(
      "Also write an in-toto statement: digests of what is written and of all it was made from, ready to be signed.",
      valueName: "file"))
  var path: String?

  func validate() throws {
    if let path { try ReportFile.checkName(path, of: StatementOption.name) }
  }

  /// Checks before the work that the statement can be written after it.
  func check(_ places: TakenPlaces) throws {
    if let path { try places.check([(StatementOption.name, path)]) }
  }

  /// Writes the statement, if one was asked for; the line of progress counts the bytes that are hashed for it.
  func write(
    hashing total: Int, console: Console,
    _ statement: (_ progress: (Int) throws -> Void) throws -> Statement
  ) throws {
    guard let path else { return }
    var progress = ByteProgress("hashing", total: total, console: console)
    let text = try statement { progress.advance(by: $0) }.text
    progress.finish()
    try ReportFile.write(text, to: path)
  }
}

/// What the files about an output must leave alone.
struct TakenPlaces {
  /// Files and folders that are read.
  var inputs: [String]
  /// Files that are written, and the folder if it is one.
  var outputs: [String]
  /// The output, if it is a folder.
  var outputFolder: String?

  /// Checks before the long work that the files can be written at its end.
  ///
  /// - Throws: `InputError` if one would replace an input, or be part of what it is about, or cannot be written.
  func check(_ files: [(option: String, path: String)]) throws {
    let folders = Set(inputs.filter { FileManager.default.isFolder($0) }.map(Self.resolved))
    var taken = Set((inputs + outputs).map(Self.resolved))
    for (option, path) in files {
      let file = Self.resolved(path)
      let folder = URL(filePath: file).deletingLastPathComponent().path
      guard !taken.contains(file), !folders.contains(folder) else {
        throw InputError(
          .usage, file: path, place: option, expected: "a file of its own",
          found: "an input or another output", fix: "choose another path")
      }
      taken.insert(file)
      guard let outputFolder, folder == Self.resolved(outputFolder) else {
        try ReportFile.check(path)
        continue
      }
      guard option == ProvenanceOptions.cardOption else {
        throw InputError(
          .usage, file: path, place: option, expected: "a file outside of \(outputFolder)",
          found: "one in it, which the statement itself would have to name",
          fix: "put it beside the output")
      }
      // Any other name could be that of a file of the model.
      guard ProvenanceFiles.isCard(path, of: outputFolder) else {
        throw InputError(
          .usage, file: path, place: option,
          expected: "\(ProvenanceFiles.cardName) in the folder of the output",
          found: "another name",
          fix: "name it \(ProvenanceFiles.cardName) or put it beside the output")
      }
    }
  }

  /// The path without links and detours; the file itself need not exist.
  static func resolved(_ path: String) -> String {
    let url = URL(filePath: path).standardizedFileURL
    return url.deletingLastPathComponent().resolvingSymlinksInPath()
      .appending(path: url.lastPathComponent).resolvingSymlinksInPath().path
  }
}

extension FileManager {
  /// True if there is a folder at the path.
  func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}

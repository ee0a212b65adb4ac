import FormatIO

/// The files that a repair is made from.
///
/// They are opened before the long work and hashed after it, through the same open files: one that was
/// replaced meanwhile does not count, and one that was changed is an error.
public struct RepairMaterials: Sendable {
  private struct Entry: Sendable {
    let role: Statement.Role
    let file: CheckpointFile
    var annotations: [JSON.Member] = []
  }

  private var entries: [Entry]
  private let builtIn: Resource

  /// Opens everything that a model and its rows are read from.
  ///
  /// - Parameters:
  ///   - model: the model; its weights are those that it has open.
  ///   - rows: the calibration files by role; a role without any takes built-in rows.
  ///   - template: the Jinja file of the prompt format; nil if there is none.
  /// - Throws: `InputError` if a file cannot be opened.
  public init(
    _ model: LoadedModel, rows: [(role: CalibrationRole, paths: [String])], template: String?
  ) throws {
    let base = model.map.checkpoint
    entries = try base.files(with: ModelDescription(of: base).fileNames).map {
      Entry(role: .base, file: $0)
    }
    if let adapter = model.adapter {
      let names = adapter.isGGUF ? [] : [AdapterConfiguration.fileName]
      entries += try adapter.files.files(with: names).map { Entry(role: .adapter, file: $0) }
    }
    for (role, paths) in rows {
      entries += try paths.map { path in
        Entry(
          role: .calibration, file: try Self.file(path),
          annotations: [.init("rows", .string(role.rawValue))])
      }
    }
    if let template { entries.append(Entry(role: .template, file: try Self.file(template))) }
    let own = rows.filter { !$0.paths.isEmpty }.map { JSON.string($0.role.rawValue) }
    // Some are learned from whatever the caller brings.
    builtIn = Resource(
      "built-in calibration rows", digest: try CalibrationSet.builtIn().digest, role: .calibration,
      annotations: [
        .init("replaced_by_files", .array(own)), .init("digest_of", .string(CalibrationSet.hashed)),
      ])
  }

  /// Where the files are on this machine; for those that must not replace one.
  public var paths: [String] { entries.map(\.file.file.path) }

  /// The size of all files.
  public var byteCount: Int { entries.reduce(0) { $0 + $1.file.file.count } }

  /// The files with their digests, and the rows that come with the program.
  ///
  /// - Parameter progress: gets the bytes hashed since the last call.
  /// - Throws: `InputError` if a file changed since it was opened.
  public func resources(progress: (Int) throws -> Void) throws -> [Resource] {
    try entries.map { entry in
      try Resource(
        entry.file, role: entry.role, annotations: entry.annotations, progress: progress)
    } + [builtIn]
  }

  private static func file(_ path: String) throws -> CheckpointFile {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    return try CheckpointFile(
      String(parts.last ?? ""), in: parts.count == 1 ? "." : folder.isEmpty ? "/" : folder)
  }
}

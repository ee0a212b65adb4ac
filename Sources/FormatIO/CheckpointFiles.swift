import Glibc

/// A file that belongs to a checkpoint or makes one, open since it was listed.
///
/// Hashing it later tells if it changed meanwhile.
public struct CheckpointFile: Sendable {
  /// The name in the folder of the checkpoint.
  public let name: String
  /// The file.
  public let file: MappedFile

  /// Opens the file of that name in a folder.
  ///
  /// - Throws: `InputError` if it cannot be opened.
  public init(_ name: String, in folder: String) throws {
    self.name = name
    file = try MappedFile(Checkpoint.join(folder, name))
  }

  /// A file that is open already.
  init(_ file: MappedFile) {
    (name, self.file) = (Checkpoint.fileName(of: file.path), file)
  }
}

extension Checkpoint {
  /// The files with the weights, as they were opened: shards or parts.
  public var weightFiles: [CheckpointFile] { shards.map { CheckpointFile($0.file) } }

  /// All files that it consists of, sorted by name: weights, index, and what a folder has beside them.
  ///
  /// - Parameter others: for a checkpoint that is no folder, the names of files beside it that belong to
  ///   it; those that do not exist are left out.
  /// - Throws: `InputError` if one cannot be opened.
  public func files(with others: [String]) throws -> [CheckpointFile] {
    let beside =
      isFolder
      ? try FolderListing.companions(folder)
        + (index.map { [Checkpoint.fileName(of: $0.path)] } ?? [])
      : others.filter { access(Checkpoint.join(folder, $0), F_OK) == 0 }
    let files = try beside.map { try CheckpointFile($0, in: folder) }
    return (weightFiles + files).sorted { TensorName($0.name) < TensorName($1.name) }
  }

  /// All files of an output that was written, sorted by name: those of a folder, the parts of a GGUF model,
  /// or the one file.
  ///
  /// - Throws: `InputError` if it is not there or cannot be read.
  public static func writtenFiles(_ path: String) throws -> [CheckpointFile] {
    guard isFolder(path) else { return try open(path).weightFiles }
    return try FolderListing.names(path).compactMap { name in
      isFolder(join(path, name)) ? nil : try CheckpointFile(name, in: path)
    }
  }
}

extension ContentDigest {
  /// The digest of a file as a whole, as `sha256sum` prints it.
  ///
  /// - Parameter progress: gets the bytes hashed since the last call. May throw to stop.
  /// - Throws: `InputError` if the file is no longer what it was when it was opened.
  public init(_ file: MappedFile, progress: (Int) throws -> Void) throws {
    self = try file.digest(of: 0..<file.count, progress: progress)
  }
}

import Glibc

/// A folder of files that appears under its name, or gives its files away, only when it is complete.
final class StagedFolder {
  /// Where to put the files.
  let temporary: String
  private let destination: String
  /// True if it stays when it is not committed, to go on from later.
  private let isKept: Bool
  private var isCommitted = false

  /// Creates an empty temporary folder beside `destination`, a path without a final slash.
  init(_ destination: String) throws {
    self.destination = destination
    isKept = false
    temporary = try Interruption.createTemporary(besides: destination) { path in
      mkdir(path, 0o777) == 0 ? 0 : errno
    }
  }

  /// Takes up a folder of this name that an earlier run left, or creates it. It stays until it is committed.
  ///
  /// - Parameters:
  ///   - temporary: the folder; files in it that are not among `names` were never finished or belong to
  ///     something else.
  ///   - destination: the path that it, or the files in it, will get.
  ///   - names: the files that it may hold.
  /// - Throws: `InputError` of kind `cannotCreate` if there is something in it that no run of this kind left.
  init(resuming temporary: String, as destination: String, names: [String]) throws {
    self.temporary = temporary
    self.destination = destination
    isKept = true
    guard mkdir(temporary, 0o777) != 0 else { return }
    guard errno == EEXIST, Checkpoint.isFolder(temporary) else {
      throw InputError.system(
        .cannotCreate, file: temporary, "to create the folder that --resume keeps files in",
        code: errno)
    }
    let expected = Set(names.map { TensorName($0) })
    for name in try FolderListing.names(temporary) where !expected.contains(TensorName(name)) {
      guard name.hasPrefix(".panacea-"), name.hasSuffix(".partial") else {
        throw InputError(
          .cannotCreate, file: temporary, expected: "what an earlier run left, and nothing else",
          found: TensorName(name).quoted, fix: "move it or choose another path")
      }
      unlink(Checkpoint.join(temporary, name))
    }
  }

  deinit {
    if !isCommitted, !isKept { Interruption.discard(temporary) }
  }

  /// Gives the folder its name. A folder that is already there is replaced and then removed.
  func commit() throws {
    try StagedFile.synchronizeFolder(of: Checkpoint.join(temporary, ""))
    try Interruption.finish(temporary) {
      if rename(temporary, destination) != 0 {
        let code = errno
        guard code == ENOTEMPTY || code == EEXIST || code == ENOTDIR else { throw failure(code) }
        try replace()
      }
      isCommitted = true
    }
    try StagedFile.synchronizeFolder(of: destination)
  }

  /// Moves these files into the folder of `destination`, the first one last: readers start with it. Files
  /// that are already there are replaced.
  func commit(files: [String]) throws {
    let folder = Checkpoint.folder(of: destination)
    for name in files.reversed() {
      let target = Checkpoint.join(folder, name)
      guard rename(Checkpoint.join(temporary, name), target) == 0 else {
        throw InputError.system(
          .inputOutput, file: target, "to put the finished file in place", code: errno)
      }
    }
    if isKept { rmdir(temporary) }
    try StagedFile.synchronizeFolder(of: destination)
  }

  /// Moves the old folder away, and back if the new one cannot take its place.
  private func replace() throws {
    let old = temporary + ".old"
    guard rename(destination, old) == 0 else { throw failure(errno) }
    guard rename(temporary, destination) == 0 else {
      let code = errno
      rename(old, destination)
      throw failure(code)
    }
    Interruption.remove(old)
  }

  private func failure(_ code: Int32) -> InputError {
    InputError.system(
      .inputOutput, file: destination, "to put the finished folder in place", code: code)
  }
}

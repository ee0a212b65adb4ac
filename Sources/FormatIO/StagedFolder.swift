import Glibc

/// A folder of files that appears under its name, or gives its files away, only when it is complete.
final class StagedFolder {
  /// Where to put the files.
  let temporary: String
  private let destination: String
  private var isCommitted = false

  /// Creates an empty temporary folder beside `destination`, a path without a final slash.
  init(_ destination: String) throws {
    self.destination = destination
    temporary = try Interruption.createTemporary(besides: destination) { path in
      mkdir(path, 0o777) == 0 ? 0 : errno
    }
  }

  deinit {
    if !isCommitted { Interruption.discard(temporary) }
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

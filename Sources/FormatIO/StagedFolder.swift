import Glibc

/// A folder of files that appears under its name only when it is complete.
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

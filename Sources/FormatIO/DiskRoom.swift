import Glibc

/// The bytes that are free on the disk of a folder.
struct DiskRoom {
  let free: Int

  /// So many.
  init(free: Int) { self.free = free }

  /// What the system says.
  ///
  /// Some network file systems do not know: no limit then, writing will tell.
  ///
  /// - Throws: `InputError` of kind `inputOutput` if there is no such folder.
  init(of folder: String) throws {
    var status = statvfs()
    let isAnswered = statvfs(folder, &status) == 0
    guard isAnswered || errno == ENOSYS else {
      throw InputError.system(
        .inputOutput, file: folder, "to learn how much room its disk has", code: errno)
    }
    guard isAnswered, status.f_blocks > 0 else {
      free = .max
      return
    }
    let (bytes, overflow) = Int(clamping: status.f_bavail)
      .multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
    free = overflow ? .max : bytes
  }

  /// Checks that there is room for so many bytes more.
  ///
  /// - Parameters:
  ///   - file: named in the error.
  ///   - purpose: what the bytes are for.
  ///   - fix: what to do without room.
  /// - Throws: `InputError` of kind `inputOutput` with the room there is.
  func require(_ count: Int, for purpose: String, file: String, fix: String) throws {
    guard free < count else { return }
    throw InputError(
      .inputOutput, file: file, expected: "\(count) bytes free for \(purpose)", found: "\(free)",
      fix: fix)
  }
}

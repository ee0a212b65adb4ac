import Glibc

/// The bytes that are free on the disk of a folder.
struct DiskRoom {
  let free: Int

  /// So many.
  init(free: Int) { self.free = free }

  /// What the system says.
  ///
  /// - Throws: `InputError` of kind `inputOutput` if it says nothing.
  init(of folder: String) throws {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      throw InputError.system(
        .inputOutput, file: folder, "to learn how much room its disk has", code: errno)
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

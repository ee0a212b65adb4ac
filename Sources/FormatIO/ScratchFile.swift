import Glibc

/// Room for numbers that memory may not hold: a file without a name.
///
/// The system keeps what was written in memory while there is room and writes it to the disk when there is
/// not. The file is gone when the last reference is, however the program ends. It is read and written by
/// calls, not mapped: writing to a shared map costs more than twice the time.
public final class ScratchFile: Sendable {
  private let descriptor: Int32
  private let folder: String

  /// The folder for such files: `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is on a disk.
  public static var folder: String {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return named.isEmpty ? "/var/tmp" : named
  }

  /// Makes a file of so many zero bytes. Its blocks are taken at once, so that a full disk is an error here
  /// and not later.
  ///
  /// - Throws: `InputError` of kind `inputOutput`.
  public init(count: Int, folder: String = ScratchFile.folder) throws {
    var template = Array("\(folder)/panacea-patch-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    self.folder = folder
    guard descriptor >= 0 else { throw ScratchFile.failure(folder, errno) }
    unlink(template)
    let code = count == 0 ? 0 : posix_fallocate(descriptor, 0, off_t(count))
    guard code == 0 else { throw ScratchFile.failure(folder, code) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills `bytes` with what is in the file from `offset` on.
  ///
  /// - Throws: `InputError` of kind `inputOutput`.
  public func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    try transfer(bytes.count) { done in
      pread(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    }
  }

  /// Puts `bytes` into the file from `offset` on.
  ///
  /// - Throws: `InputError` of kind `inputOutput`.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    try transfer(bytes.count) { done in
      pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    }
  }

  /// Has the system fetch some bytes that will be read soon.
  public func prefetch(_ range: Range<Int>) {
    posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
  }

  private func transfer(_ count: Int, _ call: (_ done: Int) -> Int) throws {
    var done = 0
    while done < count {
      let moved = call(done)
      if moved < 0, errno == EINTR { continue }
      guard moved > 0 else { throw ScratchFile.failure(folder, moved < 0 ? errno : EIO) }
      done += moved
    }
  }

  /// Checks that there is room for so many bytes more.
  ///
  /// - Throws: `InputError` of kind `inputOutput` with the room there is.
  public static func requireRoom(_ count: Int, folder: String = ScratchFile.folder) throws {
    try DiskRoom(of: folder).require(
      count, for: "scratch files", file: folder,
      fix: "free some space or set TMPDIR to a folder on another disk")
  }

  private static func failure(_ folder: String, _ code: Int32) -> InputError {
    .system(.inputOutput, file: folder, "to use a scratch file in it", code: code)
  }
}

import Glibc

/// Room for numbers that memory may not hold: a file without a name, mapped, readable and writable.
///
/// The system keeps its pages in memory while there is room and writes them to the disk when there is not.
/// It is gone when the last reference is, however the program ends.
public final class ScratchFile: Sendable {
  /// The length in bytes.
  public let count: Int
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer

  /// The folder for such files: `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is on a disk.
  public static var folder: String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
  }

  /// Makes a file of so many zeros. Its blocks are taken at once, so that a full disk is an error here
  /// and not a signal later.
  ///
  /// - Throws: `InputError` of kind `inputOutput`.
  public init(count: Int, folder: String = ScratchFile.folder) throws {
    self.count = count
    var template = Array("\(folder)/panacea-patch-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw ScratchFile.failure(folder, errno) }
    unlink(template)
    // The map keeps the file.
    defer { close(descriptor) }
    let size = max(count, 1)
    let code = posix_fallocate(descriptor, 0, off_t(size))
    guard code == 0 else { throw ScratchFile.failure(folder, code) }
    guard let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      map != MAP_FAILED
    else { throw ScratchFile.failure(folder, errno) }
    base = map
  }

  deinit { munmap(base, max(count, 1)) }

  /// Its bytes. Whoever writes sees to it that nobody else looks at them meanwhile.
  public var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: count)
  }

  /// Tells the system about a range of bytes; what was written is kept. Advice that cannot be taken is ignored.
  public func advise(_ range: Range<Int>, _ advice: MappedFile.Advice) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    MappedFile.advise(base, range, advice)
  }

  /// Checks that there is room for so many bytes more.
  ///
  /// - Throws: `InputError` of kind `inputOutput` with the room there is.
  public static func requireRoom(_ count: Int, folder: String = ScratchFile.folder) throws {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw failure(folder, errno) }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    guard free < count else { return }
    throw InputError(
      .inputOutput, file: folder, expected: "\(count) bytes free for scratch files",
      found: "\(free)", fix: "free some space or set TMPDIR to a folder on another disk")
  }

  private static func failure(_ folder: String, _ code: Int32) -> InputError {
    .system(.inputOutput, file: folder, "to make a scratch file in it", code: code)
  }
}

import Glibc

/// A file mapped into memory, read-only.
///
/// The map is private and is never written through. Its length is fixed when it is opened. A file
/// that another program shortens later would stop this one with SIGBUS on access; `checkUnchanged`
/// turns most such cases into an error, and nothing can turn all of them into one.
public final class MappedFile: Sendable {
  /// The path it was opened by.
  public let path: String
  /// The length in bytes.
  public let count: Int

  /// Stays open: the writer copies from it, and its length is asked for again.
  let descriptor: Int32
  private let modified: timespec
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer?

  /// Maps a regular file; symbolic links are followed.
  ///
  /// - Throws: `InputError` of kind `missing` if it is absent or unreadable, `malformed` if it is
  ///   no regular file, `inputOutput` if it cannot be mapped.
  public init(_ path: String) throws {
    self.path = path
    guard !path.utf8.contains(0) else {
      throw InputError(.missing, file: path, expected: "a path", found: "a NUL character in it")
    }
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw InputError.system(.missing, file: path, "to open it for reading", code: errno)
    }
    var keep = false
    defer { if !keep { close(descriptor) } }
    let status = try MappedFile.status(of: descriptor, path)
    guard status.st_mode & S_IFMT == S_IFREG else {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or pipe"
      throw InputError(file: path, expected: "a regular file", found: found)
    }
    count = Int(status.st_size)
    modified = status.st_mtim
    if count > 0 {
      guard let map = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED
      else { throw InputError.system(.inputOutput, file: path, "to map it", code: errno) }
      base = map
    } else {
      base = nil
    }
    self.descriptor = descriptor
    keep = true
  }

  deinit {
    if let base { munmap(base, count) }
    close(descriptor)
  }

  /// Calls `body` with the bytes of `range`, which is counted from the start of the file.
  ///
  /// - Throws: `InputError` if the range leaves the file, or the file changed before or meanwhile;
  ///   whatever `body` throws.
  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw InputError(
        file: path, place: "bytes \(range.lowerBound) to \(range.upperBound)",
        expected: "a range within the \(count) bytes of the file", found: "one beyond its end")
    }
    try checkUnchanged()
    let bytes = UnsafeRawBufferPointer(
      start: base.map { $0 + range.lowerBound }, count: range.count)
    let result = try body(bytes)
    try checkUnchanged()
    return result
  }

  /// What is about to become of some pages.
  public enum Advice: Sendable {
    /// They will be read soon: the system may fetch them meanwhile.
    case willBeRead
    /// They need not stay in memory; read again, they are fetched again.
    case mayBeDropped
  }

  /// Tells the system about a range of bytes. It never fails: advice that cannot be taken is ignored.
  public func advise(_ range: Range<Int>, _ advice: Advice) {
    guard let base, range.lowerBound >= 0, range.upperBound <= count else { return }
    let page = sysconf(Int32(_SC_PAGESIZE))
    let start = range.lowerBound / page * page
    madvise(
      base + start, range.upperBound - start,
      advice == .willBeRead ? MADV_WILLNEED : MADV_DONTNEED)
  }

  /// Throws `InputError` if the length or the time of modification is not what it was when opened.
  public func checkUnchanged() throws {
    let status = try MappedFile.status(of: descriptor, path)
    guard Int(status.st_size) == count, status.st_mtim.tv_sec == modified.tv_sec,
      status.st_mtim.tv_nsec == modified.tv_nsec
    else {
      throw InputError(
        .inputOutput, file: path, expected: "the file to stay as it was when it was opened",
        found: "that it changed (it has \(status.st_size) bytes, it had \(count))",
        fix: "let the program that writes it finish, then run again")
    }
  }

  /// The status of the open file: identity, mode, length.
  func status() throws -> stat {
    try MappedFile.status(of: descriptor, path)
  }

  private static func status(of descriptor: Int32, _ path: String) throws -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw InputError.system(.inputOutput, file: path, "to ask for its length", code: errno)
    }
    return status
  }
}

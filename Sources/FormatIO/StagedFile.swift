import Glibc

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary in the same folder. `commit` makes them durable and renames the
/// temporary, which replaces what was there: a file, or a symbolic link itself, never its target.
/// Without `commit`, nothing is left; if the program is killed, a temporary that has a name is.
final class StagedFile {
  /// How much is copied and looked at at once; fits the cache of most processors.
  private static let window = 1 << 20

  /// Where the bytes are for now.
  private(set) var temporary: String
  private let destination: String
  private let descriptor: Int32
  private let output: BlockWriter
  private let isNameless: Bool
  private var isCommitted = false

  /// Creates the temporary with the permissions `mode`.
  ///
  /// - Parameter canBeNameless: true if nobody looks at the temporary by its path. Where the file system can, it
  ///   gets a name only when it is complete, so that nothing is left even if the program is killed.
  init(_ destination: String, mode: mode_t, canBeNameless: Bool = false) throws {
    self.destination = destination
    var created =
      canBeNameless ? StagedFile.openNameless(in: Checkpoint.folder(of: destination)) : -1
    isNameless = created >= 0
    temporary =
      isNameless
      ? StagedFile.path(created)
      : try Interruption.createTemporary(besides: destination) { path in
        created = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        return created < 0 ? errno : 0
      }
    descriptor = created
    fchmod(descriptor, mode & 0o777)
    output = BlockWriter(descriptor, path: destination)
  }

  deinit {
    output.stop()
    close(descriptor)
    if !isCommitted { Interruption.discard(temporary) }
  }

  /// A new file that is in no folder; negative if that cannot be.
  private static func openNameless(in folder: String) -> Int32 {
    let namelessFile = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE of Linux's fcntl.h
    let descriptor = open(folder, namelessFile | O_WRONLY | O_CLOEXEC, 0o600)
    // Only there can it be found when it gets a name.
    guard descriptor >= 0, access(path(descriptor), F_OK) != 0 else { return descriptor }
    close(descriptor)
    return -1
  }

  /// The path of an open file.
  private static func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      try output.append(atMost: rest.count) { room in
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(room.count)))
        rest = rest.dropFirst(room.count)
        return room.count
      }
    }
  }

  /// Makes this file, still empty, a copy of another that shares its blocks on the disk.
  ///
  /// - Returns: false if the file system cannot do that; nothing is written then.
  func clone(_ source: MappedFile) -> Bool {
    let cloneRequest: UInt = 0x4004_9409  // FICLONE of linux/fs.h
    return ioctl(descriptor, cloneRequest, source.descriptor) == 0
  }

  /// Appends a range of another file, and shows its bytes piece by piece to `look`.
  func copy(
    _ source: MappedFile, _ range: Range<Int>,
    look: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      try output.append(atMost: min(StagedFile.window, range.upperBound - start)) { room in
        let read = try source.read(room, at: start)
        try look(UnsafeRawBufferPointer(rebasing: room[..<read]))
        start += read
        return read
      }
    }
  }

  /// Ends appending: all of it can be read from the temporary then.
  func finish() throws {
    try output.finish()
  }

  /// Puts other bytes in the place of the first ones of the finished file.
  func rewriteStart(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let done = off_t(bytes.count - rest.count)
      let written = pwrite(descriptor, part.baseAddress, part.count, done)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw failure("to write to it", errno)
      }
    }
  }

  /// Makes the bytes durable and gives the file its name.
  func commit() throws {
    try finish()
    guard fsync(descriptor) == 0 else { throw failure("to bring it to the disk", errno) }
    if isNameless {
      // A link cannot replace a file, a rename can.
      let nameless = temporary
      temporary = try Interruption.createTemporary(besides: destination) { path in
        linkat(AT_FDCWD, nameless, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
      }
    }
    try Interruption.finish(temporary) {
      guard rename(temporary, destination) == 0 else {
        throw failure("to put the finished file in place", errno)
      }
      isCommitted = true
    }
    try StagedFile.synchronizeFolder(of: destination)
  }

  /// Makes the names in the folder of `path` durable.
  static func synchronizeFolder(of path: String) throws {
    let folder = Checkpoint.folder(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    // Some network file systems cannot synchronise a folder and say so with EINVAL.
    guard descriptor >= 0, fsync(descriptor) == 0 || errno == EINVAL else {
      throw InputError.system(.inputOutput, file: folder, "to bring it to the disk", code: errno)
    }
  }

  private func failure(_ goal: String, _ code: Int32) -> InputError {
    InputError.system(.inputOutput, file: destination, goal, code: code)
  }
}

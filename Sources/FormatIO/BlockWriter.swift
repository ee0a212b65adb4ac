import Dispatch
import Glibc

/// Appends bytes to a new file in large blocks, past the page cache where the file system can.
///
/// A copy of gigabytes through the cache spends more time on fresh pages than on the disk, and
/// pushes out what other programs keep there. Here bytes are gathered in one of two blocks while
/// another thread writes the other one, so that reading and hashing overlap with the disk and memory
/// stays small. Only full blocks pass the cache by: disks want aligned ones. The rest goes through it.
final class BlockWriter {
  private static let blockSize = 4 << 20

  private let disk: Disk
  private let path: String
  /// Two blocks, one after the other; nothing once the file is finished.
  private var blocks: UnsafeMutableRawBufferPointer
  /// Where in `blocks` the block begins that is being filled.
  private var start = 0
  private var filled = 0
  private let queue = DispatchQueue(label: "file output")
  private let writing = DispatchGroup()

  /// Appends to an empty file, which stays open until `stop`; `path` is named in errors.
  init(_ descriptor: Int32, path: String) {
    disk = Disk(descriptor)
    self.path = path
    // No disk asks for a greater alignment than that of pages.
    blocks = .allocate(byteCount: 2 * BlockWriter.blockSize, alignment: 4096)
  }

  deinit {
    stop()
    blocks.deallocate()
  }

  /// Appends what `fill` puts into the room it gets, which may be smaller than asked for.
  ///
  /// - Parameters:
  ///   - count: the most bytes to append, at least 1.
  ///   - fill: returns how many bytes it put there.
  func append(atMost count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
    let end = min(filled + count, BlockWriter.blockSize)
    let room = UnsafeMutableRawBufferPointer(rebasing: blocks[start + filled..<start + end])
    filled += try fill(room)
    guard filled == BlockWriter.blockSize else { return }
    try finishBlock()
    // Nobody touches this block until `finishBlock` has waited for the other thread.
    nonisolated(unsafe) let block = UnsafeRawBufferPointer(rebasing: blocks[start..<start + filled])
    queue.async(group: writing) { [disk] in disk.append(block, isBlock: true) }
    start = BlockWriter.blockSize - start
    filled = 0
  }

  /// Writes what is left and frees the memory. The file is complete then, though not yet durable.
  func finish() throws {
    guard !blocks.isEmpty else { return }
    try finishBlock()
    disk.append(UnsafeRawBufferPointer(rebasing: blocks[start..<start + filled]), isBlock: false)
    try finishBlock()
    blocks.deallocate()
    blocks = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Waits for the other thread; the file may be closed then.
  func stop() {
    writing.wait()
  }

  /// Waits for the block before this one and throws what went wrong with it.
  private func finishBlock() throws {
    stop()
    guard disk.error == 0 else {
      throw InputError.system(.inputOutput, file: path, "to write to it", code: disk.error)
    }
  }
}

/// The file as the writing thread sees it. It and the owner take turns, never at the same time.
private final class Disk: @unchecked Sendable {
  /// `O_DIRECT` of Linux's fcntl.h, which Glibc shows to GNU programs only.
  private static let direct: Int32 = {
    #if arch(arm64)
      0o200000
    #else
      0o40000
    #endif
  }()

  /// The first error number, 0 if there was none.
  private(set) var error: Int32 = 0
  private let descriptor: Int32
  private var isDirect: Bool

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    // Refused by file systems that keep everything in memory, for example.
    isDirect = fcntl(descriptor, F_SETFL, Disk.direct) == 0
  }

  /// Appends bytes: a block, or what is left after the last one.
  func append(_ bytes: UnsafeRawBufferPointer, isBlock: Bool) {
    if !isBlock { leaveDirect() }
    var rest = bytes[...]
    while !rest.isEmpty, error == 0 {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, part.baseAddress, part.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EINVAL, isDirect {
        // A disk with other wishes, or the rest of a block that was written in part.
        leaveDirect()
      } else if errno != EINTR {
        error = errno
      }
    }
    // The cache must not fill up with what a slow disk has not taken yet.
    if !isDirect, isBlock, error == 0, fdatasync(descriptor) != 0 { error = errno }
  }

  private func leaveDirect() {
    if isDirect, fcntl(descriptor, F_SETFL, 0) == 0 { isDirect = false }
  }
}

import Dispatch
import Glibc
import Synchronization

/// Removes unfinished outputs when the program is interrupted.
///
/// Every temporary file or folder of this module is registered here from its creation until it is
/// renamed or removed.
public enum Interruption {
  /// The exit code after SIGINT or SIGTERM.
  public static let exitCode: Int32 = 130

  private static let temporaries = Mutex<Set<String>>([])

  /// From now on SIGINT and SIGTERM remove all temporaries, run `beforeExit` and end the process
  /// with exit code 130. Exceeding a file size limit becomes an ordinary write error.
  ///
  /// Call it once, at the start of the program. `beforeExit` runs on another thread.
  public static func install(beforeExit: @escaping @Sendable () -> Void = {}) {
    signal(SIGXFSZ, SIG_IGN)
    let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      // The handler keeps its own source alive, for as long as the process lives.
      nonisolated(unsafe) let kept = source
      source.setEventHandler {
        _ = kept
        // The lock is never given back: other threads can no longer create, rename or report.
        temporaries.withLock { paths in
          for path in paths { remove(path) }
          beforeExit()
          _exit(exitCode)
        }
      }
      source.resume()
    }
  }

  /// Creates a temporary beside `destination`; `create` returns 0 or an error number.
  ///
  /// - Returns: the path, such as `.panacea-1f2e3d4c.partial` in the same folder; the digits are random.
  static func createTemporary(
    besides destination: String, _ create: (String) -> Int32
  ) throws -> String {
    try temporaries.withLock { paths in
      while true {
        let random = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
        let folder = Checkpoint.folder(of: destination)
        let path = Checkpoint.join(folder, ".panacea-\(random).partial")
        let code = create(path)
        if code == EEXIST { continue }
        guard code == 0 else {
          throw InputError.system(
            .cannotCreate, file: destination, "to create a temporary file beside it", code: code)
        }
        paths.insert(path)
        return path
      }
    }
  }

  /// Runs `body`, which takes a temporary to its final name; the temporary is forgotten if it
  /// succeeds. No interruption can fall in between.
  static func finish(_ path: String, _ body: () throws -> Void) throws {
    try temporaries.withLock { paths in
      try body()
      paths.remove(path)
    }
  }

  /// Removes a temporary after a failure.
  static func discard(_ path: String) {
    temporaries.withLock { paths in
      if paths.remove(path) != nil { remove(path) }
    }
  }

  /// Removes a file, or a folder with the files in it. Failures are ignored: there is no one left
  /// who could do something about them.
  static func remove(_ path: String) {
    guard unlink(path) != 0 else { return }
    // Another thread may still be creating files in the folder.
    for _ in 0..<100 {
      for name in (try? FolderListing.names(path)) ?? [] {
        unlink(Checkpoint.join(path, name))
      }
      if rmdir(path) == 0 || errno != ENOTEMPTY { return }
    }
  }
}

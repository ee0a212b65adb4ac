import CBenchBLAS
import FormatIO
import Foundation
import Glibc

/// What the same run can measure without Python: the speed of the machine itself.
enum Baselines {
  /// The kernels that OpenBLAS uses, for the report; OPENBLAS_CORETYPE may have chosen them.
  static var kernel: String { String(cString: openblas_get_corename()) }

  /// `cp`, made durable like the product's own copy.
  static func copy(_ source: String, to copy: String, bytes: Int) -> Contestant {
    program("cp", #"cp --reflink=never -- "$0" "$1" && sync -- "$1""#, [source, copy], bytes) {
      try? FileManager.default.removeItem(atPath: copy)
    }
  }

  /// The same while `sha256sum` reads the source, on another core if there is one. The product's
  /// copy knows the digests too.
  static func copyAndDigest(_ source: String, to copy: String, bytes: Int) -> Contestant {
    let line = """
      { cp --reflink=never -- "$0" "$1" && sync -- "$1"; } & \
      sha256sum -- "$0" >/dev/null && wait $!
      """
    return program("cp + sha256sum", line, [source, copy], bytes) {
      try? FileManager.default.removeItem(atPath: copy)
    }
  }

  /// `sha256sum`.
  static func digest(_ path: String, bytes: Int) -> Contestant {
    program("sha256sum", #"sha256sum -- "$0" >/dev/null"#, [path], bytes) {}
  }

  /// `cmp` of two equal files, which it reads to their ends.
  static func compare(_ first: String, _ second: String, bytes: Int) -> Contestant {
    program("cmp", #"exec cmp -- "$0" "$1""#, [first, second], bytes) {}
  }

  /// A shell line. Foundation's Process looks only every 50 ms whether it has ended; this waits.
  ///
  /// - Parameter showsPeak: whether the most resident memory of the process tells something, mapped files
  ///   included.
  static func program(
    _ name: String, _ line: String, _ arguments: [String], _ bytes: Int, threads: Int = 1,
    showsPeak: Bool = false, prepare: @escaping () -> Void
  ) -> Contestant {
    var contestant = Contestant(name, threads: threads, amount: Double(bytes) / 1e6) { _ in
      prepare()
      var usage = rusage()
      var sample = try Sample.measure {
        var process: pid_t = 0
        var status: Int32 = 0
        let words = (["/bin/sh", "-c", line] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&process, "/bin/sh", nil, nil, words, environ) == 0,
          wait4(process, &status, 0, &usage) == process, status == 0
        else {
          throw InputError(
            .inputOutput, file: arguments[0], expected: "\(name) to succeed",
            found: "status \(status)")
        }
      }
      sample.peakBytes = showsPeak ? usage.ru_maxrss * 1024 : nil
      return sample
    }
    contestant.isComparable = bytes >= 16 << 20
    return contestant
  }
}

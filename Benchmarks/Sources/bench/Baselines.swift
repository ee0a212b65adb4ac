import CBenchBLAS
import FormatIO
import Foundation
import Glibc
import Perturb

/// What the same run can measure without Python: the speed of the machine itself.
enum Baselines {
  /// The kernels that OpenBLAS uses, for the report; OPENBLAS_CORETYPE may have chosen them.
  static var kernel: String { String(cString: openblas_get_corename()) }

  /// Matrix products of one block of the model at `tokens` tokens, straight from OpenBLAS on one
  /// thread, buffers allocated once. Nothing built on the same library can be faster.
  static func gemm(_ workload: Workload, tokens: Int, products: Workload.Products) -> Contestant {
    let shapes = workload.space(.full).entries.filter { $0.slot.layer == 0 }
      .map { (outputs: $0.outputs, inputs: $0.inputs) }
    let block = shapes.reduce(0.0) { sum, shape in
      sum + 2 * Double(products.count) * Double(tokens * shape.outputs * shape.inputs)
    }
    let rounds = max(1, Int(2e10 / block))
    func filled(_ count: Int?) -> [Float] {
      (0..<(count ?? 0)).map { Float(($0 &* 7919) % 251) / 251 - 0.5 }
    }
    let x = filled(shapes.map { tokens * $0.inputs }.max())
    let w = filled(shapes.map { $0.outputs * $0.inputs }.max())
    let dy = filled(shapes.map { tokens * $0.outputs }.max())
    var (y, dx, dw) = (dy, x, w)
    return Contestant("GEMM", flops: Double(rounds) * block) { warmUp in
      openblas_set_num_threads(1)
      return try Sample.measure {
        for _ in 0..<(warmUp ? 1 : rounds) {
          for (outputs, inputs) in shapes {
            let (m, n, k) = (Int32(tokens), Int32(outputs), Int32(inputs))
            if products.contains(.forward) {
              cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, x, k, w, k, 0, &y, n)
            }
            if products.contains(.input) {
              cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, m, k, n, 1, dy, n, w, k, 0, &dx, k)
            }
            if products.contains(.weight) {
              cblas_sgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, n, k, m, 1, dy, n, x, k, 0, &dw, k)
            }
          }
        }
      }
    }
  }

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

  /// A shell line. Foundation's Process looks only every 50 ms whether it has ended; this waits.
  private static func program(
    _ name: String, _ line: String, _ arguments: [String], _ bytes: Int,
    prepare: @escaping () -> Void
  ) -> Contestant {
    var contestant = Contestant(name, amount: Double(bytes) / 1e6) { _ in
      prepare()
      var sample = try Sample.measure {
        var process: pid_t = 0
        var status: Int32 = 0
        let words = (["/bin/sh", "-c", line] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&process, "/bin/sh", nil, nil, words, environ) == 0,
          waitpid(process, &status, 0) == process, status == 0
        else {
          throw InputError(
            .inputOutput, file: arguments[0], expected: "\(name) to succeed",
            found: "status \(status)")
        }
      }
      sample.peakBytes = nil
      return sample
    }
    contestant.isComparable = bytes >= 16 << 20
    return contestant
  }
}

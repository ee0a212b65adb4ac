import FormatIO
import Foundation
import Perturb

/// How fast two checkpoints are compared, beside `cmp` on two equal files: BF16, all figures but singular values.
struct Differences {
  private struct Result {
    let name: String
    let threads: Int
    /// Medians; everyone takes turns.
    let seconds, cmpSeconds: Double
  }

  private var results: [Result] = []

  /// Writes three files: one, its copy, and one whose numbers are moved a little; then compares them.
  init(in folder: String, repetitions: Int) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (first, copy, moved) = (
      folder + "/a.safetensors", folder + "/copy.safetensors", folder + "/b.safetensors"
    )
    for (path, shift) in [(first, 0), (copy, 0), (moved, 3)] {
      try Self.write(to: path, shift: UInt64(shift))
    }
    let cmp = Baselines.compare(first, copy, bytes: 2 * SyntheticFile.bytes)
    for (name, other) in [("different", moved), ("equal", copy)] {
      for threads in [1, 2] {
        Parallel.threads = threads
        let ours = {
          try Sample.measure {
            _ = try CheckpointDifference(Checkpoint.open(first), Checkpoint.open(other))
          }.seconds
        }
        _ = (try ours(), try cmp.run(true))
        let times = try (0..<repetitions).map { _ in (try ours(), try cmp.run(false).seconds) }
        results.append(
          Result(
            name: name, threads: threads, seconds: Self.median(times.map(\.0)),
            cmpSeconds: Self.median(times.map(\.1))))
      }
    }
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// The results as a table.
  var table: String {
    var lines = [
      "| diff of two files of 1 GiB | threads | seconds | cmp of equal files, seconds | speed against cmp |",
      "|---|---|---|---|---|",
    ]
    for result in results {
      lines.append(
        "| \(result.name) | \(result.threads) | \(short(result.seconds)) | "
          + "\(short(result.cmpSeconds)) | \(short(result.cmpSeconds / result.seconds)) |")
    }
    return lines.joined(separator: "\n")
  }

  /// The results as data.
  var json: JSON {
    .array(
      results.map {
        .object([
          .init("files", .string($0.name)), .init("threads", JSON($0.threads)),
          .init("seconds", JSON($0.seconds)), .init("cmpSeconds", JSON($0.cmpSeconds)),
        ])
      })
  }

  /// Numbers of the size of weights; `shift` moves each by up to so many steps.
  private static func write(to path: String, shift: UInt64) throws {
    try SyntheticFile.write(to: path) { layer, count in
      var random = RandomSource(seed: 1, stream: UInt64(layer))
      return (0..<count).map { _ in
        let draw = random.next()
        // Magnitudes from 2⁻⁸ to 2⁻⁵, both signs.
        let magnitude = 0x3B80 + UInt16(truncatingIfNeeded: draw % 0x180)
        let moved = magnitude + UInt16(truncatingIfNeeded: (draw >> 20) % (shift + 1))
        return (moved | UInt16(truncatingIfNeeded: draw >> 40) & 0x8000).littleEndian
      }
    }
  }
}

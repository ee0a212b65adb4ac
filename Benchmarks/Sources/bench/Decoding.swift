import FormatIO
import Foundation

/// How fast elements of each type become `Float`, beside a plain copy of as many `Float`s: one thread, more
/// numbers than the cache holds.
struct Decoding {
  private static let count = 1 << 24

  private struct Result {
    let name: String
    let secondsPerNumber: Double
    /// Against the copy: 1 is the speed of memory.
    let share: Double
  }

  private var results: [Result] = []

  /// Measures every type that can be read; the best of the repetitions counts.
  init(repetitions: Int) throws {
    var target = [Float](repeating: 0, count: Self.count)
    let source = [Float](repeating: 1, count: Self.count)
    let copy = try Self.best(repetitions) {
      target.withUnsafeMutableBytes { target in
        source.withUnsafeBytes { target.copyMemory(from: $0) }
      }
    }
    let types = ElementType.gguf.sorted { $0.key < $1.key }.map(\.value).filter(\.isReadable)
    for type in types {
      guard let size = type.byteCount(elements: Self.count) else { continue }
      // Every block the same bytes; no scale among them is not a number.
      let bytes = [UInt8](repeating: 0x21, count: size)
      let seconds = try Self.best(repetitions) {
        var span = target.mutableSpan
        bytes.withUnsafeBytes { FloatDecoding.decode($0, type, into: &span) }
      }
      results.append(
        Result(
          name: type.name, secondsPerNumber: seconds / Double(Self.count), share: copy / seconds))
    }
  }

  private static func best(_ repetitions: Int, _ body: () throws -> Void) throws -> Double {
    try body()
    return try (0..<repetitions).map { _ in try Sample.measure(body).seconds }.min() ?? .nan
  }

  /// The results as a table.
  var table: String {
    var lines = ["| type | GB/s of numbers | share of a copy |", "|---|---|---|"]
    for result in results {
      let speed = 4 / result.secondsPerNumber / 1e9
      lines.append(
        String(format: "| %@ | %.1f | %.0f %% |", result.name, speed, 100 * result.share))
    }
    return lines.joined(separator: "\n")
  }

  /// The results as data.
  var json: JSON {
    .array(
      results.map {
        .object([
          .init("type", .string($0.name)),
          .init("numbers_per_second", JSON(1 / $0.secondsPerNumber)),
          .init("share_of_copy", JSON($0.share)),
        ])
      })
  }
}

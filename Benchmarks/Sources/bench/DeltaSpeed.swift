import FormatIO
import Foundation
import Glibc
import Perturb

/// How fast patch files are made and used, as whole processes of the built program.
struct DeltaSpeed {
  /// A change of the base.
  private enum Change: String, CaseIterable {
    /// One word in a hundred moves by one step.
    case sparse
    /// All numbers move by a normal number with standard deviation 1e-4.
    case dense
    /// Every fourth tensor stays; the others move by 1 % of their norm, as a repair does.
    case repair
  }

  /// A ratio that is wanted.
  private struct Goal {
    let change: Change
    let task: String
    let rival: String
    let threads: Int
    let wanted: Double?
    /// Speed against the rival, by the medians of wall time.
    let ratio: Double
    let othersCores: Double
  }

  private let program: String
  private let folder: String
  private let repetitions: Int
  private(set) var comparisons: [Comparison] = []
  private var sizes: [(change: Change, patch: Int, target: Int)] = []
  private var goals: [Goal] = []

  /// Writes a base and, one after the other, its targets into `folder`, measures and removes them.
  init(program: String, in folder: String, repetitions: Int) throws {
    (self.program, self.folder, self.repetitions) = (program, folder, repetitions)
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw InputError(
        file: program, expected: "the built program", found: "none",
        fix: "make build, or name it with --program")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let base = folder + "/base.safetensors"
    try Self.write(to: base, nil)
    for change in Change.allCases {
      let target = folder + "/target.safetensors"
      try Self.write(to: target, change)
      try measure(change, base: base, target: target)
    }
  }

  private mutating func measure(_ change: Change, base: String, target: String) throws {
    // A process that is started has at least the peak of this one.
    FreedMemory.giveBack()
    let patch = folder + "/patch.ppd"
    let (copy, packed) = (folder + "/output.safetensors", folder + "/output.zst")
    let bytes = SyntheticFile.bytes
    func clear(_ path: String) -> () -> Void {
      { try? FileManager.default.removeItem(atPath: path) }
    }
    func ours(_ command: String, _ threads: Int, _ arguments: [String], _ output: String)
      -> Contestant
    {
      Baselines.program(
        "\(Comparison.ours) \(command)",
        #"exec "$0" delta \#(command) --threads \#(threads) -- "$@" >/dev/null 2>&1"#,
        [program] + arguments, bytes, threads: threads, showsPeak: true, prepare: clear(output))
    }
    func make(_ threads: Int, _ option: String = "") -> Contestant {
      // One is used below, the other is not.
      let output = option.isEmpty ? patch : folder + "/other.ppd"
      // The program reads options before "--" only.
      return Baselines.program(
        "\(Comparison.ours) make\(option)",
        #"exec "$0" delta make\#(option) --threads \#(threads) -o "$3" -- "$1" "$2" >/dev/null 2>&1"#,
        [program, base, target, output], bytes, threads: threads, showsPeak: true,
        prepare: clear(output))
    }
    let withoutFileDigests = " --no-file-digests"
    let makes = try Comparison(
      "delta make, \(change)", unit: "MB", repetitions: repetitions,
      [
        make(1), make(2), make(1, withoutFileDigests), make(2, withoutFileDigests),
        Baselines.program(
          "zstd -3", #"exec zstd -3 -q -T1 -o "$1" -- "$0""#, [target, packed], bytes,
          prepare: clear(packed)),
        Baselines.program(
          "zstd -3 --patch-from",
          #"exec zstd -3 -q -T1 --long=31 --patch-from="$0" -o "$2" -- "$1""#,
          [base, target, packed], bytes, prepare: clear(packed)),
      ])
    clear(packed)()
    sizes.append((change, try Self.size(patch), try Self.size(target)))
    let uses = try Comparison(
      "delta apply, \(change)", unit: "MB", repetitions: repetitions,
      [1, 2].flatMap { threads in
        [
          ours("apply", threads, [base, patch, copy], copy),
          ours("revert", threads, [target, patch, copy], copy),
        ]
      } + [
        Baselines.program(
          "cp", #"exec cp --reflink=never -- "$0" "$1""#, [target, copy], bytes,
          prepare: clear(copy)),
        Baselines.program(
          "cp + sync", #"cp --reflink=never -- "$0" "$1" && sync -- "$1""#, [target, copy], bytes,
          prepare: clear(copy)),
      ])
    clear(copy)()
    comparisons += [makes, uses]
    for threads in [1, 2] {
      for option in ["", withoutFileDigests] {
        addGoal(change, makes, "make" + option, "zstd -3", threads, 3)
      }
      for task in ["apply", "revert"] {
        let wanted = change == .sparse && threads == 2 && task == "apply" ? 0.7 : nil
        addGoal(change, uses, task, "cp", threads, wanted)
        addGoal(change, uses, task, "cp + sync", threads, wanted)
      }
    }
  }

  private mutating func addGoal(
    _ change: Change, _ comparison: Comparison, _ task: String, _ rival: String, _ threads: Int,
    _ wanted: Double?
  ) {
    let mine = comparison.contestants.first {
      $0.name == "\(Comparison.ours) \(task)" && $0.threads == threads
    }
    guard let mine, let other = comparison.contestants.first(where: { $0.name == rival }) else {
      return
    }
    goals.append(
      Goal(
        change: change, task: task, rival: rival, threads: threads, wanted: wanted,
        ratio: other.spread(\.seconds).median / mine.spread(\.seconds).median,
        othersCores: mine.others))
  }

  private static func size(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.size] as? NSNumber)?.intValue ?? 0
  }
}

// MARK: - The report

extension DeltaSpeed {
  /// The results beside what is wanted.
  var table: String {
    var lines = ["\n| patch | bytes | share of the target |", "|---|---|---|"]
    lines += sizes.map {
      "| \($0.change) | \($0.patch) | \(short(Double($0.patch) / Double($0.target))) |"
    }
    lines += [
      "\n| patch | task | threads | speed against | wanted | measured | others' cores |",
      "|---|---|---|---|---|---|---|",
    ]
    lines += goals.map {
      "| \($0.change) | \($0.task) | \($0.threads) | \($0.rival) | \($0.wanted.map(short) ?? "–") "
        + "| \(short($0.ratio)) | \(String(format: "%.1f", $0.othersCores)) |"
    }
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    .object([
      .init(
        "sizes",
        .array(
          sizes.map {
            .object([
              .init("change", .string($0.change.rawValue)), .init("patchBytes", JSON($0.patch)),
              .init("targetBytes", JSON($0.target)),
            ])
          })),
      .init(
        "speedAgainst",
        .array(
          goals.map {
            .object([
              .init("change", .string($0.change.rawValue)), .init("task", .string($0.task)),
              .init("rival", .string($0.rival)), .init("threads", JSON($0.threads)),
              .init("wanted", $0.wanted.map { JSON($0) } ?? .null),
              .init("measured", JSON($0.ratio)),
            ])
          })),
    ])
  }
}

// MARK: - The files

extension DeltaSpeed {
  private static let deviation: Float = 0.02

  /// Quantiles of the normal distribution: a random index gives a normal number.
  private static let normal: [Float] = (0..<1 << 16).map { index in
    let probability = (Double(index) + 0.5) / Double(1 << 16)
    var (low, high) = (-6.0, 6.0)
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
    }
    return Float(low)
  }

  /// Writes the base, or what a change makes of it.
  private static func write(to path: String, _ change: Change?) throws {
    try SyntheticFile.write(to: path) { layer, count in tensor(layer, count: count, change) }
  }

  private static func tensor(_ layer: Int, count: Int, _ change: Change?) -> [UInt16] {
    var random = RandomSource(seed: 1, stream: UInt64(layer))
    var noise = RandomSource(seed: 2, stream: UInt64(layer))
    let size: Float =
      switch change {
      case .dense: 1e-4
      case .repair where layer % 4 > 0: 0.01 * deviation
      default: 0
      }
    return normal.withUnsafeBufferPointer { normal in
      [UInt16](unsafeUninitializedCapacity: count) { words, filled in
        for start in stride(from: 0, to: count, by: 4) {
          let (draw, other) = (random.next(), noise.next())
          for index in 0..<4 {
            func number(_ draw: UInt64) -> Float {
              normal[Int(draw >> UInt64(16 * index) & 0xffff)]
            }
            let moved = deviation * number(draw) + size * number(other)
            let bits = moved.bitPattern
            // Rounded to the nearest, ties to even.
            words[start + index] =
              UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16).littleEndian
          }
          // One word of each 100 on the average, one step up or down.
          if change == .sparse, other % 25 == 0 {
            let place = start + Int(other >> 32 & 3)
            words[place] = words[place] &+ (other >> 40 & 1 == 0 ? 1 : UInt16.max)
          }
        }
        filled = count
      }
    }
  }
}

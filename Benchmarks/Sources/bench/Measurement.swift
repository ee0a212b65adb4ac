import FormatIO
import Foundation
import Glibc

/// What one repetition cost.
struct Sample {
  var seconds: Double
  var cpuSeconds: Double
  /// The most resident memory of the process while it ran; nil where nobody looked.
  var peakBytes: Int?
  /// CPU seconds that other programs took meanwhile.
  var othersSeconds = 0.0

  /// Runs `body` in this process and measures it. Programs it starts and waits for count as CPU time.
  static func measure(_ body: () throws -> Void) throws -> Sample {
    // Resets the high-water mark of resident memory (proc(5), clear_refs).
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    let (start, cpuStart, machineStart) = (ContinuousClock.now, cpuSeconds, machineSeconds)
    try body()
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let (cpu, machine) = (cpuSeconds - cpuStart, machineSeconds - machineStart)
    return Sample(
      seconds: elapsed, cpuSeconds: cpu, peakBytes: peakBytes, othersSeconds: machine - cpu)
  }

  /// CPU seconds of the whole machine since it started, in steps of 10 ms; what the host of a
  /// virtual machine took away counts (proc(5), stat).
  static var machineSeconds: Double {
    let line =
      (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?
      .split(separator: "\n").first ?? ""
    let fields = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    let busy = [0, 1, 2, 5, 6, 7].filter { $0 < fields.count }.reduce(0) { $0 + fields[$1] }
    return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Of this process and of those it waited for: RUSAGE_SELF and RUSAGE_CHILDREN, which Swift imports
  /// in a type that getrusage does not take.
  private static var cpuSeconds: Double {
    [Int32(0), -1].reduce(0.0) { sum, who in
      var usage = rusage()
      getrusage(who, &usage)
      return [usage.ru_utime, usage.ru_stime].reduce(sum) {
        $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
      }
    }
  }

  /// Resident memory of this process now.
  static var residentBytes: Int? { status("VmRSS:") }

  private static var peakBytes: Int? { status("VmHWM:") }

  /// A line of proc(5), status, in bytes.
  private static func status(_ name: String) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      .map { $0 * 1024 }
  }
}

/// One way to do a task, and what it cost each time.
struct Contestant {
  let name: String
  let threads: Int
  /// How much work one repetition is, in units of the task; nil if only FLOPs count.
  var amount: Double?
  /// The floating point operations the mathematics needs.
  var flops: Double?
  /// Runs one repetition; told whether it is only to warm up.
  let run: (_ warmUp: Bool) throws -> Sample
  /// False where starting a program may take longer than its work.
  var isComparable = true
  /// Whom it is compared with; nil means everyone who is not the product.
  var rivals: [String]?
  var samples: [Sample] = []
  /// Speed relative to others, by wall time if there were cores enough, and by CPU time.
  var ratios: [(name: String, wall: Double?, cpu: Double)] = []

  init(
    _ name: String, threads: Int = 1, amount: Double? = nil, flops: Double? = nil,
    rivals: [String]? = nil, run: @escaping (_ warmUp: Bool) throws -> Sample
  ) {
    (self.name, self.threads, self.amount, self.flops) = (name, threads, amount, flops)
    (self.rivals, self.run) = (rivals, run)
  }

  /// Least, median and most of a property.
  func spread(_ property: (Sample) -> Double) -> (least: Double, median: Double, most: Double) {
    let sorted = samples.map(property).sorted()
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return (sorted[0], median, sorted[sorted.count - 1])
  }

  /// How many cores other programs kept busy while this ran.
  var others: Double {
    let seconds = samples.reduce(0) { $0 + $1.seconds }
    return max(0, samples.reduce(0) { $0 + $1.othersSeconds } / seconds)
  }

  /// False if there were fewer free cores than threads: such a time says nothing.
  var hadItsCores: Bool {
    Double(threads) + others <= Double(ProcessInfo.processInfo.activeProcessorCount) + 0.15
  }

  /// Adds the speed relative to another contestant; by CPU time alone if one of them lacked cores.
  mutating func compare(with other: Contestant, as name: String) {
    guard isComparable, other.isComparable else { return }
    // Where both do the same task, the amounts are equal; a GEMM is compared by its FLOPs.
    let work =
      amount != nil && other.amount != nil ? 1 : (flops ?? 0) / max(other.flops ?? 1, 1)
    let wall = other.spread(\.seconds).median / spread(\.seconds).median
    let cpu = other.spread(\.cpuSeconds).median / max(spread(\.cpuSeconds).median, 1e-9)
    ratios.append((name, hadItsCores && other.hadItsCores ? work * wall : nil, work * cpu))
  }
}

/// A task and everyone who did it.
struct Comparison {
  let task: String
  /// What `amount` counts.
  let unit: String
  private(set) var contestants: [Contestant]

  /// Warms everyone up, then lets them take turns, so that all meet the same neighbours.
  init(_ task: String, unit: String, repetitions: Int, _ contestants: [Contestant]) throws {
    (self.task, self.unit, self.contestants) = (task, unit, contestants)
    FileHandle.standardError.write(Data("\(task)\n".utf8))
    for contestant in contestants { _ = try contestant.run(true) }
    for _ in 0..<repetitions {
      for index in contestants.indices {
        self.contestants[index].samples.append(try contestants[index].run(false))
      }
    }
    for index in contestants.indices where contestants[index].name.hasPrefix(Comparison.ours) {
      addRatios(index)
    }
    Comparison.output(rows.joined(separator: "\n"))
  }

  /// Writes lines to standard output at once, also into a pipe.
  static func output(_ lines: String) {
    FileHandle.standardOutput.write(Data((lines + "\n").utf8))
  }

  /// What the product's names begin with among the contestants.
  static let ours = "panacea-patch"

  private mutating func addRatios(_ index: Int) {
    let mine = contestants[index]
    for other in contestants {
      switch other.name {
      case mine.name where other.threads < mine.threads:
        contestants[index].compare(with: other, as: "1 thread")
      case let name
      where other.threads == mine.threads
        && (mine.rivals?.contains(name) ?? !name.hasPrefix(Comparison.ours)):
        contestants[index].compare(with: other, as: name)
      default: continue
      }
    }
  }

  static let tableHead = """
    | task | who | threads | seconds: min – median – max | CPU s | others' cores | speed | peak MiB \
    | speed against (by CPU time) |
    |---|---|---|---|---|---|---|---|---|
    """

  /// The rows of the Markdown table.
  private var rows: [String] {
    contestants.map { contestant in
      let time = contestant.spread(\.seconds)
      var speeds: [String] = []
      if let amount = contestant.amount {
        speeds.append("\(short(amount / time.median)) \(unit)/s")
      }
      if let flops = contestant.flops {
        speeds.append("\(short(flops / time.median / 1e9)) GFLOP/s")
      }
      let peak = contestant.samples.compactMap(\.peakBytes).max()
      let ratios = contestant.ratios.map {
        "\($0.name): \($0.wall.map(short) ?? "–") (\(short($0.cpu)))"
      }
      let cells = [
        task, contestant.name, "\(contestant.threads)",
        [time.least, time.median, time.most].map(short).joined(separator: " – "),
        short(contestant.spread(\.cpuSeconds).median), String(format: "%.1f", contestant.others),
        speeds.joined(separator: ", "),
        peak.map { "\($0 >> 20)" } ?? "", ratios.joined(separator: "; "),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }

  var json: JSON {
    .object([
      .init("task", .string(task)), .init("unit", .string(unit)),
      .init("contestants", .array(contestants.map(Comparison.json))),
    ])
  }

  private static func json(_ contestant: Contestant) -> JSON {
    func list(_ property: (Sample) -> Double) -> JSON {
      .array(contestant.samples.map { JSON(property($0)) })
    }
    return .object([
      .init("name", .string(contestant.name)), .init("threads", JSON(contestant.threads)),
      .init("amount", contestant.amount.map { JSON($0) } ?? .null),
      .init("flops", contestant.flops.map { JSON($0) } ?? .null),
      .init("seconds", list(\.seconds)), .init("cpuSeconds", list(\.cpuSeconds)),
      .init("othersCores", JSON(contestant.others)),
      .init(
        "peakBytes", contestant.samples.compactMap(\.peakBytes).max().map { JSON($0) } ?? .null),
      .init(
        "speedAgainst",
        .array(
          contestant.ratios.map {
            .object([
              .init("name", .string($0.name)),
              .init("wall", $0.wall.map { JSON($0) } ?? .null),
              .init("cpu", JSON($0.cpu)),
            ])
          })),
    ])
  }
}

/// Three significant digits, without an exponent.
func short(_ value: Double) -> String {
  let digits = value > 0 ? max(0, 2 - Int(log10(value).rounded(.down))) : 0
  return String(format: "%.\(digits)f", value)
}

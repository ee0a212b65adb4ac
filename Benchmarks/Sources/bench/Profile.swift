import FormatIO
import Foundation
import Perturb

/// Where the time of one step goes, seen from outside by `perf`.
struct Profile {
  /// What was profiled.
  let name: String
  /// Shares of the CPU time, the largest first.
  let parts: [(name: String, share: Double)]
  /// CPU seconds of one step.
  let cpuSeconds: Double
  /// What it had to compute.
  let operations: Workload.Operations
  /// Operations a second of the products alone, hot and cold, on one thread.
  let ceilings: (hot: Double, cold: Double)
  /// Other symbols with their shares, to see what the parts miss.
  let unknown: [(name: String, share: Double)]

  /// Words in the names of functions, the first that fits decides.
  private static let words: [(part: String, words: [String])] = [
    ("products, bf16", ["multiply_", "bfloat16_product"]),
    ("packing for them", ["pack_block", "pack_transposed", "bfloat16_pack"]),
    ("products, f32", ["gemm"]),
    ("rounding and transposing", ["RoundedMatrix", "bfloat16_round", "transpose", "OperandV"]),
    ("attention", ["Attention"]),
    ("head", ["OutputHead", "logSumExp", "exponential"]),
    (
      "elementwise",
      ["Normalization", "Rotary", "GatedActivation", "6VectorO", "updateParts", "BlockV"]
    ),
    ("optimiser", ["AdamW", "WeightChange", "Perturbation", "ParameterSpace", "Panacea"]),
    ("reading weights", ["FloatDecoding", "Checkpoint", "ElementType", "7WeightsV"]),
    ("gradient", ["8GradientV"]),
    ("memory", ["memset", "memcpy", "memmove", "malloc", "free", "swift_", "page", "clear"]),
  ]

  /// Profiles repetitions of `body`, which takes `cpuSeconds` each time.
  ///
  /// - Parameter file: where perf's own record stays, for `perf report -i`.
  init(
    _ name: String, operations: Workload.Operations, ceilings: (hot: Double, cold: Double),
    file: String, _ body: () throws -> Sample
  ) throws {
    self.name = name
    self.operations = operations
    self.ceilings = ceilings
    let perf = Process()
    perf.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    perf.arguments = [
      "perf", "record", "-q", "-F", "997", "-o", file, "-p", "\(getpid())",
    ]
    perf.standardError = FileHandle.nullDevice
    perf.standardOutput = FileHandle.nullDevice
    try perf.run()
    // Until it watches.
    Thread.sleep(forTimeInterval: 1)
    var samples: [Double] = []
    repeat { samples.append(try body().cpuSeconds) } while samples.reduce(0, +) < 3
    perf.interrupt()
    perf.waitUntilExit()
    cpuSeconds = samples.sorted()[samples.count / 2]

    var shares: [String: Double] = [:]
    var unknown: [(name: String, share: Double)] = []
    for (symbol, share) in try Self.symbols(of: file) {
      let part = Self.words.first { $0.words.contains { symbol.contains($0) } }?.part
      shares[part ?? "other", default: 0] += share
      if part == nil { unknown.append((symbol, share)) }
    }
    parts = shares.sorted { $0.value > $1.value }.map { ($0.key, $0.value) }
    self.unknown = Array(unknown.prefix(5))
  }

  /// True if there is a perf that works.
  static var isAvailable: Bool {
    (try? output(["perf", "stat", "-e", "task-clock", "true"])) != nil
  }

  private static func symbols(of file: String) throws -> [(String, Double)] {
    let report = try output([
      "perf", "report", "-i", file, "--stdio", "--no-children", "-F", "overhead,sym",
      "--percent-limit", "0.02",
    ])
    return report.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
      guard fields.count == 3, fields[0].hasSuffix("%"), let share = Double(fields[0].dropLast())
      else { return nil }
      return (String(fields[2]), share / 100)
    }
  }

  private static func output(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw InputError(
        file: words[0], expected: "success", found: "status \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

extension Profile {
  /// The share of the products with weights. In single precision those inside attention have the
  /// same kernels, so their counted share is taken off.
  private var linearShare: Double {
    let products = parts.filter { $0.name.hasPrefix("p") }.reduce(0) { $0 + $1.share }
    func share(_ name: String) -> Double { parts.first { $0.name == name }?.share ?? 0 }
    let single = share("products, f32")
    // A few samples of the other kernels may be in either.
    return share("products, bf16") > single
      ? products - single : products * operations.linear / operations.all
  }

  /// Operations a second of the products with weights.
  private var linearRate: Double { operations.linear / (linearShare * cpuSeconds) }

  /// For people.
  static func table(_ profiles: [Profile]) -> String {
    profiles.map { profile in
      let list = profile.parts.map { "\($0.name) \(String(format: "%.1f", $0.share * 100)) %" }
      let percent = { (share: Double) in String(format: "%.0f %%", share * 100) }
      return """

        Profile of \(profile.name), one thread, \(short(profile.cpuSeconds)) CPU seconds: \
        \(list.joined(separator: ", ")).
        Linear products: \(percent(profile.linearShare)) of the time, \
        \(short(profile.linearRate / 1e9)) GFLOP/s, \(percent(profile.linearRate / profile.ceilings.hot)) \
        of the GEMM alone, \(percent(profile.linearRate / profile.ceilings.cold)) of it when cold.
        """
    }.joined(separator: "\n")
  }

  var json: JSON {
    func object(_ list: [(name: String, share: Double)]) -> JSON {
      .object(list.map { .init($0.name, JSON($0.share)) })
    }
    return .object([
      .init("task", .string(name)), .init("cpuSeconds", JSON(cpuSeconds)),
      .init("parts", object(parts)), .init("largestOthers", object(unknown)),
      .init("linearShare", JSON(linearShare)), .init("linearRate", JSON(linearRate)),
      .init("gemmRate", JSON(ceilings.hot)), .init("coldGemmRate", JSON(ceilings.cold)),
    ])
  }
}

extension Contest {
  /// The steps that are compared with a peer, by part; none where there is no perf.
  func profiles() throws -> [Profile] {
    guard Profile.isAvailable else {
      Comparison.output("\nNo profile: perf is missing or may not watch.")
      return []
    }
    return try Precision.all.reversed().map { precision in
      let task = StepTask.paper(workload, StepTask.lowRank)
      let run = HeldRun(try task.method(precision, steps: .max))
      defer { run.stop() }
      Parallel.threads = 1
      try run.next()
      let tokens = workload.sequences.count * (workload.sequences[0].count - 1)
      let rates = try [false, true].map { isCold in
        let ceiling = Ceiling(
          precision, isCold: isCold, tokens: tokens, of: workload, hasWeightGradients: false
        ).contestant(threads: 1)
        _ = try ceiling.run(true)
        let seconds = try (0..<5).map { _ in try ceiling.run(false).cpuSeconds }.sorted()[2]
        return (ceiling.flops ?? 0) / seconds
      }
      return try Profile(
        "a Panacea step, low rank, \(precision.short)", operations: task.operations(),
        ceilings: (rates[0], rates[1]), file: Bench.scratch + "/perf-\(precision.short).data"
      ) { try Sample.measure { try run.next() } }
    }
  }
}

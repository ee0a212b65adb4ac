import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Measures the product side by side with the machine's own limits and, if asked, a Python peer.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time the product against what the machine can do and against PyTorch.")

  @Argument(help: "A model in Hugging Face layout.")
  var model = Bench.root + "/fixtures/demo/damaged"

  @Option(help: "A folder with harmful.jsonl, benign.jsonl and task.jsonl.")
  var rows = Bench.root + "/fixtures/demo/calibration"

  @Option(help: "A Python with torch and transformers; without it there is no peer.")
  var python: String?

  @Option(help: "What to measure, of this list.")
  var parts = Part.allCases.map(\.rawValue).joined(separator: ",")

  @Option(help: "Where the JSON goes.")
  var json = Bench.root + "/Benchmarks/.build/bench.json"

  @Option(help: "The built program, whose processes the part delta measures.")
  var program = Bench.root + "/.build/release/panacea-patch"

  @Option(help: "Tokens of the gradient over all places.")
  var tokens = 1024

  @Option(help: "Tokens generated for each of the 32 prompts.")
  var newTokens = 32

  @Option(help: "How often everyone repeats each task.")
  var repetitions = 3

  /// The repository, found from this file. `Ablations` has its own: too little to share in a module.
  static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
    .joined(separator: "/").replacingOccurrences(of: "//", with: "/")
  static let scratch = root + "/Benchmarks/.build/work"
  private static let text = root + "/fixtures/tokenizers/corpus.txt"

  /// The kinds of tokenizer, by the names of their files.
  private static let kinds = [
    "gpt2", "smollm", "llama3", "qwen2", "o200k", "llama2", "mistral", "gemma", "unigram",
  ]

  /// What can be measured.
  enum Part: String, CaseIterable {
    case steps, gradient, profile, generation, sizes, files, diff, delta, decoding, tokenizer
  }

  func validate() throws {
    guard tokens > 0, newTokens > 1, repetitions > 0 else {
      throw ValidationError("--tokens and --repetitions must be at least 1, --new-tokens 2.")
    }
    for part in parts.split(separator: ",") where Part(rawValue: String(part)) == nil {
      throw ValidationError("--parts has no \(part).")
    }
  }

  func run() throws {
    // As the program does.
    FreedMemory.keep()
    let wanted = Set(parts.split(separator: ",").compactMap { Part(rawValue: String($0)) })
    try FileManager.default.createDirectory(
      atPath: Bench.scratch, withIntermediateDirectories: true)
    let workload = try Workload(
      model: .open(model), rows: rows, tokens: tokens, newTokens: newTokens)
    let contest = Contest(workload: workload, python: python, repetitions: repetitions)
    announce(workload)

    var record: [JSON.Member] = header(workload)
    var results = Contest.Results()
    if wanted.contains(.steps) { try contest.steps(&results) }
    if wanted.contains(.gradient) { try contest.gradients(&results) }
    if wanted.contains(.generation) { try contest.generation(&results) }
    if wanted.contains(.files) {
      results.comparisons += try reading(workload.model.map.checkpoint)
    }
    if wanted.contains(.tokenizer) { try encoding(contest, &results) }
    if wanted.contains(.profile) {
      let profiles = try contest.profiles()
      record.append(.init("profiles", .array(profiles.map(\.json))))
      Comparison.output(Profile.table(profiles))
    }
    if wanted.contains(.sizes) {
      let sizes = try Sizes(in: Bench.scratch + "/synthetic", repetitions: repetitions)
      record.append(.init("sizes", sizes.json))
      Comparison.output(sizes.table)
    }
    if wanted.contains(.diff) {
      let differences = try Differences(
        in: Bench.scratch + "/diff", repetitions: repetitions)
      record.append(.init("diff", differences.json))
      Comparison.output(differences.table)
    }
    if wanted.contains(.delta) {
      let delta = try DeltaSpeed(
        program: program, in: Bench.scratch + "/delta", repetitions: repetitions)
      results.comparisons += delta.comparisons
      record.append(.init("delta", delta.json))
      Comparison.output(delta.table)
    }
    if wanted.contains(.decoding) {
      let decoding = try Decoding(repetitions: repetitions)
      record.append(.init("decoding", decoding.json))
      Comparison.output(decoding.table)
    }
    if !results.differences.isEmpty { Comparison.output(results.table) }
    record += [
      .init("peer", results.versions),
      .init("comparisons", .array(results.comparisons.map(\.json))),
      .init("differences", .object(results.differences.map { .init($0.name, JSON($0.value)) })),
    ]
    try Data((JSON.object(record).encoded(indented: true) + "\n").utf8)
      .write(to: URL(fileURLWithPath: json))
  }
}

// MARK: - Files and text

extension Bench {
  /// Works on the first file of the checkpoint.
  private func reading(_ checkpoint: Checkpoint) throws -> [Comparison] {
    let path = checkpoint.shards[0].path
    let copy = Bench.scratch + "/copy.safetensors"
    let source = try Checkpoint.open(path)
    let bytes = source.shards[0].file.count
    defer { try? FileManager.default.removeItem(atPath: copy) }

    // One tensor is replaced by itself: without that, the file system may share the blocks.
    var writer = CheckpointWriter(source)
    if let tensor = source.tensors.min(by: { $0.byteCount < $1.byteCount }) {
      let size = tensor.elementType.bits / 8
      writer.replacements[tensor.name] = .init(tensor.elementType) { range in
        try source.withBytes(of: tensor) {
          Array($0[range.lowerBound * size..<range.upperBound * size])
        }
      }
    }
    let patch = Contestant(Comparison.ours, amount: Double(bytes) / 1e6) { _ in
      try? FileManager.default.removeItem(atPath: copy)
      return try Sample.measure { try writer.write(to: copy) }
    }
    let digest = Contestant(Comparison.ours, amount: Double(bytes) / 1e6) { _ in
      try Sample.measure { _ = try Checkpoint.open(path).contentDigest() }
    }
    return [
      try Comparison(
        "no-op patch", unit: "MB", repetitions: repetitions,
        [
          Baselines.copy(path, to: copy, bytes: bytes),
          Baselines.copyAndDigest(path, to: copy, bytes: bytes), patch,
        ]),
      try Comparison(
        "open and digest", unit: "MB", repetitions: repetitions,
        [Baselines.digest(path, bytes: bytes), digest]),
    ]
  }

  /// The model's tokenizer, then one of each kind in the fixtures.
  private func encoding(_ contest: Contest, _ results: inout Contest.Results) throws {
    let folder = contest.workload.model.map.checkpoint.folder
    let text = try String(contentsOfFile: Bench.text, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let amount = Double(text.utf8.count) / 1e6
    let fixtures = URL(fileURLWithPath: Bench.text).deletingLastPathComponent().path
    let kinds = Bench.kinds.map { (name: "tokenizer, \($0)", path: "\(fixtures)/\($0).json") }
    for (name, path) in [("tokenizer", folder + "/tokenizer.json")] + kinds {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let tokenizer = try Tokenizer(json: JSON.parse(bytes, file: path), file: path)
      var (count, peerCount) = (0, 0)
      var contestants = [
        Contestant(Comparison.ours, amount: amount) { _ in
          try Sample.measure { count = lines.reduce(0) { $0 + tokenizer.encode($1).count } }
        }
      ]
      let peer = try contest.peer([
        .init("task", .string("tokenizer")), .init("text", .string(Bench.text)),
        .init("tokenizer", .string(path)),
      ])
      if let peer {
        contestants.append(
          peer.contestant("tokenizers", threads: 1, amount: amount) {
            peerCount = $0["tokens"]?.integer ?? 0
          })
      }
      results.comparisons.append(
        try Comparison(name, unit: "MB", repetitions: repetitions, contestants))
      if peer != nil {
        results.differences.append(
          ("number of tokens, \(name)", Double(abs(count - peerCount)) / Double(count)))
      }
    }
  }
}

// MARK: - The report

extension Bench {
  private static var processor: String {
    let lines =
      (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n") ?? []
    return lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
      .map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  /// What is measured; the rows of the table follow one by one as they are known.
  private func announce(_ workload: Workload) {
    let map = workload.model.map
    let date = ISO8601DateFormatter.string(
      from: Date(), timeZone: .gmt, formatOptions: .withFullDate)
    let step = StepTask.paper(workload, StepTask.lowRank)
    Comparison.output(
      """
      \(date), \(Bench.processor), \(ProcessInfo.processInfo.activeProcessorCount) cores. \
      OpenBLAS kernels: \(Baselines.kernel). BF16 kernel: \
      \(Precision.fastest == .bfloat16 ? "AVX512-BF16" : "none").
      Model \(URL(fileURLWithPath: model).lastPathComponent): \(map.parameterCount) weights. \
      A step reads \(step.tokens) tokens, \(step.paddedTokens) when padded. \
      The gradient over all places: \(workload.sequences.count) rows of \
      \(workload.sequences[0].count - 1) tokens. Repetitions: \(repetitions).

      \(Comparison.tableHead)
      """)
  }

  private func header(_ workload: Workload) -> [JSON.Member] {
    [
      .init("schema", "panacea-patch/bench/2"),
      .init("model", .string(URL(fileURLWithPath: model).lastPathComponent)),
      .init("parameters", JSON(workload.model.map.parameterCount)),
      .init("processor", .string(Bench.processor)), .init("kernel", .string(Baselines.kernel)),
    ]
  }
}

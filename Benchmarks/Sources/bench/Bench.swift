import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Measures the product side by side with the machine's own limits and, if asked, a Python peer.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time the model, the file pass and the tokenizer against what the machine can do.")

  @Argument(help: "A folder in Hugging Face layout (default: the demo model, else a golden one).")
  var model: String?

  @Option(help: "A Python with torch and transformers; without it there is no peer.")
  var python: String?

  @Option(help: "Where the JSON goes.")
  var json = Bench.root + "/Benchmarks/.build/bench.json"

  @Option(help: "Tokens in the batch.")
  var tokens = 1024

  @Option(help: "Tokens generated for each of the 32 prompts.")
  var newTokens = 32

  @Option(help: "How often everyone repeats each task.")
  var repetitions = 5

  /// The repository, found from this file. `Ablations` has its own: too little to share in a module.
  private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
    .joined(separator: "/").replacingOccurrences(of: "//", with: "/")
  private static let scratch = root + "/Benchmarks/.build/work"
  private static let text = root + "/fixtures/tokenizers/corpus.txt"

  func validate() throws {
    guard tokens > 0, newTokens > 1, repetitions > 0 else {
      throw ValidationError("--tokens and --repetitions must be at least 1, --new-tokens 2.")
    }
  }

  func run() throws {
    let folder = model ?? Bench.defaultModel
    try FileManager.default.createDirectory(
      atPath: Bench.scratch, withIntermediateDirectories: true)
    let checkpoint = try Checkpoint.open(folder)
    let map = try TensorMap(
      checkpoint: checkpoint, configuration: try ModelConfiguration.load(folder: checkpoint.folder))
    let limit = map.configuration.contextLength / 2
    let workload = Workload(map: map, tokens: tokens, newTokens: min(newTokens, limit))
    let tokenizer = Bench.tokenizer(besides: checkpoint.folder)

    let peer = try python.map { python in
      let request = Bench.scratch + "/request.json"
      let document = workload.request(
        model: checkpoint.folder, tokenizer: tokenizer, text: Bench.text,
        gradients: Bench.gradients)
      try Data(document.encoded().utf8).write(to: URL(fileURLWithPath: request))
      return try Peer(
        python: python, script: Bench.root + "/Benchmarks/peer/peer.py", request: request)
    }

    announce(folder, workload)
    var agreement: [(name: String, value: Double)] = []
    var comparisons = try computing(workload, peer, &agreement)
    comparisons += try reading(checkpoint)
    comparisons.append(try encoding(tokenizer, peer, &agreement))
    try report(folder, workload, comparisons, agreement, peer)
  }

  private static let gradients = scratch + "/gradients.safetensors"

  private static var defaultModel: String {
    let demo = root + "/fixtures/demo/damaged"
    let exists = FileManager.default.fileExists(atPath: demo + "/config.json")
    return exists ? demo : root + "/fixtures/golden/grouped"
  }

  /// The model's own, or the one of a fixture.
  private static func tokenizer(besides folder: String) -> String {
    let own = folder + "/tokenizer.json"
    let exists = FileManager.default.fileExists(atPath: own)
    return exists ? own : root + "/fixtures/tokenizers/smollm.json"
  }
}

// MARK: - The model

extension Bench {
  private func computing(
    _ workload: Workload, _ peer: Peer?, _ agreement: inout [(name: String, value: Double)]
  ) throws -> [Comparison] {
    let model = Transformer(weights: Weights(map: workload.map))
    let (whole, small) = (workload.batch(), workload.batch(rows: 1))
    let amount = Double(whole.batch.tokens.count)
    var (loss, peerLoss, peerNorm) = (0.0, Double.nan, Double.nan)
    var last: Gradient?

    func everyone(
      _ task: String, gemmTokens: Int, _ products: Workload.Products, flops: Double,
      amount: Double, inspect: @escaping (JSON) throws -> Void = { _ in },
      _ body: @escaping (_ warmUp: Bool) throws -> Void
    ) throws -> Comparison {
      var contestants = [Baselines.gemm(workload, tokens: gemmTokens, products: products)]
      for threads in [1, 2] {
        contestants.append(
          Contestant(Comparison.ours, threads: threads, amount: amount, flops: flops) { warmUp in
            Parallel.threads = threads
            return try Sample.measure { try body(warmUp) }
          })
        guard let peer else { continue }
        contestants.append(
          peer.contestant(task, threads: threads, amount: amount, inspect: inspect))
      }
      return try Comparison(task, unit: "tokens", repetitions: repetitions, contestants)
    }

    func gradient(_ parametrisation: ParameterSpace.Parametrisation) -> (Bool) throws -> Void {
      let space = workload.space(parametrisation)
      let start = Perturbation(space: space, values: space.initialValues(seed: 1))
      let moved = Transformer(weights: Weights(map: workload.map, perturbation: start))
      return { warmUp in
        let (batch, targets) = warmUp ? small : whole
        var gradient = Gradient(at: start)
        _ = try moved.gradient(batch, targets: targets, into: &gradient)
        if parametrisation == .full { last = gradient }
      }
    }

    let forward = try everyone(
      "forward", gemmTokens: whole.batch.tokens.count, .forward, flops: workload.flops(.forward),
      amount: amount, inspect: { peerLoss = $0["loss"]?.double ?? .nan },
      { warmUp in
        let (batch, targets) = warmUp ? small : whole
        let scores = try model.scores(batch, targets: targets)
        loss = scores.likelihood.reduce(0) { $0 + Double($1) } / Double(targets.count)
      })
    let full = try everyone(
      "gradient", gemmTokens: whole.batch.tokens.count, [.forward, .input, .weight],
      flops: workload.flops([.forward, .input, .weight]), amount: amount,
      inspect: { peerNorm = $0["gradientNorm"]?.double ?? .nan }, gradient(.full))
    if peer != nil, let last {
      agreement.append(("loss", abs(loss - peerLoss) / peerLoss))
      let norm = last.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      agreement.append(("norm of the gradient", abs(norm - peerNorm) / peerNorm))
      agreement += try Bench.differences(last)
    }
    last = nil
    let lowRank = try everyone(
      "low-rank gradient", gemmTokens: whole.batch.tokens.count, [.forward, .input],
      flops: workload.flops([.forward, .input], lowRank: true), amount: amount,
      gradient(.lowRank(rank: Workload.rank, scale: Workload.scale)))

    var resident = model.weights
    try resident.makeResident()
    var (answers, peerAnswers): ([[Int32]], [[Int32]]) = ([], [])
    let generation = try everyone(
      "generation", gemmTokens: workload.prompts.count, .forward,
      flops: workload.generationFlops,
      amount: Double(workload.prompts.count * workload.newTokens),
      inspect: { answer in
        peerAnswers = (answer["answers"]?.array ?? []).map { tokens in
          (tokens.array ?? []).compactMap(\.integer).map { Int32(clamping: $0) }
        }
      },
      { warmUp in
        answers = try Generation(
          model: Transformer(weights: resident), maximumTokens: warmUp ? 2 : workload.newTokens,
          stopTokens: []
        ).answers(to: workload.prompts)
      })
    if peer != nil {
      let other = zip(answers, peerAnswers).count { $0 != $1 }
      agreement.append(("answers that differ", Double(other) / Double(answers.count)))
    }
    return [forward, full, lowRank, generation]
  }

  /// ‖ours − peer's‖ / ‖peer's‖ for each tensor the peer wrote.
  private static func differences(_ gradient: Gradient) throws -> [(name: String, value: Double)] {
    let theirs = try Checkpoint.open(gradients)
    return try gradient.space.entries.compactMap { entry in
      guard let tensor = theirs.tensor(entry.name), case .full(let range) = entry.form else {
        return nil
      }
      var (difference, reference) = (0.0, 0.0)
      for (mine, other) in zip(gradient.values[range], try theirs.readFloats(tensor)) {
        difference += Double(mine - other) * Double(mine - other)
        reference += Double(other) * Double(other)
      }
      return ("gradient of \(entry.name)", (difference / reference).squareRoot())
    }
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

  private func encoding(
    _ path: String, _ peer: Peer?, _ agreement: inout [(name: String, value: Double)]
  ) throws -> Comparison {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let tokenizer = try Tokenizer(json: try JSON.parse([UInt8](data), file: path), file: path)
    let text = try String(contentsOfFile: Bench.text, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var (count, peerCount) = (0, 0)
    let amount = Double(text.utf8.count) / 1e6
    var contestants = [
      Contestant(Comparison.ours, amount: amount) { _ in
        try Sample.measure { count = lines.reduce(0) { $0 + tokenizer.encode($1).count } }
      }
    ]
    if let peer {
      contestants.append(
        peer.contestant("tokenizer", threads: 1, amount: amount) {
          peerCount = $0["tokens"]?.integer ?? 0
        })
    }
    let comparison = try Comparison(
      "tokenizer", unit: "MB", repetitions: repetitions, contestants)
    if peer != nil {
      agreement.append(("number of tokens", Double(abs(count - peerCount)) / Double(count)))
    }
    return comparison
  }
}

// MARK: - The report

extension Bench {
  /// What is measured; the rows of the table follow one by one as they are known.
  private func announce(_ folder: String, _ workload: Workload) {
    let (batch, targets) = workload.batch()
    let longest = batch.sequences.map(\.count).max() ?? 0
    Comparison.output(
      """
      Model \(URL(fileURLWithPath: folder).lastPathComponent): \(workload.map.parameterCount) \
      weights. Batch: \(batch.sequences.count) rows, \(batch.tokens.count) tokens \
      (\(batch.sequences.count * (longest + 1)) when padded), \(targets.count) answer tokens. \
      Repetitions: \(repetitions). \
      OpenBLAS kernels: \(Baselines.kernel).

      \(Comparison.tableHead)
      """)
  }

  private func report(
    _ folder: String, _ workload: Workload, _ comparisons: [Comparison],
    _ agreement: [(name: String, value: Double)], _ peer: Peer?
  ) throws {
    let (batch, targets) = workload.batch()
    if peer != nil {
      Comparison.output("\n| difference from the peer | relative |\n|---|---|")
      for (name, value) in agreement {
        Comparison.output("| \(name) | \(String(format: "%.1e", value)) |")
      }
    }
    let document: JSON = .object([
      .init("schema", "panacea-patch/bench/1"), .init("model", .string(folder)),
      .init("parameters", JSON(workload.map.parameterCount)),
      .init("tokens", JSON(batch.tokens.count)), .init("answerTokens", JSON(targets.count)),
      .init("kernel", .string(Baselines.kernel)), .init("peer", peer?.versions ?? .null),
      .init("comparisons", .array(comparisons.map(\.json))),
      .init("differences", .object(agreement.map { .init($0.name, JSON($0.value)) })),
    ])
    try Data((document.encoded(indented: true) + "\n").utf8).write(to: URL(fileURLWithPath: json))
  }
}

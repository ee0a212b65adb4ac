import FormatIO
import Foundation
import Perturb

/// The tasks that a model is needed for, and everyone who does them.
struct Contest {
  let workload: Workload
  let python: String?
  let repetitions: Int

  /// What was found.
  struct Results {
    var comparisons: [Comparison] = []
    /// Relative differences from the peer's results.
    var differences: [(name: String, value: Double)] = []
    /// What the peer said about itself.
    var versions: JSON = .null

    /// The differences for people.
    var table: String {
      differences.reduce("\n| difference from the peer | relative |\n|---|---|") {
        $0 + "\n| \($1.name) | \(String(format: "%.1e", $1.value)) |"
      }
    }
  }

  /// Where a peer of this type puts its gradients.
  private static func gradients(_ dtype: String = "float32") -> String {
    Bench.scratch + "/gradients-\(dtype).safetensors"
  }
  private static let threadCounts = [1, 2]

  /// A process of the peer for one task, if there is a Python.
  func peer(_ request: [JSON.Member], dtype: String = "float32") throws -> Peer? {
    try python.map { python in
      try Peer(
        python: python, script: Bench.root + "/Benchmarks/peer/peer.py",
        request: request + [
          .init("model", .string(workload.model.map.checkpoint.folder)),
          .init("dtype", .string(dtype)), .init("gradients", .string(Self.gradients(dtype))),
        ], in: Bench.scratch + "/request.json")
    }
  }

  private func ceilings(
    _ precisions: [Precision], hasWeightGradients: Bool, tokens: Int? = nil
  ) -> [Contestant] {
    let tokens = tokens ?? workload.sequences.count * (workload.sequences[0].count - 1)
    return precisions.flatMap { precision in
      [false, true].flatMap { isCold in
        let ceiling = Ceiling(
          precision, isCold: isCold, tokens: tokens, of: workload,
          hasWeightGradients: hasWeightGradients)
        return Self.threadCounts.map(ceiling.contestant)
      }
    }
  }

  /// The product at one number of threads. Its peak is that of the warm-up, before which it holds
  /// nothing but the weights and what runs: later it keeps what others left.
  private func product(
    _ precision: Precision, threads: Int, amount: Double, flops: Double, rivals: [String],
    _ body: @escaping (_ warmUp: Bool) throws -> Void
  ) -> Contestant {
    var peak: Int?
    return Contestant(
      "\(Comparison.ours) \(precision.short)", threads: threads, amount: amount, flops: flops,
      rivals: rivals
    ) { warmUp in
      Parallel.threads = threads
      if warmUp { FreedMemory.giveBack() }
      var sample = try Sample.measure { try body(warmUp) }
      if warmUp { peak = sample.peakBytes }
      sample.peakBytes = peak
      return sample
    }
  }

  /// Whom the product is compared with when it multiplies in this precision.
  private func rivals(_ precision: Precision) -> [String] {
    let ceilings = ["GEMM \(precision.short)", "GEMM \(precision.short), cold"]
    return ceilings
      + (precision == .float32 ? ["peer f32"] : ["peer f32", "peer amp", "peer bf16"])
  }
}

// MARK: - Steps

extension Contest {
  /// One step of learning, in the usual form, with whole matrices, and as the default recipe has it.
  func steps(_ results: inout Results) throws {
    try step(
      "Panacea step, low rank", .paper(workload, StepTask.lowRank), Precision.all.reversed(),
      &results)
    try step("Panacea step, whole matrices", .paper(workload, .full), [.float32], &results)
    try step(
      "Panacea step with g at w + ε", .paper(workload, StepTask.lowRank, mu: 1), [.fastest],
      hasPeer: false, &results)
    try step(
      "step of the default recipe", .standard(workload), [.fastest], hasPeer: false, &results)
  }

  private func step(
    _ name: String, _ task: StepTask, _ precisions: [Precision], hasPeer: Bool = true,
    _ results: inout Results
  ) throws {
    let runs = try precisions.map { HeldRun(try task.method($0, steps: .max)) }
    defer {
      for run in runs { run.stop() }
      FreedMemory.giveBack()
    }
    let isFull = task.recipe.parametrisation == .full
    let amount = Double(task.tokens)
    let operations = try task.operations()
    var contestants = ceilings(precisions, hasWeightGradients: isFull)
    for (precision, run) in zip(precisions, runs) {
      let rivals = rivals(precision) + (isFull ? ["peer amp"] : [])
      contestants += Self.threadCounts.map { threads in
        product(
          precision, threads: threads, amount: amount, flops: operations.all, rivals: rivals
        ) { _ in try run.next() }
      }
    }
    var norms: [String: Double] = [:]
    let peer =
      try hasPeer
      ? peer(
        task.request(start: Bench.scratch + "/start.bin") + [comparedTensors()]) : nil
    if let peer {
      results.versions = peer.versions
      for (name, amp) in [("peer f32", false), ("peer amp", true)] {
        contestants += Self.threadCounts.map { threads in
          peer.contestant(name, threads: threads, amount: amount, amp: amp) {
            norms[name] = $0["gradientNorm"]?.double ?? .nan
          }
        }
      }
    }
    results.comparisons.append(
      try Comparison(name, unit: "tokens", repetitions: repetitions, contestants))
    guard peer != nil, let norm = norms["peer f32"] else { return }
    for precision in precisions {
      let learned = try task.method(precision, steps: 1).run { _, _ in }
      let who = "\(name), \(precision.short)"
      results.differences.append(
        ("\(who): norm of the gradient", abs(learned.steps[0].gradientNorm - norm) / norm))
      results.differences += try differences(
        who + ": ∇h of", learned.direction.array, space: learned.drift.space)
    }
    if let amp = norms["peer amp"] {
      results.differences.append(("\(name), the peer's own amp: norm", abs(amp - norm) / norm))
    }
  }
}

// MARK: - Equal work

extension Contest {
  /// The gradient over all weights with every place scored and nothing to pad: the same operations
  /// on both sides.
  func gradients(_ results: inout Results) throws {
    let packs = workload.wholeBatches
    let space = workload.wholeSpace
    let start = Perturbation(space: space, values: space.initialValues(seed: 0))
    let places = packs.reduce(0) { $0 + $1.targets.count }
    let amount = Double(places)
    let operations = packs.reduce(Workload.Operations()) {
      $0 + workload.operations(of: $1.batch, over: space)
    }
    func gradient(_ model: Transformer) throws -> Gradient {
      var gradient = Gradient(at: start)
      for (batch, targets) in packs {
        _ = try model.gradient(batch, targets: targets, into: &gradient)
      }
      return gradient
    }
    var contestants = ceilings(Precision.all, hasWeightGradients: true)
    for precision in Precision.all {
      // At the weights of the file, which BF16 products take as they are.
      let model = Transformer(weights: Weights(map: workload.map(precision)))
      contestants += Self.threadCounts.map { threads in
        product(
          precision, threads: threads, amount: amount, flops: operations.all,
          rivals: rivals(precision)
        ) { _ in _ = try gradient(model) }
      }
    }
    var norm = Double.nan
    let rows = workload.sequences.map { sequence in
      (
        Example(prompt: [sequence[0]], answer: Array(sequence.dropFirst())),
        weight: 1 / Float(places)
      )
    }
    let request: [JSON.Member] = [
      .init("task", .string("gradient")), .init("rows", JSON.rows(rows)), comparedTensors(),
    ]
    let exact = try peer(request)
    for (name, peer) in [("peer f32", exact), ("peer bf16", try peer(request, dtype: "bfloat16"))] {
      guard let peer else { continue }
      contestants += Self.threadCounts.map { threads in
        peer.contestant(name, threads: threads, amount: amount) { answer in
          if name == "peer f32", let value = answer["gradientNorm"]?.double { norm = value }
        }
      }
    }
    results.comparisons.append(
      try Comparison(
        "gradient, equal work", unit: "tokens", repetitions: repetitions, contestants))
    FreedMemory.giveBack()
    guard exact != nil else { return }
    for precision in Precision.all {
      let values = try gradient(Transformer(weights: Weights(map: workload.map(precision)))).values
        .array
      let ours = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let who = "gradient, equal work, \(precision.short)"
      results.differences.append(("\(who): norm", abs(ours - norm) / norm))
      results.differences += try differences(who + ":", values, space: space)
    }
    let rounded = try Checkpoint.open(Self.gradients("bfloat16"))
    results.differences += try differences("gradient, equal work, the peer's own bf16:") { name in
      try rounded.tensor(name).map { try rounded.readFloats($0) } ?? []
    }
  }

  private func comparedTensors() -> JSON.Member {
    .init("tensors", .array(workload.comparedTensors.map { .string($0.text) }))
  }

  /// ‖ours − peer's‖ / ‖peer's‖ for each tensor that is compared; of low-rank factors B alone has a
  /// gradient at the start.
  private func differences(_ prefix: String, _ values: [Float], space: ParameterSpace) throws
    -> [(name: String, value: Double)]
  {
    try differences(prefix) { name in
      guard let entry = space.entries.first(where: { $0.name == name }) else { return [] }
      switch entry.form {
      case .full(let range): return Array(values[range])
      case .lowRank(_, _, _, let b), .ofAdapter(_, _, let b): return Array(values[b])
      }
    }
  }

  private func differences(_ prefix: String, _ values: (TensorName) throws -> [Float]) throws
    -> [(name: String, value: Double)]
  {
    let theirs = try Checkpoint.open(Self.gradients())
    return try workload.comparedTensors.compactMap { name in
      guard let tensor = theirs.tensor(name) else { return nil }
      var (difference, reference) = (0.0, 0.0)
      for (mine, other) in zip(try values(name), try theirs.readFloats(tensor)) {
        difference += Double(mine - other) * Double(mine - other)
        reference += Double(other) * Double(other)
      }
      return ("\(prefix) \(name)", (difference / reference).squareRoot())
    }
  }
}

// MARK: - Generation

extension Contest {
  /// All prompts read and answered side by side, greedily.
  func generation(_ results: inout Results) throws {
    let amount = Double(workload.prompts.count * workload.newTokens)
    var contestants = ceilings(
      Precision.all, hasWeightGradients: false, tokens: workload.prompts.count)
    var (answers, peerAnswers): ([[Int32]], [[Int32]]) = ([], [])
    for precision in Precision.all.reversed() {
      var weights = Weights(map: workload.map(precision))
      try weights.makeResident()
      let model = Transformer(weights: weights)
      contestants += Self.threadCounts.map { threads in
        product(
          precision, threads: threads, amount: amount, flops: workload.generationOperations,
          rivals: rivals(precision)
        ) { warmUp in
          answers = try Generation(
            model: model, maximumTokens: warmUp ? 2 : workload.newTokens, stopTokens: []
          ).answers(to: workload.prompts)
        }
      }
    }
    let peer = try peer([
      .init("task", .string("generation")), .init("newTokens", JSON(workload.newTokens)),
      .init("prompts", .array(workload.prompts.map(JSON.tokens))),
    ])
    if let peer {
      contestants += Self.threadCounts.map { threads in
        peer.contestant("peer f32", threads: threads, amount: amount) { answer in
          peerAnswers = (answer["answers"]?.array ?? []).map { tokens in
            (tokens.array ?? []).compactMap(\.integer).map { Int32(clamping: $0) }
          }
        }
      }
    }
    results.comparisons.append(
      try Comparison("generation", unit: "tokens", repetitions: repetitions, contestants))
    if peer != nil {
      // The last to answer was the product in single precision.
      let other = zip(answers, peerAnswers).count { $0 != $1 }
      results.differences.append(
        ("answers that differ", Double(other) / Double(answers.count)))
    }
  }
}

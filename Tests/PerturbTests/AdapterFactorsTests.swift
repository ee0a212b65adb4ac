import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Are an adapter's own factors moved, and nothing else?
@Suite struct AdapterFactorsTests {
  /// Ranks that differ, scales that differ, F16 factors, and queries, keys and values with and without others.
  static let names = ["lora", "half", "rslora", "patterns"]

  /// A change of factors, added up in double precision without the trick of the product under test.
  private func expected(_ moved: Moved, _ entry: ParameterSpace.Entry) throws -> [Float] {
    let (origin, a, b) = try moved.parts(entry)
    let (deltaA, deltaB) = (moved.point.values[a], moved.point.values[b])
    var change: [Float] = []
    for row in 0..<entry.outputs {
      for column in 0..<entry.inputs {
        var sum = 0.0
        for inner in 0..<origin.rank {
          let (left, right) = (row * origin.rank + inner, inner * entry.inputs + column)
          let (b0, a0) = (Double(origin.left[left]), Double(origin.right[right]))
          sum += (b0 + Double(deltaB[left])) * (a0 + Double(deltaA[right])) - b0 * a0
        }
        change.append(Float(Double(origin.scale) * sum))
      }
    }
    return change
  }

  @Test(arguments: names)
  func gradientsMatchDifferencesAndTheChainRule(_ name: String) throws {
    let moved = try Moved(name)
    let gradient = try moved.gradient(at: moved.point)
    let slots = moved.space.entries.map(\.slot)
    var full = moved.map.space(slots).origin
    for entry in full.space.entries {
      guard case .full(let range) = entry.form, let own = moved.space.entry(for: entry.slot) else {
        continue
      }
      full.values.replace(range, with: moved.point.change(of: own))
    }
    let whole = try moved.gradient(at: full)
    for (entry, other) in zip(moved.space.entries, full.space.entries) {
      let (origin, a, b) = try moved.parts(entry)
      guard case .full(let range) = other.form else { continue }
      // A large scale bends the loss more, so steps are smaller.
      for (part, label) in [(a, "dA"), (b, "dB")] {
        try GradientCheck.expectMatch(
          Array(gradient[part]), at: moved.point.values[part], "\(label) of \(entry.name)",
          step: 1e-2 / max(1, origin.scale), noise: 1e-3
        ) { values in
          var point = moved.point
          point.values.replace(part, with: values)
          return try moved.loss(at: point)
        }
      }
      // dA = s · (B + δB)ᵀ · dW and dB = s · dW · (A + δA)ᵀ.
      let factors = moved.point.factors(origin, a, b)
      var dA = [Float](repeating: 0, count: a.count)
      var dB = [Float](repeating: 0, count: b.count)
      for row in 0..<entry.outputs {
        for column in 0..<entry.inputs {
          let slope = origin.scale * whole[range.lowerBound + row * entry.inputs + column]
          for inner in 0..<origin.rank {
            dA[inner * entry.inputs + column] += slope * factors.left[row * origin.rank + inner]
            dB[row * origin.rank + inner] += slope * factors.right[inner * entry.inputs + column]
          }
        }
      }
      #expect(relativeDistance(gradient[a], dA) < 1e-3, "dA of \(entry.name)")
      #expect(relativeDistance(gradient[b], dB) < 1e-3, "dB of \(entry.name)")
    }
  }

  @Test(arguments: names)
  func learningStartsAtTheFineTune(_ name: String) throws {
    let moved = try Moved(name)
    let start = Perturbation(space: moved.space, values: moved.space.initialValues(seed: 3))
    #expect(start.values.array.allSatisfy { $0 == 0 })
    for entry in moved.space.entries {
      #expect(start.change(of: entry).allSatisfy { $0 == 0 })
      let (with, without) = (
        try Weights(map: moved.map, perturbation: start).values(at: entry.slot),
        try Weights(map: moved.map).values(at: entry.slot)
      )
      #expect(with == without)
    }
    #expect(WeightChange(map: moved.map).squaredNorms(to: start).allSatisfy { $0 == 0 })
  }

  @Test(arguments: names)
  func changesAndTheirSizesMatchExplicitSums(_ name: String) throws {
    let moved = try Moved(name)
    let sizes = WeightChange(map: moved.map)
    var further = moved.point
    further.values.add(ParameterVector(Moved.values(moved.space, seed: 8)), scale: 0.3)
    let norms = sizes.squaredNorms(to: moved.point)
    let distances = sizes.squaredNorms(from: moved.point, to: further)
    for (number, entry) in moved.space.entries.enumerated() {
      let change = moved.point.change(of: entry)
      #expect(relativeDistance(change, try expected(moved, entry)) < 1e-5, "\(entry.name)")
      #expect(abs(norms[number].squareRoot() / change.norm - 1) < 1e-4)
      var difference = further.change(of: entry)
      difference.add(change, scale: -1)
      #expect(abs(distances[number].squareRoot() / difference.norm - 1) < 1e-3)
    }
  }

  /// The paper's targets are queries, keys and values; what else is adapted stays.
  @Test func targetsAreAmongTheAdaptedMatrices() throws {
    for (name, patterns, expected) in [
      ("lora", nil, ["q_proj"]), ("half", nil, ["q_proj", "k_proj", "v_proj"]),
      ("half", ["*k_proj*", "*gate*"], ["k_proj"]), ("whole", nil, ["v_proj"]),
    ] as [(String, [String]?, Set<String>)] {
      let moved = try Moved(name, targets: patterns)
      let parts = moved.space.entries.map { $0.name.text.split(separator: ".").dropLast().last }
      #expect(Set(parts.compactMap { $0.map(String.init) }) == expected)
      #expect(moved.space.entries.count == expected.count * moved.map.configuration.layerCount)
    }
  }

  /// Decay is of A and B, as in the released code, not of their changes.
  @Test func weightDecayIsOfTheFactors() throws {
    let moved = try Moved("half")
    func drift(_ decay: Float) throws -> ParameterVector {
      var recipe = moved.recipe
      (recipe.steps, recipe.learningRate, recipe.weightDecay) = (1, 1e-2, decay)
      let data = EncodedSet(harmful: moved.rows, benign: moved.rows, task: moved.rows)
      let method = Panacea(map: moved.map, data: data, recipe: recipe)
      return try method.run { _, _ in }.drift.values
    }
    var difference = try drift(0.5)
    difference.add(try drift(0), scale: -1)
    var decayed = try #require(moved.space.factorsOfAdapter)
    decayed.scale(by: -1e-2 * 0.5)
    #expect(relativeDistance(difference.array, decayed.array) < 1e-4)
  }

  // MARK: Files

  /// The new adapter has the ranks and scales of the old one, its other factors, and makes the same weights.
  @Test(arguments: names + ["whole"])
  func aNewAdapterHasTheOldRanksAndScales(_ name: String) throws {
    let moved = try Moved(name, targets: nil)
    let (adapter, base) = (moved.golden.adapter, moved.golden.base)
    try CombinedAdapter.check(adapter, moved.space, on: moved.map)
    let output = NSTemporaryDirectory() + "factors-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try CombinedAdapter(adapter, moved.point, on: moved.map).stage(
      at: output, map: moved.map, adapter: adapter, provenance: [], source: base.contentDigest()
    ).commit()
    let written = try Adapter.open(output, on: base)
    #expect(written.names == adapter.names)
    for (name, change) in adapter.changes {
      let new = try #require(written.changes[name])
      #expect(new.product?.rank == change.product?.rank)
      #expect(new.product?.scale == change.product?.scale)
      let isTarget = moved.space.entries.contains { $0.name == name }
      #expect((new.product == change.product) != isTarget || change.product == nil, "\(name)")
    }
    let map = try TensorMap(
      checkpoint: written.applied(to: base), configuration: moved.map.configuration)
    for slot in map.slots {
      let values = try Weights(map: map).values(at: slot)
      let sums = try Weights(map: moved.map, perturbation: moved.point).values(at: slot)
      let largest = sums.map(abs).max() ?? 0
      let distance = zip(values, sums).map { abs($0 - $1) }.max() ?? .infinity
      #expect(distance <= 1e-6 * max(largest, 1), "\(slot)")
    }
  }

  /// Rows are in another order in the other format, those of the adapter's factors too.
  @Test func aChangeGoesToTheOtherFormat() throws {
    let moved = try Moved("half")
    let file = try Checkpoint.open(Fixtures.path("gguf/tied.gguf"))
    let map = try TensorMap(
      checkpoint: file, configuration: ModelDescription(of: file).configuration())
    var full = moved.map.space(moved.space.entries.map(\.slot)).origin
    for entry in full.space.entries {
      guard case .full(let range) = entry.form, let own = moved.space.entry(for: entry.slot) else {
        continue
      }
      full.values.replace(range, with: moved.point.change(of: own))
    }
    let there = try moved.point.moved(from: moved.map, to: map)
    let expected = try full.moved(from: moved.map, to: map)
    for entry in there.space.entries {
      let other = try #require(expected.space.entry(for: entry.slot))
      #expect(
        relativeDistance(there.change(of: entry), expected.change(of: other)) < 1e-6,
        "\(entry.name)")
    }
    let back = try there.moved(from: map, to: moved.map)
    #expect(back.values == moved.point.values)
    for entry in back.space.entries {
      #expect(back.change(of: entry) == moved.point.change(of: try moved.entry(entry.slot)))
    }
  }

  // MARK: Refusals

  @Test func whatCannotBeMovedIsNamed() throws {
    func message(_ name: String, targets: [String]? = nil) throws -> String {
      let error = #expect(throws: InputError.self) { try Moved(name, targets: targets) }
      #expect(error?.kind == .usage)
      return (error?.description ?? "").replacingOccurrences(of: Fixtures.root, with: "")
    }
    let otherWays =
      "Fix: merge it first (--steps 0 --rho 0 writes both as one model) and use --recipe paper on that, or use"
      + " the default recipe"
    #expect(
      try message("dora")
        == "--recipe paper, adapter adapters/dora: expected plain factors, LoRA or rsLoRA, found DoRA. "
        + otherWays)
    #expect(
      try message("conv1d")
        == "--recipe paper, tensor \"h.0.attn.c_attn.weight\": expected factors of queries, keys and"
        + " values apart, each stored outputs × inputs, found factors of a tensor inputs × outputs. "
        + otherWays)
    #expect(
      try message("embeddings")
        == "--recipe paper, adapter adapters/embeddings: expected factors of the targets, by default"
        + " queries, keys and values, found factors of other tensors only. Fix: name adapted matrices with"
        + " --targets, which inspect --adapter lists, or use the default recipe")
  }

  /// Phi-3 has queries, keys and values in one matrix, and so one pair of factors for all three.
  @Test func factorsOfFusedMatricesAreNamed() throws {
    let golden = try GoldenModel("phi3")
    let slots = golden.map.slots.filter { $0.role == .queryWeight }
    let space = golden.map.space(slots, .lowRank(rank: 2, scale: 1))
    let patch = Perturbation(space: space, values: Moved.values(space, seed: 1))
    let output = NSTemporaryDirectory() + "fused-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: output) }
    let base = golden.map.checkpoint
    try CombinedAdapter(nil, patch, on: golden.map).stage(
      at: output, map: golden.map, adapter: nil, provenance: [], source: base.contentDigest()
    ).commit()
    let adapter = try Adapter.open(output, on: base)
    let map = try TensorMap(
      checkpoint: adapter.applied(to: base), configuration: golden.map.configuration)
    let recipe = Recipe.paper(vocabularySize: 48, rows: 10, adapter: try AdapterFactors(adapter))
    let error = #expect(throws: InputError.self) { try recipe.space(over: map) }
    #expect(error?.place == "tensor \"model.layers.0.self_attn.qkv_proj.weight\"")
    #expect(error?.found == "one pair for several matrices in one tensor")
  }
}

/// A golden model with a golden adapter, and a point in the space of its factors.
private struct Moved {
  let golden: GoldenAdapter
  let map: TensorMap
  let recipe: Recipe
  let space: ParameterSpace
  let point: Perturbation
  let rows: [Example]

  /// All adapted matrices, unless targets are given; nil stands for those of the recipe.
  init(_ name: String, targets: [String]? = ["*"]) throws {
    golden = try GoldenAdapter(name)
    map = try TensorMap(
      checkpoint: golden.adapter.applied(to: golden.base),
      configuration: ModelConfiguration.load(folder: Fixtures.path(golden.baseName)))
    var recipe = Recipe.paper(
      vocabularySize: 48, rows: 40, adapter: try AdapterFactors(golden.adapter))
    if let targets { recipe.targets = .matching(targets) }
    self.recipe = recipe
    space = try recipe.space(over: map)
    point = Perturbation(space: space, values: Self.values(space, seed: 5))
    let batch = try GoldenModel(String(golden.baseName.dropFirst(7))).batch
    rows = batch.sequences.indices.map { index in
      let answer = batch.targets[batch.targetRanges[index]].map { Int32($0.token) }
      let read = batch.tokens(of: batch.sequences[index])
      return Example(prompt: Array(read.dropLast(answer.count - 1)), answer: answer)
    }
  }

  static func values(_ space: ParameterSpace, seed: UInt64) -> [Float] {
    GradientCheck.normal(space.count, seed: seed, deviation: 0.1)
  }

  func entry(_ slot: ModelSlot) throws -> ParameterSpace.Entry {
    try #require(space.entry(for: slot))
  }

  func parts(_ entry: ParameterSpace.Entry) throws
    -> (origin: LowRankProduct, a: Range<Int>, b: Range<Int>)
  {
    guard case .ofAdapter(let origin, let a, let b) = entry.form else {
      throw InputError(file: "\(entry.name)", expected: "factors of an adapter", found: "others")
    }
    return (origin, a, b)
  }

  private var objective: Objective {
    Objective(terms: [LossTerm(rows, likelihoodWeight: 1)], batchTokens: 10_000)
  }

  func gradient(at point: Perturbation) throws -> [Float] {
    var gradient = Gradient(at: point)
    let model = Transformer(weights: Weights(map: map, perturbation: point))
    _ = try objective.gradient(of: model, into: &gradient)
    return gradient.values.array
  }

  func loss(at point: Perturbation) throws -> Double {
    let model = Transformer(weights: Weights(map: map, perturbation: point))
    let scores = try objective.rowScores(of: model)
    return scores.reduce(0.0) { sum, row in
      let total = row.likelihood.reduce(0.0) { $0 + Double($1) }
      return sum + total / Double(row.likelihood.count * scores.count)
    }
  }
}

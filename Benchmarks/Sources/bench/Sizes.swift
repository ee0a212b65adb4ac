import FormatIO
import Foundation
import Perturb

/// What a gradient over low-rank factors costs as tokens, layers and width grow.
struct Sizes {
  /// One model with one batch, measured twice: with all activations kept, and with none.
  private struct Result {
    let model: SyntheticModel
    let tokens: Int
    let secondsPerToken: (kept: Double, recomputed: Double)
    let peakBytes: (kept: Int, recomputed: Int)
    let inputBytes: Int
    let patchBytes: Int
  }

  private static let batchTokens = 256
  private static let rowLength = 64
  private let folder: String
  private let repetitions: Int
  private var results: [Result] = []

  /// Measures everything; models are written into `folder` one after the other.
  init(in folder: String, repetitions: Int) throws {
    (self.folder, self.repetitions) = (folder, repetitions)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for factor in [1, 2, 4] { try measure(SyntheticModel(), tokens: factor * Self.batchTokens) }
    for factor in [2, 4, 8] { try measure(SyntheticModel(layers: factor * 4)) }
    try measure(SyntheticModel(width: 2 * SyntheticModel().width))
  }

  private mutating func measure(_ model: SyntheticModel, tokens: Int = batchTokens) throws {
    Parallel.threads = 1
    var map = try model.open(in: folder)
    map.precision = .fastest
    let recipe = Recipe.standard(vocabularySize: map.configuration.vocabularySize)
    let space = try recipe.space(over: map)
    let start = Perturbation(space: space, values: space.initialValues(seed: 1))
    var source = RandomSource(seed: 2)
    var batch = PackedBatch()
    while batch.tokens.count < tokens {
      let row = (0...Self.rowLength).map { _ in
        Int32.random(in: 0..<Int32(map.configuration.vocabularySize), using: &source)
      }
      batch.append(prompt: Array(row.prefix(32)), answer: Array(row.dropFirst(32)))
    }
    let targets = batch.targets.map { HeadTarget(token: $0.token, likelihoodWeight: 1) }

    func samples(keepsActivations: Bool) throws -> (seconds: Double, peak: Int) {
      var map = map
      if !keepsActivations { map.memory.activationBytes = 0 }
      let transformer = Transformer(weights: Weights(map: map, perturbation: start))
      func once() throws -> Sample {
        try Sample.measure {
          var gradient = Gradient(at: start)
          _ = try transformer.gradient(batch, targets: targets, into: &gradient)
        }
      }
      _ = try once()
      FreedMemory.giveBack()
      // From here on only the gradient takes memory: the file has been read.
      let before = Sample.residentBytes ?? 0
      let all = try (0..<repetitions).map { _ in try once() }
      let peak = all.compactMap(\.peakBytes).max() ?? before
      return (all.map(\.cpuSeconds).sorted()[all.count / 2], peak - before)
    }
    let kept = try samples(keepsActivations: true)
    let recomputed = try samples(keepsActivations: false)
    let amount = Double(batch.tokens.count)
    results.append(
      Result(
        model: model, tokens: batch.tokens.count,
        secondsPerToken: (kept.seconds / amount, recomputed.seconds / amount),
        peakBytes: (kept.peak, recomputed.peak),
        inputBytes: batch.tokens.count * model.layers * model.width * 4,
        patchBytes: space.count * 4))
  }

  /// For people.
  var table: String {
    let head = """

      | layers | width | tokens | CPU µs per token: activations kept, computed again \
      | peak MiB: the same | of the latter: block inputs | gradient | rest |
      |---|---|---|---|---|---|---|---|
      """
    func mebibytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1_048_576) }
    return results.reduce(head) { table, result in
      let times = [result.secondsPerToken.kept, result.secondsPerToken.recomputed]
        .map { short($0 * 1e6) }.joined(separator: ", ")
      let peaks = [result.peakBytes.kept, result.peakBytes.recomputed].map(mebibytes)
        .joined(separator: ", ")
      let rest = result.peakBytes.recomputed - result.inputBytes - result.patchBytes
      return table + "\n| \(result.model.layers) | \(result.model.width) | \(result.tokens) "
        + "| \(times) | \(peaks) | \(mebibytes(result.inputBytes)) "
        + "| \(mebibytes(result.patchBytes)) | \(mebibytes(rest)) |"
    }
  }

  var json: JSON {
    .array(
      results.map { result in
        .object([
          .init("layers", JSON(result.model.layers)), .init("width", JSON(result.model.width)),
          .init("tokens", JSON(result.tokens)),
          .init("cpuSecondsPerToken", JSON(result.secondsPerToken.kept)),
          .init("cpuSecondsPerTokenRecomputing", JSON(result.secondsPerToken.recomputed)),
          .init("peakBytes", JSON(result.peakBytes.kept)),
          .init("peakBytesRecomputing", JSON(result.peakBytes.recomputed)),
          .init("blockInputBytes", JSON(result.inputBytes)),
          .init("gradientBytes", JSON(result.patchBytes)),
        ])
      })
  }
}

import FormatIO

/// How much memory the parts of a run may hold at once.
///
/// The weights stay mapped, so what counts is what passes over them keep: activations and logits while
/// learning, keys and values while generating. Less of each costs time, not exactness.
public struct MemoryPlan: Sendable, Equatable {
  /// The most tokens that one pass reads.
  public var batchTokens = 640
  /// Activations that a gradient keeps rather than computes twice, in bytes.
  public var activationBytes = 448 << 20
  /// Logits of one chunk of places, in bytes. Each chunk reads the head's matrix again.
  var logitBytes = 32 << 20
  /// Keys and values of the prompts that are answered side by side, in bytes.
  var cacheBytes = 128 << 20
  /// Weights larger than this are read block by block when text is generated, in bytes.
  var residentBytes = 2 << 30
  /// Gradients that the kick keeps, in bytes.
  var gradientBytes = 512 << 20
  /// Whether pages of the file are let go when they have been read.
  public var releasesPages = false

  /// Enough for full speed where models are small.
  public init() {}
}

// MARK: - A limit

extension MemoryPlan {
  /// What one part of a run takes, in bytes.
  public struct Part: Sendable, Equatable {
    /// What it is, for people.
    public let name: String
    /// Its size.
    public let bytes: Int
  }

  /// The fastest plan under which everything fits in `limit` bytes, the pages of the file included.
  ///
  /// - Parameter space: what is learned; nil if the model is only measured.
  /// - Throws: `InputError` that says what would fit, if nothing does.
  public init(limit: Int, map: TensorMap, space: ParameterSpace?) throws {
    let sizes = Sizes(map: map, space: space)
    let usable = limit - limit / Self.slack - Self.programBytes
    let least = [2048, 1024, 640, 320, 160, 80].flatMap { tokens in
      [false, true].map { MemoryPlan(least: sizes, tokens: tokens, releasesPages: $0) }
    }
    let fitting = least.filter { $0.need(sizes) <= usable }.map { $0.filling(usable, sizes) }
    guard let best = fitting.min(by: { $0.cost(sizes) < $1.cost(sizes) }) else {
      let need = (least.map { $0.need(sizes) }.min() ?? 0) + Self.programBytes
      // The slack is a share of the whole, rounded down.
      let enough = need * Self.slack / (Self.slack - 1) + Self.slack
      throw InputError(
        .usage, file: map.checkpoint.path, expected: "room for one pass over this model",
        found: "--memory \(Self.megabytes(limit))",
        fix: "give it \(Self.megabytes(enough))B or more"
          + (space == nil ? "" : ", or a smaller --rank"))
    }
    self = best
  }

  /// The smallest plan with passes of so many tokens.
  private init(least sizes: Sizes, tokens: Int, releasesPages: Bool) {
    (batchTokens, self.releasesPages) = (tokens, releasesPages)
    activationBytes = sizes.activationsOfOneBlock(tokens)
    logitBytes = min(logitBytes, 16 * 4 * sizes.vocabulary)
    gradientBytes = 3 * sizes.parameterBytes
    (cacheBytes, residentBytes) = (8 << 20, 0)
  }

  /// The same plan with what is left given to what saves most time. Every phase may use all of it.
  private func filling(_ usable: Int, _ sizes: Sizes) -> MemoryPlan {
    let full = MemoryPlan()
    let room = usable - (releasesPages ? 0 : sizes.fileBytes)
    var plan = self
    func left(_ parts: [Part]) -> Int { max(0, room - total(of: parts)) }
    plan.logitBytes = min(
      full.logitBytes, logitBytes + min(left(learning(sizes)), left(generating(sizes))) / 8)
    plan.activationBytes += max(0, room - total(of: plan.learning(sizes)))
    plan.gradientBytes = min(
      full.gradientBytes, gradientBytes + max(0, room - total(of: plan.kicking(sizes))))
    if left(plan.generating(sizes)) >= sizes.weightBytes { plan.residentBytes = sizes.weightBytes }
    plan.cacheBytes = min(full.cacheBytes, cacheBytes + left(plan.generating(sizes)))
    return plan
  }

  /// The time that a step takes longer than with unlimited memory, as a share.
  private func cost(_ sizes: Sizes) -> Double {
    let kept = Double(activationBytes) / Double(max(sizes.activations(batchTokens), 1))
    // Measured: what is not kept costs a forward pass of the blocks, and each pass reads and lays out
    // all weights, from the disk if pages do not stay.
    return 0.3 * max(0, 1 - kept) + (releasesPages ? 200 : 25) / Double(batchTokens)
  }

  /// What the phases of a run hold at most under this plan.
  public func phases(map: TensorMap, space: ParameterSpace?) -> [Part] {
    phases(Sizes(map: map, space: space))
  }

  /// One part in so many is left free: allocations do not fit together without gaps.
  private static let slack = 8
  /// What the program takes besides: code, tokenizer, rows, threads.
  private static let programBytes = 64 << 20

  private func need(_ sizes: Sizes) -> Int { phases(sizes).map(\.bytes).max() ?? 0 }

  private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000)M" }

  private func phases(_ sizes: Sizes) -> [Part] {
    var phases = [Part(name: "generating", bytes: total(of: generating(sizes)))]
    if sizes.parameterBytes > 0 {
      phases.append(Part(name: "learning", bytes: total(of: learning(sizes))))
      phases.append(Part(name: "kick", bytes: total(of: kicking(sizes))))
      if sizes.isQuantised {
        phases.append(Part(name: "storing", bytes: total(of: storing(sizes))))
      }
    } else {
      phases.append(Part(name: "scoring", bytes: total(of: scoring(sizes))))
    }
    return phases.map {
      Part(name: $0.name, bytes: $0.bytes + (releasesPages ? 0 : sizes.fileBytes))
    }
  }

  private func total(of parts: [Part]) -> Int { parts.reduce(0) { $0 + $1.bytes } }

  private func learning(_ sizes: Sizes) -> [Part] {
    // The point and the two averages of the optimiser.
    passing(sizes, tokens: batchTokens) + [Part(name: "patch", bytes: 3 * sizes.parameterBytes)]
  }

  private func kicking(_ sizes: Sizes) -> [Part] {
    // The point and the direction; then the gradients that are kept.
    passing(sizes, tokens: batchTokens / 2) + [
      Part(name: "patch", bytes: 2 * sizes.parameterBytes),
      Part(name: "kept gradients", bytes: gradientBytes),
    ]
  }

  /// Choosing codes of quantised tensors.
  private func storing(_ sizes: Sizes) -> [Part] {
    [
      Part(name: "one block's weights", bytes: sizes.blockBytes),
      Part(name: "states", bytes: sizes.blockInputs(StoragePlan.sampledTokens, layers: 1)),
      Part(name: "activations", bytes: sizes.workspace(batchTokens)),
      Part(name: "moments", bytes: InputMoments.byteCount(sizes.map.configuration)),
      // The change, and the blocks before and after.
      Part(name: "one matrix", bytes: 2 * sizes.largestMatrixBytes),
      Part(name: "patch", bytes: 2 * sizes.parameterBytes),
    ]
  }

  private func scoring(_ sizes: Sizes) -> [Part] {
    [
      Part(name: "one block's weights", bytes: sizes.blockBytes),
      Part(name: "activations", bytes: sizes.workspace(batchTokens)),
      Part(name: "logits", bytes: 2 * logitBytes + sizes.headTileBytes),
    ]
  }

  /// A forward and a backward pass.
  private func passing(_ sizes: Sizes, tokens: Int) -> [Part] {
    [
      Part(name: "one block's weights", bytes: sizes.blockBytes),
      Part(name: "block inputs", bytes: sizes.blockInputs(tokens)),
      Part(name: "gradient", bytes: sizes.passGradientBytes),
      Part(
        name: "activations",
        bytes: min(activationBytes, sizes.activations(tokens)) + sizes.workspace(tokens)),
      // Logits, and their gradient rounded; a tile of the head.
      Part(name: "logits", bytes: 2 * logitBytes + sizes.headTileBytes),
    ]
  }

  private func generating(_ sizes: Sizes) -> [Part] {
    [
      Part(name: "weights", bytes: sizes.weightBytes <= residentBytes ? sizes.weightBytes : 0),
      Part(name: "one block's weights", bytes: sizes.blockBytes),
      Part(name: "keys and values", bytes: cacheBytes),
      Part(name: "activations", bytes: sizes.workspace(Generation.prefillTokens)),
      Part(name: "logits", bytes: logitBytes),
      Part(name: "patch", bytes: 2 * sizes.parameterBytes),
    ]
  }
}

/// The sizes that memory depends on, in bytes where they are not counts.
private struct Sizes {
  let map: TensorMap
  let vocabulary: Int
  let fileBytes: Int
  /// Of one vector over the space, in memory at once; and of a gradient that a pass adds to.
  let parameterBytes, passGradientBytes: Int
  let blockBytes: Int
  let weightBytes: Int
  let headTileBytes: Int
  let largestMatrixBytes: Int
  /// Whether blocks have tensors whose codes are chosen.
  let isQuantised: Bool

  init(map: TensorMap, space: ParameterSpace?) {
    self.map = map
    let element = map.precision == .bfloat16 ? 2 : 4
    let configuration = map.configuration
    vocabulary = configuration.vocabularySize
    fileBytes = map.checkpoint.shards.reduce(0) { $0 + $1.file.count }
    let count = space?.count ?? 0
    let resident = space?.residentVectorBytes ?? 0
    parameterBytes = resident
    passGradientBytes = count > Gradient.lengthInMemory ? resident : 4 * count
    weightBytes = element * map.parameterCount
    let blocks = (0..<configuration.layerCount).map { layer in
      map.slots(in: layer).map { map.elementCount(at: $0) }
    }
    blockBytes = element * (blocks.map { $0.reduce(0, +) }.max() ?? 0)
    largestMatrixBytes = 4 * (map.tensors.filter(map.isInBlock).map(\.elementCount).max() ?? 0)
    isQuantised = map.tensors.contains {
      map.isInBlock($0) && $0.elementType.isQuantised
    }
    headTileBytes = element * configuration.hiddenSize * min(vocabulary, 4096)
  }

  private var configuration: ModelConfiguration { map.configuration }

  func blockInputs(_ tokens: Int, layers: Int? = nil) -> Int {
    4 * tokens * configuration.hiddenSize * ((layers ?? configuration.layerCount) + 2)
  }

  func activationsOfOneBlock(_ tokens: Int) -> Int {
    Block.Activations.byteCount(tokens: tokens, configuration, precision: map.precision)
  }

  func activations(_ tokens: Int) -> Int {
    configuration.layerCount * activationsOfOneBlock(tokens)
  }

  /// What a pass writes anew in each block, and the gradients of it.
  func workspace(_ tokens: Int) -> Int {
    let widths =
      3 * configuration.queryWidth + 4 * configuration.keyValueWidth
      + 4 * configuration.hiddenSize + 3 * configuration.innerWidth
    return 4 * tokens * widths
  }
}

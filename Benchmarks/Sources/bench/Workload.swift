import FormatIO
import Perturb

/// The model and the tokens that everyone works on, and how many operations that takes.
struct Workload {
  let map: TensorMap
  /// Rows like those of a calibration set: a prompt and an answer of different lengths.
  let rows: [(prompt: [Int32], answer: [Int32])]
  /// Prompts to answer, as many as are decoded side by side.
  let prompts: [[Int32]]
  /// How many tokens each answer has.
  let newTokens: Int
  static let rank = 32
  static let scale: Float = 0.125

  /// Random tokens, the same for every run: speed does not depend on which they are.
  init(map: TensorMap, tokens: Int, newTokens: Int) {
    self.map = map
    self.newTokens = newTokens
    let vocabulary = Int32(clamping: map.configuration.vocabularySize)
    let longest = map.configuration.contextLength / 2
    var source = RandomSource(seed: 1)
    func draw(_ lengths: ClosedRange<Int>) -> [Int32] {
      let length = min(longest, Int.random(in: lengths, using: &source))
      return (0..<length).map { _ in Int32.random(in: 0..<vocabulary, using: &source) }
    }
    var rows: [(prompt: [Int32], answer: [Int32])] = []
    var total = 0
    while total < tokens {
      rows.append((draw(16...64), draw(16...96)))
      total += rows[rows.count - 1].prompt.count + rows[rows.count - 1].answer.count - 1
    }
    self.rows = rows
    prompts = (0..<32).map { _ in draw(16...48) }
  }

  /// Rows packed for the product, and their targets; the loss is the mean over answer tokens.
  func batch(rows count: Int? = nil) -> (batch: PackedBatch, targets: [HeadTarget]) {
    var batch = PackedBatch()
    for row in rows.prefix(count ?? rows.count) {
      batch.append(prompt: row.prompt, answer: row.answer)
    }
    let weight = 1 / Float(batch.targets.count)
    return (batch, batch.targets.map { HeadTarget(token: $0.token, likelihoodWeight: weight) })
  }

  /// The matrices inside the blocks, in full or low-rank form.
  func space(_ parametrisation: ParameterSpace.Parametrisation) -> ParameterSpace {
    let tensors = map.slots.filter(\.isBlockMatrix).compactMap { slot in
      map.tensor(at: slot).map { (slot, $0.name, $0.shape[0], $0.shape[1]) }
    }
    return ParameterSpace(tensors: tensors, parametrisation: parametrisation)
  }

  /// The block matrices whose gradients are compared with the peer's: first, middle and last block.
  var comparedTensors: [TensorInfo] {
    let last = map.configuration.layerCount - 1
    return [
      (0, BlockRole.queryWeight), (0, .downWeight), (last / 2, .valueWeight), (last, .upWeight),
    ]
    .compactMap { map.tensor(at: .block(layer: $0, $1)) }
  }
}

// MARK: - Counted operations

extension Workload {
  /// Which products of a matrix a task needs: y = x·wᵀ, dx = dy·w, dw = dyᵀ·x.
  struct Products: OptionSet {
    let rawValue: Int
    static let forward = Products(rawValue: 1)
    static let input = Products(rawValue: 2)
    static let weight = Products(rawValue: 4)
    var count: Int { rawValue.nonzeroBitCount }
  }

  /// Operations on the packed rows without padding, with the head at answer tokens only. What the
  /// product computes twice to save memory is counted once.
  func flops(_ products: Products, lowRank: Bool = false) -> Double {
    let (batch, targets) = batch()
    let tokens = Double(batch.tokens.count)
    let space = space(.full)
    var sum = 2 * Double(products.count) * tokens * Double(space.count)
    if lowRank {
      let widths = space.entries.reduce(0) { $0 + $1.inputs + $1.outputs }
      sum += 4 * tokens * Double(Workload.rank * widths)
    }
    // The two products of attention have two gradients each, whatever is learned.
    let pairs = batch.sequences.reduce(0) { $0 + $1.count * ($1.count + 1) / 2 }
    let passes = products == .forward ? 1 : 3
    sum += Double(passes) * attention(pairs: pairs)
    // The head is frozen: its gradient has only the product towards the states.
    return sum + head(places: targets.count) * (products == .forward ? 1 : 2)
  }

  /// Operations of reading all prompts and generating all answers.
  var generationFlops: Double {
    prompts.reduce(0) { sum, prompt in
      let read = prompt.count + newTokens - 1
      return sum + 2 * Double(read) * Double(space(.full).count)
        + attention(pairs: read * (read + 1) / 2) + head(places: newTokens)
    }
  }

  private func attention(pairs: Int) -> Double {
    let configuration = map.configuration
    return 4 * Double(pairs)
      * Double(configuration.headCount * configuration.headSize * configuration.layerCount)
  }

  private func head(places: Int) -> Double {
    2 * Double(places) * Double(map.configuration.vocabularySize * map.configuration.hiddenSize)
  }
}

// MARK: - For the peer

extension Workload {
  /// What `peer/peer.py` reads.
  func request(model: String, tokenizer: String?, text: String, gradients: String) -> JSON {
    func tokens(_ list: [Int32]) -> JSON { .array(list.map { JSON(Int($0)) }) }
    return .object([
      .init("model", .string(model)),
      .init(
        "rows",
        .array(
          rows.map { row in
            .object([
              .init("tokens", tokens(row.prompt + row.answer)),
              .init("prompt", JSON(row.prompt.count)),
            ])
          })),
      .init("prompts", .array(prompts.map(tokens))), .init("newTokens", JSON(newTokens)),
      .init("rank", JSON(Workload.rank)), .init("scale", JSON(Workload.scale)),
      .init("tensors", .array(comparedTensors.map { .string($0.name.text) })),
      .init("gradients", .string(gradients)),
      .init("tokenizer", tokenizer.map { .string($0) } ?? .null), .init("text", .string(text)),
    ])
  }
}

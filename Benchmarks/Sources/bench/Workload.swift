import FormatIO
import Perturb

/// The model and the tokens that everyone works on.
struct Workload {
  let model: LoadedModel
  /// The rows of one step, encoded as the product encodes them.
  let rows: EncodedSet
  /// The same tokens laid end to end and cut into equal lengths: nothing to pad, every place scored.
  let sequences: [[Int32]]
  /// Prompts to answer, as many as are decoded side by side.
  let prompts: [[Int32]]
  /// How many tokens each answer has.
  let newTokens: Int

  /// So many rows of each kind, taken evenly from the whole files.
  static let rowsOfAKind = 10
  private static let promptCount = 32

  /// Reads `harmful.jsonl`, `benign.jsonl` and `task.jsonl` of a folder.
  init(model: LoadedModel, rows folder: String, tokens: Int, newTokens: Int) throws {
    let context = model.map.configuration.contextLength
    let all = try EncodedSet(
      CalibrationSet.read(
        harmful: [folder + "/harmful.jsonl"], benign: [folder + "/benign.jsonl"],
        task: [folder + "/task.jsonl"]),
      encoder: model.encoder, contextLength: context)
    func some(_ examples: [Example], _ count: Int = Self.rowsOfAKind) -> [Example] {
      (0..<min(count, examples.count)).map { examples[$0 * examples.count / count] }
    }
    var rows = all
    (rows.harmful, rows.refusal) = (some(all.harmful), some(all.refusal))
    (rows.benign, rows.task) = (some(all.benign), some(all.task))
    rows.overRefusal = some(all.overRefusal)
    self.model = model
    self.rows = rows
    self.newTokens = min(newTokens, context / 2)
    prompts = some(all.task + all.benign, Self.promptCount).map { $0.prompt }

    let length = min(129, context)
    let stream = (all.benign + all.refusal + all.task).flatMap { $0.prompt + $0.answer }
    let count = max(1, min(tokens / (length - 1), stream.count / length))
    sequences = (0..<count).map { Array(stream[$0 * length..<($0 + 1) * length]) }
  }

  /// The model with products of this precision.
  func map(_ precision: Precision) -> TensorMap {
    var map = model.map
    map.precision = precision
    return map
  }

  /// The sequences in packs of the size that the product reads at once; the loss is the mean over
  /// all places.
  var wholeBatches: [(batch: PackedBatch, targets: [HeadTarget])] {
    let length = sequences[0].count - 1
    let weight = 1 / Float(sequences.count * length)
    let size = max(1, model.map.memory.batchTokens / length)
    return stride(from: 0, to: sequences.count, by: size).map { start in
      var batch = PackedBatch()
      for sequence in sequences[start..<min(start + size, sequences.count)] {
        batch.append(prompt: [sequence[0]], answer: Array(sequence.dropFirst()))
      }
      return (
        batch, batch.targets.map { HeadTarget(token: $0.token, likelihoodWeight: weight) }
      )
    }
  }

  /// Every tensor of the model.
  var wholeSpace: ParameterSpace {
    ParameterSpace(
      tensors: model.map.slots.compactMap { slot in
        model.map.tensor(at: slot).map { tensor in
          let shape = tensor.shape.count == 1 ? [1] + tensor.shape : tensor.shape
          return (slot, tensor.name, shape[0], shape[1])
        }
      }, parametrisation: .full)
  }

  /// The tensors whose gradients are compared with the peer's: of the first, middle and last block.
  var comparedTensors: [TensorName] {
    let last = model.map.configuration.layerCount - 1
    return [
      (0, BlockRole.queryWeight), (0, .downWeight), (last / 2, .valueWeight), (last, .upWeight),
    ]
    .compactMap { model.map.tensor(at: .block(layer: $0, $1))?.name }
  }
}

// MARK: - Counted operations

extension Workload {
  /// Floating point operations that the mathematics needs: no padding, what rows share once, and
  /// what the product computes twice to save memory once.
  struct Operations {
    /// Products with weights.
    var linear = 0.0
    /// Products inside attention.
    var attention = 0.0

    var all: Double { linear + attention }

    static func + (left: Self, right: Self) -> Self {
      Self(linear: left.linear + right.linear, attention: left.attention + right.attention)
    }
  }

  /// Of a gradient over some rows, packed much as the product packs them.
  func operations(of examples: [Example], over space: ParameterSpace, batchTokens: Int)
    -> Operations
  {
    func tokens(_ example: Example) -> [Int32] { example.prompt + example.answer }
    var batches = [PackedBatch()]
    for example in examples.sorted(by: { tokens($0).lexicographicallyPrecedes(tokens($1)) }) {
      let length = example.prompt.count + example.answer.count - 1
      if batches[batches.count - 1].tokens.count + length > batchTokens {
        batches.append(PackedBatch())
      }
      batches[batches.count - 1].append(prompt: example.prompt, answer: example.answer)
    }
    return batches.reduce(Operations()) { $0 + operations(of: $1, over: space) }
  }

  /// Of a gradient over a batch: each matrix needs y = x·wᵀ and dx = dy·w, a full one dw = dyᵀ·x as
  /// well, low-rank factors three thin products for each of their two sides.
  func operations(of batch: PackedBatch, over space: ParameterSpace) -> Operations {
    let configuration = model.map.configuration
    let matrices = model.map.slots.filter(\.isBlockMatrix).reduce(0) {
      $0 + (model.map.tensor(at: $1)?.elementCount ?? 0)
    }
    let learned = space.entries.reduce(0) { sum, entry in
      guard entry.slot.isBlockMatrix else { return sum }
      switch entry.form {
      case .full: return sum + entry.outputs * entry.inputs
      case .lowRank(let rank, _, _, _): return sum + 3 * rank * (entry.outputs + entry.inputs)
      case .ofAdapter(_, let a, let b): return sum + 6 * (a.count + b.count)
      }
    }
    let head = configuration.vocabularySize * configuration.hiddenSize
    let learnsHead = space.entries.contains { $0.outputs * $0.inputs == head }
    let pairs = batch.sequences.reduce(0) { sum, sequence in
      let own = sequence.own.count
      return sum + own * (sequence.count - own) + own * (own + 1) / 2
    }
    let width = configuration.headCount * configuration.headSize * configuration.layerCount
    return Operations(
      linear: 2 * Double(batch.tokens.count) * Double(2 * matrices + learned)
        + 2 * Double(batch.targets.count) * Double(head) * (learnsHead ? 3 : 2),
      attention: 12 * Double(pairs) * Double(width))
  }

  /// Of reading all prompts and generating all answers.
  var generationOperations: Double {
    let configuration = model.map.configuration
    let matrices = model.map.slots.filter(\.isBlockMatrix).reduce(0) {
      $0 + (model.map.tensor(at: $1)?.elementCount ?? 0)
    }
    let width = configuration.headCount * configuration.headSize * configuration.layerCount
    let head = configuration.vocabularySize * configuration.hiddenSize
    return prompts.reduce(0) { sum, prompt in
      let read = prompt.count + newTokens - 1
      return sum + 2 * Double(read * matrices) + 2 * Double(read * (read + 1) * width)
        + 2 * Double(newTokens * head)
    }
  }
}

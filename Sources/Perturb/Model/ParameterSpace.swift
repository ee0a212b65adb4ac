public import FormatIO

/// The numbers a repair may change, as one flat vector: which tensors, and in what form.
///
/// Weights, gradients, optimiser state and perturbations over the same space share its layout.
public struct ParameterSpace: Sendable {
  /// How one tensor is parametrised.
  public enum Form: Sendable {
    /// The whole change Δ, outputs × inputs.
    case full(Range<Int>)
    /// Δ = scale · B · A with A rank × inputs and B outputs × rank (Hu et al. 2021, LoRA).
    case lowRank(rank: Int, scale: Float, a: Range<Int>, b: Range<Int>)
  }

  /// One tensor that may change.
  public struct Entry: Sendable {
    /// Its place in the model.
    public let slot: ModelSlot
    /// Its name in the file.
    public let name: TensorName
    /// Rows of the matrix; 1 for vectors.
    public let outputs: Int
    /// Columns of the matrix.
    public let inputs: Int
    /// Its part of the flat vector.
    public let form: Form

    /// True if the change is a product of two factors.
    var isLowRank: Bool {
      if case .lowRank = form { true } else { false }
    }
  }

  /// The tensors, in file order of the model: outer ones first, then block by block.
  public private(set) var entries: [Entry]
  /// Length of the flat vector.
  public let count: Int
  private let index: [ModelSlot: Int]

  /// How the matrices of a space are parametrised; vectors are always full.
  public enum Parametrisation: Sendable, Equatable {
    case full
    case lowRank(rank: Int, scale: Float)
  }

  /// The space over these tensors.
  public init(
    tensors: [(slot: ModelSlot, name: TensorName, outputs: Int, inputs: Int)],
    parametrisation: Parametrisation
  ) {
    var entries: [Entry] = []
    var end = 0
    func take(_ count: Int) -> Range<Int> {
      end += count
      return end - count..<end
    }
    for (slot, name, outputs, inputs) in tensors {
      let form: Form =
        switch parametrisation {
        case .lowRank(let rank, let scale) where slot.isBlockMatrix:
          .lowRank(rank: rank, scale: scale, a: take(rank * inputs), b: take(outputs * rank))
        default: .full(take(outputs * inputs))
        }
      entries.append(Entry(slot: slot, name: name, outputs: outputs, inputs: inputs, form: form))
    }
    self.entries = entries
    count = end
    index = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.slot, $0) })
  }

  /// The same space over another file of the model.
  ///
  /// - Throws: `InputError` naming a tensor that the other file lacks or has in another shape.
  func renamed(from map: TensorMap, to other: TensorMap) throws -> ParameterSpace {
    var renamed = self
    renamed.entries = try entries.map { entry in
      let shape = other.configuration.shape(of: entry.slot)
      guard let tensor = other.tensor(at: entry.slot), shape == (entry.outputs, entry.inputs) else {
        throw InputError(
          file: other.checkpoint.path, place: "tensor of \(entry.name.quoted)",
          expected:
            "\(entry.outputs) × \(entry.inputs) numbers, as \(map.checkpoint.path) has them",
          found: other.tensor(at: entry.slot) == nil ? "none" : "\(shape.rows) × \(shape.columns)",
          fix: "name files of one model")
      }
      return Entry(
        slot: entry.slot, name: tensor.name, outputs: entry.outputs, inputs: entry.inputs,
        form: entry.form)
    }
    return renamed
  }

  /// The entry for this place, if it may change.
  public func entry(for slot: ModelSlot) -> Entry? {
    index[slot].map { entries[$0] }
  }

  /// The lowest block that has a tensor here; a backward pass may stop there.
  var lowestLayer: Int {
    if entry(for: .embedding) != nil || entry(for: .positions) != nil { return 0 }
    return entries.compactMap(\.slot.layer).min() ?? Int.max
  }

  /// The zero vector.
  var zeros: ParameterVector { ParameterVector(zeros: count) }

  /// How many vectors of a space a run has at most at the same time: while it learns, the start, the point, its
  /// gradient and two averages; five more for the second gradients of the published steps.
  private static let vectorsOfARun = 10

  /// Checks that the disk has room for the vectors of a run, if they lie in scratch files.
  ///
  /// - Throws: `InputError` with the room that there is.
  func requireRoom() throws {
    guard count > ParameterVector.lengthInMemory else { return }
    try ScratchFile.requireRoom(Self.vectorsOfARun * count * MemoryLayout<Float>.stride)
  }

  /// The most bytes of one vector that are in memory at once.
  var residentVectorBytes: Int {
    let longest = entries.map { $0.outputs * $0.inputs }.max() ?? 0
    let inMemory =
      count > ParameterVector.lengthInMemory ? max(longest, ParameterVector.stretch) : count
    return inMemory * MemoryLayout<Float>.stride
  }

  /// The start of learning: Δ = 0 everywhere. Low-rank A is drawn at random with deviation
  /// 1/√(3·inputs), as uniform LoRA initialisation has, so that B has a gradient.
  public func initialValues(seed: UInt64) -> ParameterVector {
    var values = zeros
    for (number, entry) in entries.enumerated() {
      guard case .lowRank(_, _, let a, _) = entry.form else { continue }
      var source = RandomSource(seed: seed, stream: UInt64(number) + 1)
      let deviation = 1 / (3 * Float(entry.inputs)).squareRoot()
      values.replace(a, with: source.normal(a.count, deviation: deviation))
    }
    return values
  }
}

/// A point in a parameter space: the change of every target tensor.
public struct Perturbation: Sendable {
  /// The tensors and their layout.
  public let space: ParameterSpace
  /// The flat vector.
  public var values: ParameterVector

  /// A perturbation with these values; there must be `space.count` of them.
  public init(space: ParameterSpace, values: ParameterVector) {
    precondition(values.count == space.count)
    self.space = space
    self.values = values
  }

  /// Adds the change of one tensor to `weights` (outputs × inputs).
  func add(_ entry: ParameterSpace.Entry, scale: Float = 1, to weights: inout [Float]) {
    switch entry.form {
    case .full(let range):
      weights.withUnsafeMutableBufferPointer { weights in
        values.add(range, scale: scale, to: weights)
      }
    case .lowRank(let rank, let factor, let a, let b):
      BLAS.accumulateLowRank(
        b: values[b], a: values[a], rank: rank, scale: scale * factor, into: &weights)
    }
  }

  /// The change of one tensor as its two factors, for products of this precision; nil if it is in
  /// full form.
  func lowRankChange(of entry: ParameterSpace.Entry, precision: Precision) -> WeightMatrix.Change? {
    guard case .lowRank(let rank, let scale, let a, let b) = entry.form else { return nil }
    var scaled = values[b]
    scaled.scale(by: scale)
    return WeightMatrix.Change(
      rank: rank, a: .init(values[a], as: precision), b: .init(scaled, as: precision))
  }

  /// The change of one tensor, outputs × inputs.
  public func change(of entry: ParameterSpace.Entry) -> [Float] {
    var change = [Float](repeating: 0, count: entry.outputs * entry.inputs)
    add(entry, to: &change)
    return change
  }
}

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
    /// Changes δA and δB of the factors that the tensor has from an adapter:
    /// Δ = scale · ((B + δB) · (A + δA) − B · A).
    case ofAdapter(LowRankProduct, a: Range<Int>, b: Range<Int>)
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
      if case .full = form { false } else { true }
    }

    /// True if the change is one of factors that an adapter has.
    var isOfAdapter: Bool {
      if case .ofAdapter = form { true } else { false }
    }
  }

  /// The tensors, in file order of the model: outer ones first, then block by block.
  public private(set) var entries: [Entry]
  /// Length of the flat vector.
  public let count: Int
  private let index: [ModelSlot: Int]
  /// The tensors that hold them.
  private(set) var names: Set<TensorName>

  /// How the matrices of a space are parametrised; vectors are always full.
  public enum Parametrisation: Sendable, Equatable {
    case full
    case lowRank(rank: Int, scale: Float)
    /// The factors that matrices have from an adapter; all others are full.
    case ofAdapter(AdapterFactors)
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
        case .ofAdapter(let factors):
          factors.products[name].map {
            .ofAdapter($0, a: take($0.right.count), b: take($0.left.count))
          } ?? .full(take(outputs * inputs))
        default: .full(take(outputs * inputs))
        }
      entries.append(Entry(slot: slot, name: name, outputs: outputs, inputs: inputs, form: form))
    }
    self.entries = entries
    count = end
    index = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.slot, $0) })
    names = Set(entries.map(\.name))
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
        form: entry.form.reordered(other.rows(of: entry.slot, in: map)))
    }
    renamed.names = Set(renamed.entries.map(\.name))
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

  /// Checks that the disk has room for vectors, by default those of a run, if they lie in scratch files.
  ///
  /// - Parameter number: how many there are at the same time.
  /// - Throws: `InputError` with the room that there is.
  func requireRoom(forVectors number: Int = vectorsOfARun) throws {
    guard count > ParameterVector.lengthInMemory else { return }
    try ScratchFile.requireRoom(number * count * MemoryLayout<Float>.stride)
  }

  /// The most bytes of one vector that are in memory at once.
  var residentVectorBytes: Int {
    let longest = entries.map { $0.outputs * $0.inputs }.max() ?? 0
    let inMemory =
      count > ParameterVector.lengthInMemory ? max(longest, ParameterVector.stretch) : count
    return inMemory * MemoryLayout<Float>.stride
  }

  /// The factors of the adapter at the places of their changes; nil if the space has none.
  var factorsOfAdapter: ParameterVector? {
    var factors: ParameterVector?
    for case .ofAdapter(let product, let a, let b) in entries.map(\.form) {
      factors = factors ?? zeros
      factors?.replace(a, with: product.right)
      factors?.replace(b, with: product.left)
    }
    return factors
  }

  /// The start of learning: Δ = 0 everywhere. Low-rank A is drawn at random with deviation
  /// 1/√(3·inputs), as uniform LoRA initialisation has, so that B has a gradient. Factors of an adapter
  /// start as they are.
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
    if case .full(let range) = entry.form {
      weights.withUnsafeMutableBufferPointer { weights in
        values.add(range, scale: scale, to: weights)
      }
    } else if let change = product(of: entry) {
      BLAS.accumulateLowRank(
        b: change.left, a: change.right, rank: change.rank, scale: scale * change.scale,
        into: &weights)
    }
  }

  /// The change of one tensor as a product of two factors; nil if it is in full form.
  ///
  /// That of an adapter's factors has twice their rank, and nothing large cancels in it:
  ///
  ///     (B + δB) · (A + δA) − B · A = [B, δB] · [δA; A + δA]
  func product(of entry: ParameterSpace.Entry) -> LowRankProduct? {
    switch entry.form {
    case .full: return nil
    case .lowRank(let rank, let scale, let a, let b):
      return LowRankProduct(rank: rank, scale: scale, left: values[b], right: values[a])
    case .ofAdapter(let origin, let a, let b):
      let moved = factors(origin, a, b)
      return LowRankProduct(
        rank: 2 * origin.rank, scale: origin.scale,
        left: LowRankProduct.besideEachOther(
          origin.left, origin.rank, values[b], origin.rank, rows: origin.rows),
        right: values[a] + moved.right)
    }
  }

  /// The factors of an adapter with their changes: A + δA and B + δB.
  func factors(_ origin: LowRankProduct, _ a: Range<Int>, _ b: Range<Int>) -> LowRankProduct {
    var (left, right) = (values[b], values[a])
    left.add(origin.left, scale: 1)
    right.add(origin.right, scale: 1)
    return LowRankProduct(rank: origin.rank, scale: origin.scale, left: left, right: right)
  }

  /// The change of one tensor as its two factors, for products of this precision; nil if it is in
  /// full form.
  func lowRankChange(of entry: ParameterSpace.Entry, precision: Precision) -> WeightMatrix.Change? {
    guard let product = product(of: entry) else { return nil }
    var scaled = product.left
    scaled.scale(by: product.scale)
    return WeightMatrix.Change(
      rank: product.rank, a: .init(product.right, as: precision), b: .init(scaled, as: precision))
  }

  /// The change of one tensor, outputs × inputs.
  public func change(of entry: ParameterSpace.Entry) -> [Float] {
    var change = [Float](repeating: 0, count: entry.outputs * entry.inputs)
    add(entry, to: &change)
    return change
  }
}

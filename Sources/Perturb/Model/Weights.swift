import FormatIO

/// The tensors of one decoder block as numbers, by role.
struct BlockWeights: Sendable {
  private var tensors = [[Float]?](repeating: nil, count: BlockRole.allCases.count)

  subscript(role: BlockRole) -> [Float]? {
    get { tensors[role.rawValue] }
    set { tensors[role.rawValue] = newValue }
  }

  /// A tensor that every block has; `TensorMap` has checked that it does.
  func required(_ role: BlockRole) -> [Float] {
    guard let tensor = tensors[role.rawValue] else {
      preconditionFailure("\(role) was not loaded")
    }
    return tensor
  }

  /// Moves a tensor out, so that its memory can be written again without a copy.
  mutating func take(_ role: BlockRole) -> [Float]? {
    let tensor = tensors[role.rawValue]
    tensors[role.rawValue] = nil
    return tensor
  }
}

/// What the model computes with: the file's weights plus a perturbation, one block at a time.
///
/// The file stays mapped and is widened to single precision on use.
public struct Weights: Sendable {
  /// The tensors by place.
  public let map: TensorMap
  /// What is added to the file's weights.
  public let perturbation: Perturbation?
  /// If set, perturbed tensors are rounded as the written file will hold them.
  public let storage: StorageRounding?
  private var resident: [BlockWeights]?

  /// The file's weights as they are, or perturbed.
  public init(map: TensorMap, perturbation: Perturbation? = nil, storage: StorageRounding? = nil) {
    self.map = map
    self.perturbation = perturbation
    self.storage = storage
  }

  /// Keeps all blocks in memory from now on, if they fit in `limit` bytes. Generating text reads
  /// every block once per token, so it pays there.
  public mutating func makeResident(limit: Int = 2 << 30) throws {
    guard map.parameterCount * 4 <= limit else { return }
    var blocks: [BlockWeights] = []
    for layer in 0..<map.configuration.layerCount {
      var block = BlockWeights()
      try load(layer, into: &block)
      blocks.append(block)
    }
    resident = blocks
  }

  /// Fills `block` with the weights of one layer, using the memory it already has.
  func load(_ layer: Int, into block: inout BlockWeights) throws {
    if let resident {
      block = resident[layer]
      return
    }
    for role in BlockRole.allCases {
      let slot = ModelSlot.block(layer: layer, role)
      guard let tensor = map.tensor(at: slot) else { continue }
      var values = block.take(role) ?? [Float](repeating: 0, count: tensor.elementCount)
      try read(tensor, slot, into: &values)
      block[role] = values
    }
  }

  /// One whole tensor, perturbed.
  func values(at slot: ModelSlot) throws -> [Float] {
    guard let tensor = map.tensor(at: slot) else {
      preconditionFailure("\(slot) is not in this model")
    }
    var values = [Float](repeating: 0, count: tensor.elementCount)
    try read(tensor, slot, into: &values)
    return values
  }

  /// Some rows of the embedding or the head into `values`; those are perturbed only in full form.
  func read(_ slot: ModelSlot, rows: Range<Int>, into values: inout [Float], at start: Int) throws {
    guard let tensor = map.tensor(at: slot) else {
      preconditionFailure("\(slot) is not in this model")
    }
    let width = map.configuration.hiddenSize
    let part = rows.lowerBound * width..<rows.upperBound * width
    try values.withUnsafeMutableBufferPointer { buffer in
      var target = buffer.extracting(start..<start + part.count).mutableSpan
      try map.checkpoint.readFloats(tensor, elements: part, into: &target)
      if let perturbation, let entry = perturbation.space.entry(for: slot),
        case .full(let range) = entry.form
      {
        let offset = range.lowerBound
        let change = perturbation.values.span.extracting(
          offset + part.lowerBound..<offset + part.upperBound)
        Vector.add(change, scale: 1, to: &target)
        storage?.roundTrip(&target, from: part.lowerBound, of: tensor)
      }
    }
  }

  private func read(_ tensor: TensorInfo, _ slot: ModelSlot, into values: inout [Float]) throws {
    var target = values.mutableSpan
    try map.checkpoint.readFloats(tensor, into: &target)
    guard let perturbation, let entry = perturbation.space.entry(for: slot) else { return }
    perturbation.add(entry, to: &values)
    if let storage { storage.roundTrip(&values, of: tensor) }
  }
}

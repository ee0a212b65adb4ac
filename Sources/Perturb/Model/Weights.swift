import FormatIO

/// The tensors of one decoder block, by role.
struct BlockWeights: Sendable {
  private var matrices = [WeightMatrix?](repeating: nil, count: BlockRole.allCases.count)
  private var vectors = [[Float]?](repeating: nil, count: BlockRole.allCases.count)

  /// A matrix that every block has; `TensorMap` has checked that it does.
  func matrix(_ role: BlockRole) -> WeightMatrix {
    guard let matrix = matrices[role.rawValue] else { preconditionFailure("no \(role) is loaded") }
    return matrix
  }

  /// A vector that every block has.
  func vector(_ role: BlockRole) -> [Float] {
    guard let vector = vectors[role.rawValue] else { preconditionFailure("no \(role) is loaded") }
    return vector
  }

  /// A bias, where the model has it.
  func bias(_ role: BlockRole) -> [Float]? { vectors[role.rawValue] }

  /// BF16 if all products are, so that their operands are needed in no other form.
  var precision: Precision {
    matrices.allSatisfy { $0.map { $0.elements.precision == .bfloat16 } ?? true }
      ? .bfloat16 : .float32
  }

  /// The same weights, ready for many forward passes.
  fileprivate func packed(_ shape: (BlockRole) -> Int) -> BlockWeights {
    var packed = self
    for role in BlockRole.allCases {
      guard let matrix = matrices[role.rawValue] else { continue }
      packed.matrices[role.rawValue]?.elements = matrix.elements.packed(inputs: shape(role))
    }
    return packed
  }

  /// Replaces a matrix; `make` gets the elements of the old one, whose memory it may use again.
  fileprivate mutating func replaceMatrix(
    _ role: BlockRole, _ make: (consuming WeightMatrix.Elements?) throws -> WeightMatrix
  ) rethrows {
    let old = matrices[role.rawValue]?.elements
    matrices[role.rawValue] = nil
    matrices[role.rawValue] = try make(old)
  }

  fileprivate mutating func replaceVector(_ role: BlockRole, _ values: [Float]) {
    vectors[role.rawValue] = values
  }
}

/// What the model computes with: the file's weights plus a perturbation, one block at a time.
///
/// The file stays mapped; a block is read when it is its turn, in the form that products want.
public struct Weights: Sendable {
  /// The tensors by place.
  public let map: TensorMap
  /// What is added to the file's weights.
  public let perturbation: Perturbation?
  /// If set, perturbed tensors are rounded as the written file will hold them.
  public let storage: StorageRounding?
  private var resident: (blocks: [BlockWeights], head: WeightMatrix.Elements)?

  /// The file's weights as they are, or perturbed.
  public init(map: TensorMap, perturbation: Perturbation? = nil, storage: StorageRounding? = nil) {
    self.map = map
    self.perturbation = perturbation
    self.storage = storage
  }

  /// Keeps blocks and head in memory from now on, if the memory plan has room for them: for forward passes
  /// only. Generating text reads all of them once per token, so it pays there.
  public mutating func makeResident() throws {
    guard map.parameterCount * (map.precision == .bfloat16 ? 2 : 4) <= map.memory.residentBytes
    else { return }
    let configuration = map.configuration
    var blocks: [BlockWeights] = []
    for layer in 0..<configuration.layerCount {
      var block = BlockWeights()
      try load(layer, into: &block)
      blocks.append(
        block.packed { configuration.shape(of: .block(layer: layer, $0)).columns })
    }
    let head = try elements(map.headSlot, rows: 0..<configuration.vocabularySize)
    resident = (blocks, head.packed(inputs: configuration.hiddenSize))
  }

  /// The whole head, if it is resident.
  var residentHead: WeightMatrix.Elements? { resident?.head }

  /// Fills `block` with the weights of one layer, using the memory it already has.
  func load(_ layer: Int, into block: inout BlockWeights) throws {
    if let resident {
      block = resident.blocks[layer]
      return
    }
    for role in BlockRole.allCases {
      let slot = ModelSlot.block(layer: layer, role)
      guard let tensor = map.tensor(at: slot) else { continue }
      if role.isMatrix {
        try block.replaceMatrix(role) { try matrix(tensor, slot, reusing: $0) }
      } else {
        block.replaceVector(role, try values(at: slot))
      }
      map.release(tensor)
    }
  }

  /// Has the system fetch the weights of a layer that comes next and their change, where pages do not
  /// stay.
  func prefetch(_ layer: Int) {
    guard resident == nil, layer >= 0, layer < map.configuration.layerCount else { return }
    for role in BlockRole.allCases {
      let slot = ModelSlot.block(layer: layer, role)
      guard let tensor = map.tensor(at: slot) else { continue }
      if map.memory.releasesPages { map.checkpoint.advise(tensor, .willBeRead) }
      if let perturbation, case .full(let range) = perturbation.space.entry(for: slot)?.form {
        perturbation.values.prefetch(range)
      }
    }
  }

  /// One whole tensor, perturbed.
  func values(at slot: ModelSlot) throws -> [Float] {
    guard let tensor = map.tensor(at: slot) else {
      preconditionFailure("\(slot) is not in this model")
    }
    var values = [Float](repeating: 0, count: tensor.elementCount)
    try read(tensor, slot, into: &values)
    map.release(tensor)
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
        perturbation.values.withPart(offset + part.lowerBound..<offset + part.upperBound) {
          Vector.add($0, scale: 1, to: &target)
        }
        try storage?.roundTrip(&target, from: part.lowerBound, of: tensor)
      } else if isStoredAnew(tensor) {
        try storage?.roundTrip(&target, from: part.lowerBound, of: tensor)
      }
    }
  }

  /// True if a tensor that no patch changes is stored anew, because an adapter does.
  private func isStoredAnew(_ tensor: TensorInfo) -> Bool {
    storage != nil && map.checkpoint.isOverlaid(tensor.name)
  }

  /// Some rows of the embedding or the head as a matrix.
  func elements(_ slot: ModelSlot, rows: Range<Int>) throws -> WeightMatrix.Elements {
    defer { map.tensor(at: slot).map(map.release) }
    let width = map.configuration.hiddenSize
    guard let tensor = map.tensor(at: slot) else {
      preconditionFailure("\(slot) is not in this model")
    }
    if perturbation?.space.entry(for: slot) == nil, !isStoredAnew(tensor) {
      return try unperturbed(
        tensor, rows.lowerBound * width..<rows.upperBound * width, reusing: nil)
    }
    var values = [Float](repeating: 0, count: rows.count * width)
    try read(slot, rows: rows, into: &values, at: 0)
    return .float32(values)
  }

  /// Elements of a tensor as the file has them, in the form that products of this precision take.
  private func unperturbed(
    _ tensor: TensorInfo, _ range: Range<Int>, reusing old: consuming WeightMatrix.Elements?
  ) throws -> WeightMatrix.Elements {
    if map.precision == .bfloat16, tensor.elementType == .bfloat16 {
      var bits = old.reusableBits(count: range.count)
      var target = bits.mutableSpan
      try map.checkpoint.readBits(tensor, elements: range, into: &target)
      return .bfloat16(bits)
    }
    var values = old.reusableFloats(count: range.count)
    var target = values.mutableSpan
    try map.checkpoint.readFloats(tensor, elements: range, into: &target)
    return WeightMatrix.Elements(values, storedAs: tensor.elementType, for: map.precision)
  }

  /// A matrix of a block. A low-rank change stays apart, unless it is to be rounded with the rest.
  private func matrix(
    _ tensor: TensorInfo, _ slot: ModelSlot, reusing old: consuming WeightMatrix.Elements?
  ) throws -> WeightMatrix {
    let entry = perturbation?.space.entry(for: slot)
    let isApart = storage == nil && entry?.isLowRank == true
    if entry == nil && !isStoredAnew(tensor) || isApart {
      let elements = try unperturbed(tensor, 0..<tensor.elementCount, reusing: old)
      let change = entry.flatMap {
        perturbation?.lowRankChange(of: $0, precision: elements.precision)
      }
      return WeightMatrix(elements: elements, change: change)
    }
    var values = old.reusableFloats(count: tensor.elementCount)
    try read(tensor, slot, into: &values)
    // A change that is not stored yet is more exact than the type of its tensor.
    let elements =
      storage.map {
        WeightMatrix.Elements(values, storedAs: $0.storedType(of: tensor), for: map.precision)
      } ?? .float32(values)
    return WeightMatrix(elements: elements, change: nil)
  }

  private func read(_ tensor: TensorInfo, _ slot: ModelSlot, into values: inout [Float]) throws {
    var target = values.mutableSpan
    try map.checkpoint.readFloats(tensor, into: &target)
    guard let perturbation, let entry = perturbation.space.entry(for: slot) else {
      if isStoredAnew(tensor) { try storage?.roundTrip(&values, of: tensor) }
      return
    }
    perturbation.add(entry, to: &values)
    if let storage { try storage.roundTrip(&values, of: tensor) }
  }
}

extension WeightMatrix.Elements? {
  /// The memory of earlier bits, if they are as many.
  fileprivate consuming func reusableBits(count: Int) -> [UInt16] {
    if case .bfloat16(let bits) = self, bits.count == count { return bits }
    return [UInt16](repeating: 0, count: count)
  }

  /// The memory of earlier numbers, if they are as many.
  fileprivate consuming func reusableFloats(count: Int) -> [Float] {
    if case .float32(let values) = self, values.count == count { return values }
    return [Float](repeating: 0, count: count)
  }
}

import FormatIO

/// The weights of one decoder block, by role.
struct BlockWeights: Sendable {
  /// Roles, of an expert or of the block itself.
  struct Place: Hashable, Sendable {
    let role: BlockRole
    let expert: Int?
  }

  private var matrices: [Place: WeightMatrix] = [:]
  private var vectors: [BlockRole: [Float]] = [:]

  /// A matrix that every block has, or every expert; `TensorMap` has checked that it does.
  func matrix(_ role: BlockRole, expert: Int? = nil) -> WeightMatrix {
    guard let matrix = matrices[Place(role: role, expert: expert)] else {
      preconditionFailure("no \(role) is loaded")
    }
    return matrix
  }

  /// A vector that every block has.
  func vector(_ role: BlockRole) -> [Float] {
    guard let vector = vectors[role] else { preconditionFailure("no \(role) is loaded") }
    return vector
  }

  /// A bias or the weight of a normalisation, where the model has it.
  func optional(_ role: BlockRole) -> [Float]? { vectors[role] }

  /// BF16 if all products are, so that their operands are needed in no other form.
  var precision: Precision {
    matrices.values.allSatisfy { $0.elements.precision == .bfloat16 } ? .bfloat16 : .float32
  }

  /// The same weights, ready for many forward passes.
  fileprivate func packed(_ inputs: (Place) -> Int) -> BlockWeights {
    var packed = self
    for (place, matrix) in matrices {
      packed.matrices[place]?.elements = matrix.elements.packed(inputs: inputs(place))
    }
    return packed
  }

  /// Replaces a matrix; `make` gets the elements of the old one, whose memory it may use again.
  fileprivate mutating func replaceMatrix(
    _ place: Place, _ make: (consuming WeightMatrix.Elements?) throws -> WeightMatrix
  ) rethrows {
    let old = matrices.removeValue(forKey: place)?.elements
    matrices[place] = try make(old)
  }

  fileprivate mutating func replaceVector(_ role: BlockRole, _ values: [Float]) {
    vectors[role] = values
  }

  /// Forgets what another block has at other places.
  fileprivate mutating func keep(_ places: Set<Place>) {
    matrices = matrices.filter { places.contains($0.key) }
    vectors = vectors.filter { places.contains(Place(role: $0.key, expert: nil)) }
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
        block.packed {
          configuration.shape(of: .block(layer: layer, $0.role, expert: $0.expert)).columns
        })
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
    let slots = map.slots(in: layer)
    block.keep(Set(slots.compactMap(\.place)))
    for slot in slots {
      guard let part = map.part(at: slot), let place = slot.place else { continue }
      if place.role.isMatrix {
        try block.replaceMatrix(place) { try matrix(part, slot, reusing: $0) }
      } else {
        block.replaceVector(place.role, try values(at: slot))
      }
      map.release(part.tensor)
    }
  }

  /// Has the system fetch the weights of a layer that comes next and their change, where pages do not
  /// stay.
  func prefetch(_ layer: Int) {
    guard resident == nil, layer >= 0, layer < map.configuration.layerCount else { return }
    for slot in map.slots(in: layer) {
      guard let tensor = map.tensor(at: slot) else { continue }
      if map.memory.releasesPages { map.checkpoint.advise(tensor, .willBeRead) }
      if let perturbation, case .full(let range) = perturbation.space.entry(for: slot)?.form {
        perturbation.values.prefetch(range)
      }
    }
  }

  /// All numbers of one slot, perturbed; weights of normalisations as they are computed with.
  func values(at slot: ModelSlot) throws -> [Float] {
    guard let part = map.part(at: slot) else { preconditionFailure("\(slot) is not in this model") }
    var values = [Float](repeating: 0, count: map.elementCount(at: slot))
    try read(part, slot, into: &values)
    map.release(part.tensor)
    let offset = map.configuration.normOffset
    if offset != 0, slot == .finalNorm || slot.role?.isNormWeight == true {
      for index in values.indices { values[index] += offset }
    }
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

  /// True if a place that no patch changes is stored anew: an adapter changes its tensor, or the patch changes
  /// another place in it.
  private func isStoredAnew(_ tensor: TensorInfo) -> Bool {
    storage != nil
      && (map.checkpoint.isOverlaid(tensor.name)
        || perturbation?.space.names.contains(tensor.name) == true)
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
    _ part: TensorPart, _ slot: ModelSlot, reusing old: consuming WeightMatrix.Elements?
  ) throws -> WeightMatrix {
    let entry = perturbation?.space.entry(for: slot)
    let isApart = storage == nil && entry?.isLowRank == true
    if entry == nil && !isStoredAnew(part.tensor) || isApart {
      let elements =
        part.columns == nil
        ? try unperturbed(part.tensor, part.elements, reusing: old)
        : WeightMatrix.Elements(
          try transposed(part, entry: nil), storedAs: part.tensor.elementType, for: map.precision)
      let change = entry.flatMap {
        perturbation?.lowRankChange(of: $0, precision: elements.precision)
      }
      return WeightMatrix(elements: elements, change: change)
    }
    var values = old.reusableFloats(count: map.elementCount(at: slot))
    try read(part, slot, into: &values)
    // A change that is not stored yet is more exact than the type of its tensor.
    let elements =
      storage.map {
        WeightMatrix.Elements(
          values, storedAs: $0.storedType(of: part.tensor), for: map.precision)
      } ?? .float32(values)
    return WeightMatrix(elements: elements, change: nil)
  }

  private func read(_ part: TensorPart, _ slot: ModelSlot, into values: inout [Float]) throws {
    let entry = perturbation?.space.entry(for: slot)
    guard part.columns == nil else {
      values = try transposed(part, entry: entry)
      return
    }
    var target = values.mutableSpan
    try map.checkpoint.readFloats(part.tensor, elements: part.elements, into: &target)
    if let perturbation, let entry {
      perturbation.add(entry, to: &values)
    } else if !isStoredAnew(part.tensor) {
      return
    }
    if let storage {
      try storage.roundTrip(&values, from: part.elements.lowerBound, of: part.tensor)
    }
  }

  /// A matrix that is stored inputs × outputs, perturbed if `entry` is given, as outputs × inputs.
  private func transposed(_ part: TensorPart, entry: ParameterSpace.Entry?) throws -> [Float] {
    guard let columns = part.columns else { preconditionFailure("the part has no columns") }
    var values = try map.checkpoint.readFloats(part.tensor)
    if let perturbation, let entry { perturbation.add(entry, to: &values, part) }
    if entry != nil || isStoredAnew(part.tensor) {
      try storage?.roundTrip(&values, from: 0, of: part.tensor)
    }
    let width = part.tensor.shape[1]
    return Matrix(rows: values.count / width, columns: width, values: values)
      .columns(columns).transposed.values
  }
}

extension Perturbation {
  /// Adds the change of one slot to the numbers of its tensor, in the order of the file.
  func add(_ entry: ParameterSpace.Entry, to tensor: inout [Float], _ part: TensorPart) {
    if part.elements.count == tensor.count, part.columns == nil { return add(entry, to: &tensor) }
    let change = change(of: entry)
    guard let columns = part.columns else {
      for (index, place) in part.elements.enumerated() { tensor[place] += change[index] }
      return
    }
    let (inputs, width) = (entry.inputs, part.tensor.shape[1])
    for (output, column) in columns.enumerated() {
      for input in 0..<inputs { tensor[input * width + column] += change[output * inputs + input] }
    }
  }
}

extension ModelSlot {
  /// The place in a block.
  var place: BlockWeights.Place? {
    if case .block(_, let role, let expert) = self {
      .init(role: role, expert: expert)
    } else {
      nil
    }
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

import FormatIO

/// Which tensors of a checkpoint hold which slots of a model.
struct TensorLayout {
  /// A tensor, and the slots whose numbers lie in it, one after the other.
  struct Group {
    let name: TensorName
    fileprivate(set) var slots: [ModelSlot]
    let isTransposed: Bool
    /// True if some checkpoints of the family lack it.
    let isOptional: Bool
  }

  /// The tensors, in the order of the model.
  private(set) var groups: [Group] = []
  /// All slots, outer ones first, then block by block.
  let slots: [ModelSlot]

  /// Takes the names that fit the checkpoint best: the same model is saved in more than one way.
  init(of checkpoint: Checkpoint, _ configuration: ModelConfiguration) {
    slots = TensorLayout.slots(of: configuration)
    var fewest = Int.max
    for names in configuration.names {
      let prefix = names.prefixes.first {
        checkpoint.tensor(TensorName(names.name(of: .embedding, prefix: $0))) != nil
      }
      let groups = Self.groups(
        slots, names, prefix: prefix ?? names.prefixes.first ?? "", configuration)
      let missing = groups.count { !$0.isOptional && checkpoint.tensor($0.name) == nil }
      if missing < fewest { (fewest, self.groups) = (missing, groups) }
    }
  }

  private static func groups(
    _ slots: [ModelSlot], _ names: TensorNames, prefix: String, _ configuration: ModelConfiguration
  ) -> [Group] {
    var groups: [Group] = []
    var index: [TensorName: Int] = [:]
    for slot in slots {
      let name = TensorName(names.name(of: slot, prefix: prefix))
      if let known = index[name] {
        groups[known].slots.append(slot)
        continue
      }
      index[name] = groups.count
      groups.append(
        Group(
          name: name, slots: [slot], isTransposed: names.isTransposed && slot.isBlockMatrix,
          isOptional: slot.role?.isBias == true && configuration.hasBiases == nil))
    }
    return groups
  }

  private static func slots(of configuration: ModelConfiguration) -> [ModelSlot] {
    let family = configuration.architecture
    var slots: [ModelSlot] = [.embedding, .finalNorm]
    if !family.isRotary { slots.append(.positions) }
    if family.normalization == .layer { slots.append(.finalNormBias) }
    // A stored head of a model that ties it is a copy; the runtime uses the embedding.
    if !configuration.tiesHead { slots.append(.head) }
    for layer in 0..<configuration.layerCount {
      slots += configuration.roles(in: layer).map { .block(layer: layer, $0) }
      guard let mixture = configuration.mixture, configuration.layers[layer].isMixture else {
        continue
      }
      for expert in 0..<mixture.expertCount {
        for role in [BlockRole.gateWeight, .upWeight, .downWeight] {
          slots.append(.block(layer: layer, role, expert: expert))
        }
      }
    }
    return slots
  }
}

extension TensorNames {
  /// What a file that starts names with `prefix` calls the tensor of a slot.
  fileprivate func name(of slot: ModelSlot, prefix: String) -> String {
    let usual = prefixes.first ?? ""
    func prefixed(_ name: String) -> String {
      name.hasPrefix(usual) ? prefix + name.dropFirst(usual.count) : name
    }
    switch slot {
    case .embedding: return prefixed(embedding)
    case .positions: return prefixed(positions)
    case .finalNorm: return prefixed(finalNorm)
    case .finalNormBias: return prefixed(finalNormBias)
    case .head:
      // Where the whole language model lies under a name, its head does too.
      return prefix.hasPrefix("language_model.") ? "language_model." + head : head
    case .block(let layer, let role, let expert):
      let pattern = (expert == nil ? block[role] : experts[role]) ?? "\(role)"
      return prefixed(pattern)
        .replacing("{layer}", with: "\(layer)")
        .replacing("{expert}", with: expert.map { "\($0)" } ?? "")
    }
  }
}

extension TensorLayout.Group {
  private func isVector(_ configuration: ModelConfiguration) -> Bool {
    slots.allSatisfy { configuration.shape(of: $0).rows == 1 }
  }

  /// The shapes that the tensor may have; the first is the usual one.
  func shapes(_ configuration: ModelConfiguration) -> [[Int]] {
    let shapes = slots.map { configuration.shape(of: $0) }
    if isVector(configuration) {
      let length = shapes.reduce(0) { $0 + $1.columns }
      return [[length], [1, length]]
    }
    let (rows, columns) = (shapes.reduce(0) { $0 + $1.rows }, shapes[0].columns)
    if isTransposed { return [[columns, rows]] }
    guard case .block(_, _, .some) = slots[0], slots.count > 1, let mixture = configuration.mixture
    else { return [[rows, columns]] }
    return [[mixture.expertCount, rows / mixture.expertCount, columns]]
  }

  /// Where the numbers of each slot lie in the tensor.
  func parts(of tensor: TensorInfo, _ configuration: ModelConfiguration)
    -> [(slot: ModelSlot, part: TensorPart)]
  {
    var (element, column) = (0, 0)
    return slots.map { slot in
      let shape = configuration.shape(of: slot)
      if isTransposed {
        defer { column += shape.rows }
        return (
          slot,
          TensorPart(
            tensor: tensor, elements: 0..<tensor.elementCount,
            columns: column..<column + shape.rows)
        )
      }
      let count = shape.rows * shape.columns
      defer { element += count }
      return (slot, TensorPart(tensor: tensor, elements: element..<element + count))
    }
  }
}

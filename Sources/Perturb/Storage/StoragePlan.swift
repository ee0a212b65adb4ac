import FormatIO

/// How a run stores what it changes: in the types of the file, or in a wider one if those do not hold it.
struct StoragePlan {
  /// The rules in force.
  private(set) var storage: StorageRounding
  /// What matrices read, which decides which codes move; empty if none do.
  private let inputs: SampledInputs
  /// The rules to take if the types of quantised tensors do not hold the change; nil if there are none, or
  /// the choice was made.
  private var fallback: StorageRounding?
  /// The type that quantised tensors get then.
  var wider: ElementType? { fallback?.elementType }
  /// How many bytes longer the file gets then, if all tensors get it.
  var bytesOfRaising: Int { fallback.map(bytes) ?? 0 }
  /// The tensors that change.
  private let tensors: [TensorInfo]

  /// True if the change is written as factors of its own, so that nothing is rounded into the tensors.
  var keepsFactors = false

  /// Starts with the rules asked for.
  ///
  /// - Parameters:
  ///   - raises: whether a wider type may be taken.
  ///   - examples: what the model is to learn; a part of it is read to weigh the inputs of matrices.
  init(
    _ storage: StorageRounding, raises: Bool, space: ParameterSpace, map: TensorMap,
    examples: [Example]
  ) {
    self.storage = storage
    let tensors = map.changedTensors(space).map(\.info)
    self.tensors = tensors
    // FP8 keeps its type: those who read it expect both codes and scales.
    let types = tensors.map(\.elementType).filter { $0.elementsPerBlock > 1 }
    let keepsTypes = storage.elementType == nil && !types.isEmpty
    let movesCodes = tensors.contains {
      $0.elementType.hasMovableCodes && storage.storedType(of: $0) == $0.elementType
    }
    inputs = SampledInputs(
      map: map,
      samples: movesCodes ? Self.batches(of: examples, tokens: map.memory.batchTokens) : [])
    let isNarrow = types.contains { $0.bitsWithScales < ElementType.q8.bitsWithScales }
    let raised = StorageRounding(
      elementType: isNarrow ? .q8 : .float16, onlyRaises: true, rounding: storage.rounding)
    fallback = keepsTypes && raises ? raised : nil
  }

  /// The plan with the wider type.
  var raised: StoragePlan { widened(only: nil) }

  /// The plan with the wider type for some tensors, those of them whose type changes, and the bytes that it costs.
  ///
  /// - Returns: nil if there is no wider type, or no tensor whose type changes.
  func raising(_ names: Set<TensorName>) -> (plan: StoragePlan, names: Set<TensorName>, bytes: Int)?
  {
    let plan = widened(only: names)
    let changed = tensors.filter { plan.storage.storedType(of: $0) != storage.storedType(of: $0) }
    return changed.isEmpty ? nil : (plan, Set(changed.map(\.name)), bytes(plan.storage))
  }

  private func widened(only names: Set<TensorName>?) -> StoragePlan {
    var plan = self
    if var wider = fallback {
      wider.tensors = names
      plan.storage = wider
    }
    plan.settle()
    return plan
  }

  /// How many bytes longer the file gets with these rules.
  private func bytes(_ storage: StorageRounding) -> Int {
    tensors.reduce(0) { sum, tensor in
      sum + (storage.storedType(of: tensor).byteCount(elements: tensor.elementCount) ?? 0)
        - tensor.byteCount
    }
  }

  /// Stays with the rules in force.
  mutating func settle() { fallback = nil }

  /// The model with a change as its file will hold it.
  ///
  /// - Throws: `InputError` if there is no room for a scratch file or the model's file changed.
  func weights(_ map: TensorMap, _ change: Perturbation) throws -> Weights {
    guard !keepsFactors else { return Weights(map: map, perturbation: change) }
    return Weights(
      map: map, perturbation: change,
      storage: try storage.encoding(change, of: map, inputs: inputs))
  }

  /// Tokens that are read to weigh inputs: a few times the widest input of small models.
  static let sampledTokens = 6144

  /// Examples spread over all of them, packed.
  private static func batches(of examples: [Example], tokens: Int) -> [PackedBatch] {
    let total = examples.reduce(0) { $0 + $1.length }
    let step = max(1, total / max(1, sampledTokens))
    var batches: [PackedBatch] = []
    var batch = PackedBatch()
    for example in stride(from: 0, to: examples.count, by: step).map({ examples[$0] }) {
      if !batch.tokens.isEmpty, batch.tokens.count + example.length > tokens {
        batches.append(batch)
        batch = PackedBatch()
      }
      batch.append(prompt: example.prompt, answer: example.answer)
    }
    return batch.tokens.isEmpty ? batches : batches + [batch]
  }
}

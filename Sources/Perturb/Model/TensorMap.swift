public import FormatIO

/// The tensors of a checkpoint by their place in the model; checked once, so that later code need not.
public struct TensorMap: Sendable {
  /// The file or files.
  public let checkpoint: Checkpoint
  /// The sizes of the model.
  public let configuration: ModelConfiguration
  /// How products with the tensors are computed.
  public var precision = Precision.float32
  /// How much memory passes over them may take.
  public var memory = MemoryPlan()
  private let tensors: [ModelSlot: TensorInfo]

  /// Finds every tensor the model needs and checks its shape and type.
  ///
  /// Tensors the model does not know (a vision tower, stored rotary tables) are left alone.
  ///
  /// - Throws: `InputError` naming the tensor that is missing, has another shape, or is stored in a
  ///   type that cannot be computed with.
  public init(checkpoint: Checkpoint, configuration: ModelConfiguration) throws {
    self.checkpoint = checkpoint
    self.configuration = configuration
    var tensors: [ModelSlot: TensorInfo] = [:]
    for (slot, name, isOptional) in TensorMap.slots(of: configuration) {
      let prefix = configuration.names.optionalPrefix
      let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
      let found =
        checkpoint.tensor(TensorName(name)) ?? checkpoint.tensor(TensorName(short))
      guard let tensor = found else {
        if isOptional { continue }
        throw TensorMap.missing(name, in: checkpoint, configuration)
      }
      try TensorMap.check(tensor, slot, in: checkpoint, configuration)
      tensors[slot] = tensor
    }
    self.tensors = tensors
  }

  /// The tensor at this place; nil for an optional one that the checkpoint lacks.
  public func tensor(at slot: ModelSlot) -> TensorInfo? {
    tensors[slot]
  }

  /// All places that have a tensor, outer ones first, then block by block.
  public var slots: [ModelSlot] {
    TensorMap.slots(of: configuration).map(\.slot).filter { tensors[$0] != nil }
  }

  /// True if the matrices of all blocks are stored as BF16, with no adapter on top.
  public var isStoredAsBFloat16: Bool {
    tensors.allSatisfy { slot, tensor in
      !slot.isBlockMatrix
        || tensor.elementType == .bfloat16 && !checkpoint.isOverlaid(tensor.name)
    }
  }

  /// Lets the pages of a tensor go that has been read, if the memory plan asks for it.
  func release(_ tensor: TensorInfo) {
    if memory.releasesPages { checkpoint.advise(tensor, .mayBeDropped) }
  }

  /// The number of weights in the model.
  public var parameterCount: Int {
    tensors.values.reduce(0) { $0 + $1.elementCount }
  }

  /// The tensor that serves as output head: its own, or the embedding if tied.
  var headSlot: ModelSlot { tensors[.head] == nil ? .embedding : .head }

  /// Checks that every number of the model is finite.
  ///
  /// - Throws: `InputError` naming the first tensor with a NaN or an infinity.
  public func requireFinite() throws {
    for slot in slots {
      guard let tensor = tensors[slot] else { continue }
      for start in stride(from: 0, to: tensor.elementCount, by: Self.checkedAtOnce) {
        let part = start..<min(tensor.elementCount, start + Self.checkedAtOnce)
        try requireFinite(tensor, part)
      }
      checkpoint.advise(tensor, .mayBeDropped)
    }
  }

  /// How many numbers are decoded at once to be looked at.
  private static let checkedAtOnce = 1 << 20

  private func requireFinite(_ tensor: TensorInfo, _ part: Range<Int>) throws {
    var values = [Float](repeating: 0, count: part.count)
    var target = values.mutableSpan
    try checkpoint.readFloats(tensor, elements: part, into: &target)
    // x − x is zero unless x is infinite or not a number; the loop vectorises.
    var total: Float = 0
    for value in values { total += value - value }
    guard total != 0 else { return }
    let index = values.firstIndex { !$0.isFinite } ?? 0
    throw InputError(
      file: checkpoint.path, place: "tensor \"\(tensor.name)\", element \(part.lowerBound + index)",
      expected: "finite weights", found: "\(values[index])",
      fix: "the fine-tune diverged or the file is damaged; go back to an earlier checkpoint")
  }

  private static func slots(of configuration: ModelConfiguration)
    -> [(slot: ModelSlot, name: String, isOptional: Bool)]
  {
    let names = configuration.names
    var slots: [(slot: ModelSlot, name: String, isOptional: Bool)] = [
      (.embedding, names.embedding, false), (.finalNorm, names.finalNorm, false),
    ]
    // A stored head of a model that ties it is a copy; the runtime uses the embedding.
    if !configuration.tiesHead { slots.append((.head, names.head, false)) }
    for layer in 0..<configuration.layerCount {
      for role in BlockRole.allCases {
        guard let pattern = names.block[role] else { continue }
        let name = pattern.split(separator: "{layer}", maxSplits: 1).joined(separator: "\(layer)")
        slots.append((.block(layer: layer, role), name, role.isOptional))
      }
    }
    return slots
  }

  private static func missing(
    _ name: String, in checkpoint: Checkpoint, _ configuration: ModelConfiguration
  ) -> InputError {
    let suffixes = [".qweight", ".weight_packed", ".SCB", ".quant_map"]
    let stem = name.hasSuffix(".weight") ? String(name.dropLast(7)) : name
    let quantised = checkpoint.tensors.contains { tensor in
      suffixes.contains { "\(tensor.name)" == stem + $0 }
    }
    return InputError(
      file: checkpoint.path, place: "tensor \"\(name)\"",
      expected: "a tensor that \(configuration.source) calls for",
      found: quantised ? "packed quantised weights instead" : "no such tensor",
      fix: quantised ? "patch the original checkpoint and quantise it again" : nil)
  }

  private static func check(
    _ tensor: TensorInfo, _ slot: ModelSlot, in checkpoint: Checkpoint,
    _ configuration: ModelConfiguration
  ) throws {
    guard tensor.elementType.isWeight else {
      let isQuantised = tensor.elementType.elementsPerBlock > 1
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: isQuantised
          ? "a type whose blocks can be unpacked"
          : "weights stored as F32, F16, BF16 or F64",
        found: tensor.elementType.name,
        fix: isQuantised
          ? "patch the F16 or Q8_0 file of the model and quantise that again (IQ1 to IQ3 need tables that"
            + " this program does not have)"
          : "patch the checkpoint it was quantised from")
    }
    let shape = configuration.shape(of: slot)
    let expected = shape.rows == 1 ? [shape.columns] : [shape.rows, shape.columns]
    guard tensor.shape == expected || tensor.shape == [shape.rows, shape.columns] else {
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: "shape \(expected), as \(configuration.source) says", found: "\(tensor.shape)")
    }
  }
}

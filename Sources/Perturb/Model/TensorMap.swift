public import FormatIO

/// Where the numbers of one slot lie: a tensor, or a part of one that several slots share.
public struct TensorPart: Sendable {
  /// The tensor.
  public let tensor: TensorInfo
  /// Its elements, in the order of the file; all of them if the tensor is stored inputs × outputs.
  let elements: Range<Int>
  /// The columns that are the slot's rows, if the tensor is stored inputs × outputs.
  var columns: Range<Int>?
}

/// The tensors of a checkpoint by their place in the model; checked once, so that later code need not.
public struct TensorMap: Sendable {
  /// The file or files; tensors of FP8 are read with their scales.
  public let checkpoint: Checkpoint
  /// The sizes of the model.
  public let configuration: ModelConfiguration
  /// How products with the tensors are computed.
  public var precision = Precision.float32
  /// How much memory passes over them may take.
  public var memory = MemoryPlan()
  /// All places that have a tensor, outer ones first, then block by block.
  public let slots: [ModelSlot]
  /// The tensors of the model, each once.
  public let tensors: [TensorInfo]
  private let parts: [ModelSlot: TensorPart]
  private let namesInBlocks: Set<TensorName>
  /// The slots of each block.
  private let blocks: [ArraySlice<ModelSlot>]

  /// Finds every tensor the model needs and checks its shape and type.
  ///
  /// Tensors the model does not know (a vision tower, stored rotary tables) are left alone.
  ///
  /// - Throws: `InputError` naming the tensor that is missing, has another shape, or is stored in a
  ///   type that cannot be computed with.
  public init(checkpoint: Checkpoint, configuration: ModelConfiguration) throws {
    self.configuration = configuration
    let layout = TensorLayout(of: checkpoint, configuration)
    var parts: [ModelSlot: TensorPart] = [:]
    var tensors: [TensorInfo] = []
    var scales: [TensorName: TensorScales] = [:]
    for group in layout.groups {
      guard let tensor = checkpoint.tensor(group.name) else {
        if group.isOptional { continue }
        throw TensorMap.missing("\(group.name)", in: checkpoint, configuration)
      }
      if tensor.elementType.isFloat8 {
        scales[tensor.name] = try TensorScales(
          of: tensor, in: checkpoint, configuration.quantization)
      }
      try TensorMap.check(tensor, group, in: checkpoint, configuration)
      for (slot, part) in group.parts(of: tensor, configuration) { parts[slot] = part }
      tensors.append(tensor)
    }
    self.checkpoint = checkpoint.scaled(by: scales)
    self.parts = parts
    self.tensors = tensors
    let slots = layout.slots.filter { parts[$0] != nil }
    self.slots = slots
    namesInBlocks = Set(parts.compactMap { $0.key.layer == nil ? nil : $0.value.tensor.name })
    // Blocks stand one after the other.
    var rest = slots.drop { $0.layer == nil }
    blocks = (0..<configuration.layerCount).map { layer in
      let block = rest.prefix { $0.layer == layer }
      rest = rest.dropFirst(block.count)
      return block
    }
  }

  /// Where the numbers of this place lie; nil for an optional one that the checkpoint lacks.
  func part(at slot: ModelSlot) -> TensorPart? {
    parts[slot]
  }

  /// The tensor at this place, which it may share with others; nil for an optional one that the
  /// checkpoint lacks.
  public func tensor(at slot: ModelSlot) -> TensorInfo? {
    parts[slot]?.tensor
  }

  /// The places in one block.
  func slots(in layer: Int) -> ArraySlice<ModelSlot> { blocks[layer] }

  /// True for tensors of blocks.
  func isInBlock(_ tensor: TensorInfo) -> Bool { namesInBlocks.contains(tensor.name) }

  /// The number of weights at this place.
  public func elementCount(at slot: ModelSlot) -> Int {
    let shape = configuration.shape(of: slot)
    return parts[slot] == nil ? 0 : shape.rows * shape.columns
  }

  /// True if the matrices of all blocks are stored as BF16, with no adapter on top.
  public var isStoredAsBFloat16: Bool {
    parts.allSatisfy { slot, part in
      !slot.isBlockMatrix
        || part.tensor.elementType == .bfloat16 && !checkpoint.isOverlaid(part.tensor.name)
    }
  }

  /// Lets the pages of a tensor go that has been read, if the memory plan asks for it.
  func release(_ tensor: TensorInfo) {
    if memory.releasesPages { checkpoint.advise(tensor, .mayBeDropped) }
  }

  /// The number of weights in the model.
  public var parameterCount: Int {
    tensors.reduce(0) { $0 + $1.elementCount }
  }

  /// The tensor that serves as output head: its own, or the embedding if tied.
  var headSlot: ModelSlot { parts[.head] == nil ? .embedding : .head }

  /// Checks that every number of the model is finite.
  ///
  /// - Throws: `InputError` naming the first tensor with a NaN or an infinity.
  public func requireFinite() throws {
    for tensor in tensors {
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
    _ tensor: TensorInfo, _ group: TensorLayout.Group, in checkpoint: Checkpoint,
    _ configuration: ModelConfiguration
  ) throws {
    guard tensor.elementType.isWeight else {
      let isQuantised = tensor.elementType.elementsPerBlock > 1
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: isQuantised
          ? "a type whose blocks can be unpacked"
          : "weights stored as F32, F16, BF16 or F64, or as F8_E4M3 or F8_E5M2 with scales",
        found: tensor.elementType.name,
        fix: isQuantised
          ? "patch the F16 or Q8_0 file of the model and quantise that again (IQ1 to IQ3 need tables that"
            + " this program does not have)"
          : "patch the checkpoint it was quantised from")
    }
    guard !(tensor.elementType.isFloat8 && group.isTransposed) else {
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: "FP8 weights stored outputs × inputs", found: "inputs × outputs",
        fix: "patch the checkpoint it was quantised from")
    }
    let expected = group.shapes(configuration)
    guard expected.contains(tensor.shape) else {
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: "shape \(expected[0]), as \(configuration.source) says",
        found: "\(tensor.shape)")
    }
  }
}

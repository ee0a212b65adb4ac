import FormatIO

/// The tensors of a patch that are stored in blocks, as the file will hold them, in a scratch file.
///
/// Choosing codes takes a while, so it is done once for each change that is tried; the model is then
/// measured with the very bytes that are written in the end.
final class EncodedTensors: Sendable {
  /// Where a tensor lies, and how much of its change it holds.
  struct Entry: Sendable {
    let type: ElementType
    fileprivate let offset: Int
    /// What its numbers are multiplied by, where that is in another tensor.
    let scales: TensorScales?
    /// The share of the change that arrives at the outputs, where codes were moved.
    var effect: PatchShare?
  }

  /// The tensors that were encoded.
  let entries: [TensorName: Entry]
  private let file: ScratchFile

  /// Encodes what changes and is stored in blocks.
  ///
  /// - Parameters:
  ///   - change: the change, over tensors of `map`.
  ///   - inputs: what matrices read, which decides which codes move.
  /// - Returns: nil if nothing is stored in blocks.
  /// - Throws: `InputError` if there is no room for the scratch file or the model's file changed.
  init?(
    _ change: Perturbation, of map: TensorMap, storedAs storage: StorageRounding,
    inputs: SampledInputs
  ) throws {
    let tensors = map.changedTensors(change.space).compactMap { tensor -> Tensor? in
      let type = storage.storedType(of: tensor.info)
      return type.isQuantised ? Tensor(changed: tensor, type: type) : nil
    }
    guard !tensors.isEmpty else { return nil }
    var end = 0
    var places: [TensorName: Int] = [:]
    for tensor in tensors {
      places[tensor.info.name] = end
      end += tensor.byteCount
    }
    let file = try ScratchFile(count: end)
    var entries: [TensorName: Entry] = [:]
    func store(_ tensor: Tensor, _ moments: InputMoments?) throws {
      guard let offset = places[tensor.info.name] else { return }
      let (bytes, effect) = try tensor.encode(change, map, moments)
      try bytes.withUnsafeBytes { try file.write($0, at: offset) }
      entries[tensor.info.name] = Entry(
        type: tensor.type, offset: offset, scales: map.checkpoint.scales[tensor.info.name],
        effect: effect)
    }
    // Without text or outside the blocks, every input counts the same.
    let moved = inputs.isEmpty ? [] : tensors.filter(\.needsMoments)
    for tensor in tensors where inputs.isEmpty || !tensor.needsMoments { try store(tensor, nil) }
    let layers = moved.compactMap(\.layer)
    if let first = layers.min(), let last = layers.max() {
      try inputs.visit(layers: first..<last + 1) { layer, moments in
        for tensor in moved where tensor.layer == layer { try store(tensor, moments) }
      }
    }
    (self.entries, self.file) = (entries, file)
  }

  /// The share of the whole change that arrives at the outputs, where codes were moved; nil if none were.
  var effect: PatchShare? {
    // In a fixed order, so that the sum is the same every time.
    let shares = entries.keys.sorted().compactMap { entries[$0]?.effect }
    return shares.isEmpty ? nil : shares.reduce(into: PatchShare()) { $0 += $1 }
  }

  /// The bytes of some elements of a tensor, which are whole blocks; nil if it is not stored here.
  func bytes(of name: TensorName, _ elements: Range<Int>) throws -> [UInt8]? {
    guard let entry = entries[name] else { return nil }
    let type = entry.type
    precondition(elements.lowerBound % type.elementsPerBlock == 0)
    guard let count = type.byteCount(elements: elements.count) else {
      preconditionFailure("\(elements) are no whole blocks of \(type)")
    }
    let start = elements.lowerBound / type.elementsPerBlock * type.bytesPerBlock
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try file.read($0, at: entry.offset + start) }
    return bytes
  }
}

/// A tensor on its way into blocks.
private struct Tensor {
  let changed: ChangedTensor
  let type: ElementType

  var info: TensorInfo { changed.info }
  var byteCount: Int { type.byteCount(elements: info.elementCount) ?? 0 }
  /// The block it is in.
  var layer: Int? { changed.layer }

  private var movesCodes: Bool { type == info.elementType && type.hasMovableCodes }
  /// True if the inputs of the matrix decide what is stored.
  var needsMoments: Bool { movesCodes && changed.parts.contains { $0.slot.isBlockMatrix } }

  /// The blocks with the change in them, and how much of it reaches the outputs, if codes were moved.
  func encode(_ change: Perturbation, _ map: TensorMap, _ moments: InputMoments?) throws
    -> ([UInt8], PatchShare?)
  {
    defer { map.release(info) }
    guard movesCodes else {
      var values = try map.checkpoint.readFloats(info)
      for part in changed.parts { part.add(change, to: &values) }
      let encoding = FloatEncoding(type, rounding: .nearestEven, tensor: info.name)
      return (encoding.encode(values.span), nil)
    }
    var blocks = try map.checkpoint.withBytes(of: info) { Array($0) }
    var effect = PatchShare()
    let wanted = try wanted(change, map)
    let width = info.shape.last ?? 1
    func move(_ elements: Range<Int>, _ moments: Matrix?) {
      let part = Matrix(
        rows: elements.count / max(width, 1), columns: width, values: Array(wanted[elements]))
      let bytes = info.bytes(of: elements)
      let result = CodeMoves(moments: moments).move(
        Array(blocks[bytes]), type, by: part, scales: map.checkpoint.scales[info.name],
        from: elements.lowerBound)
      blocks.replaceSubrange(bytes, with: result.blocks)
      effect += result.effect
    }
    if changed.parts.isEmpty { move(0..<info.elementCount, nil) }
    for part in changed.parts {
      move(part.part.elements, part.slot.place.flatMap { moments?[$0] })
    }
    return (blocks, effect)
  }

  /// What is to be added to the numbers of the file: the patch, and an adapter if there is one.
  private func wanted(_ change: Perturbation, _ map: TensorMap) throws -> [Float] {
    var wanted = [Float](repeating: 0, count: info.elementCount)
    if map.checkpoint.isOverlaid(info.name) {
      wanted = try map.checkpoint.readFloats(info)
      wanted.add(try map.checkpoint.overlaid(by: nil).readFloats(info), scale: -1)
    }
    for part in changed.parts { part.add(change, to: &wanted) }
    return wanted
  }
}

extension TensorInfo {
  /// The bytes of some elements, which are whole blocks.
  fileprivate func bytes(of elements: Range<Int>) -> Range<Int> {
    let (size, count) = (elementType.bytesPerBlock, elementType.elementsPerBlock)
    return elements.lowerBound / count * size..<elements.upperBound / count * size
  }
}

import FormatIO

/// What a patch file changes, as numbers of the model that it was made from.
struct PatchFileChange {
  /// The model that the patch starts from.
  let map: TensorMap
  /// Result less source: whole matrices and vectors, at the places of all tensors that change.
  let perturbation: Perturbation

  /// Reads both sides of every tensor that changes. The source must have been checked.
  ///
  /// Both sides are widened to single precision, and the change is their difference. It lies in a scratch file if
  /// it is long.
  ///
  /// - Parameters:
  ///   - applier: the patch and its source.
  ///   - map: the source.
  ///   - progress: gets the bytes of tensors read since the last call. May throw to stop.
  /// - Throws: `InputError` naming a tensor that changes and is no part of the model, is on one side only, or has
  ///   numbers that are not finite.
  init(_ applier: DeltaApplier, of map: TensorMap, progress: (Int) throws -> Void) throws {
    let tensors = try applier.changedTensors()
    let places = Dictionary(grouping: map.slots) { map.tensor(at: $0)?.name }
    for tensor in tensors where places[tensor.source.name] == nil {
      throw InputError(
        file: map.checkpoint.path, place: "tensor \(tensor.source.name.quoted)",
        expected: "a patch of the \(map.configuration.architecture.name) model alone",
        found: "one that changes a tensor with no place in it",
        fix: "apply the patch to its own base and convert the result to the other format")
    }
    let names = Set(tensors.map(\.source.name))
    let space = ParameterSpace(
      tensors: map.slots.compactMap { slot in
        guard let name = map.tensor(at: slot)?.name, names.contains(name) else { return nil }
        let shape = map.configuration.shape(of: slot)
        return (slot, name, shape.rows, shape.columns)
      }, parametrisation: .full)
    try space.requireRoom(forVectors: 2)
    var values = space.zeros
    for tensor in tensors {
      let change = try Self.change(of: tensor, applier, map)
      for slot in places[tensor.source.name] ?? [] {
        guard let part = map.part(at: slot), case .full(let range) = space.entry(for: slot)?.form
        else { continue }
        values.replace(range, with: part.matrix(of: change))
      }
      try progress(tensor.source.byteCount)
    }
    (self.map, perturbation) = (map, Perturbation(space: space, values: values))
  }

  /// Result less source, in the order of the file.
  private static func change(
    of tensor: DeltaApplier.ChangedTensor, _ applier: DeltaApplier, _ map: TensorMap
  ) throws -> [Float] {
    let name = tensor.source.name
    var change = try applier.readResult(of: tensor, scales: map.checkpoint.scales[name])
    change.add(try map.checkpoint.readFloats(tensor.source), scale: -1)
    guard change.allSatisfy(\.isFinite) else {
      throw InputError(
        file: map.checkpoint.path, place: "tensor \(name.quoted)",
        expected: "finite numbers before and after the patch", found: "a NaN or an infinity",
        fix: "the patch can only be applied exactly")
    }
    return change
  }
}

extension TensorPart {
  /// The numbers of the place among those of its tensor, outputs × inputs.
  fileprivate func matrix(of tensor: [Float]) -> [Float] {
    guard let columns else {
      return elements.count == tensor.count ? tensor : Array(tensor[elements])
    }
    let width = self.tensor.shape[1]
    return Matrix(rows: tensor.count / width, columns: width, values: tensor)
      .columns(columns).transposed.values
  }
}

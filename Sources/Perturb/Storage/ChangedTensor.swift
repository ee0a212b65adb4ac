import FormatIO

/// A tensor whose stored form is new in a patched file: it is patched, adapted, or both.
struct ChangedTensor {
  /// One place of the model in it.
  struct Part {
    let slot: ModelSlot
    /// Where its numbers lie.
    let part: TensorPart
    /// Its part of the patch; nil if only an adapter changes it.
    let entry: ParameterSpace.Entry?

    /// Adds the patch of this place to the numbers of the tensor, in the order of the file.
    func add(_ change: Perturbation, to tensor: inout [Float]) {
      if let entry { change.add(entry, to: &tensor, part) }
    }
  }

  let info: TensorInfo
  /// The places of the model in it; none if the model does not know it.
  let parts: [Part]

  /// The block it is in.
  var layer: Int? { parts.first?.slot.layer }
}

extension TensorMap {
  /// The tensors that change in a file with a patch over this space: those of the space in its order, then the
  /// rest of an adapter by name.
  func changedTensors(_ space: ParameterSpace) -> [ChangedTensor] {
    let places = Dictionary(grouping: slots) { tensor(at: $0)?.name }
    func changed(_ info: TensorInfo) -> ChangedTensor {
      ChangedTensor(
        info: info,
        parts: (places[info.name] ?? []).compactMap { slot in
          part(at: slot).map { .init(slot: slot, part: $0, entry: space.entry(for: slot)) }
        })
    }
    var seen: Set<TensorName> = []
    let patched = space.entries.compactMap { tensor(at: $0.slot) }
      .filter { seen.insert($0.name).inserted }.map(changed)
    let rest = (checkpoint.overlay?.names ?? []).subtracting(seen).sorted()
    return patched + rest.compactMap(checkpoint.tensor).map(changed)
  }
}

import FormatIO

/// A tensor whose stored form is new in a patched file: it is patched, adapted, or both.
struct ChangedTensor {
  /// Its place; nil if the model has none for it.
  let slot: ModelSlot?
  let info: TensorInfo
  /// Its part of the patch; nil if only the adapter changes it.
  let entry: ParameterSpace.Entry?
}

extension TensorMap {
  /// The tensors that change in a file with a patch over this space: those of the space in its order, then the
  /// rest of an adapter by name.
  func changedTensors(_ space: ParameterSpace) -> [ChangedTensor] {
    let patched = space.entries.compactMap { entry in
      tensor(at: entry.slot).map { ChangedTensor(slot: entry.slot, info: $0, entry: entry) }
    }
    guard let overlay = checkpoint.overlay else { return patched }
    let places = Dictionary(
      slots.compactMap { slot in tensor(at: slot).map { ($0.name, slot) } },
      uniquingKeysWith: { first, _ in first })
    let rest = overlay.names.subtracting(patched.map(\.info.name)).sorted()
    return patched
      + rest.compactMap { name in
        checkpoint.tensor(name).map {
          ChangedTensor(slot: places[name], info: $0, entry: nil)
        }
      }
  }
}

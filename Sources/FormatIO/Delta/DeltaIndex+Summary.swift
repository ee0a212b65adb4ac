// What people and pipelines ask a patch file.

extension DeltaIndex {
  /// What becomes of a tensor.
  public enum Kind: String, Sendable, CaseIterable {
    /// The same bytes under the same name.
    case same
    /// The same bytes under another name.
    case renamed
    /// Other numbers of the same type, as many or not.
    case changed
    /// Another element type; what is stored is how it differs from a conversion.
    case converted
    /// Another type or shape; both sides are stored.
    case replaced
    case added
    case removed
  }

  /// The tensors by what becomes of them.
  public var counts: [Kind: Int] {
    tensors.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
  }
}

extension DeltaIndex.Tensor {
  /// The name on the side that has it, after the patch if both do.
  public var name: TensorName { (target ?? base)?.name ?? "" }

  /// What becomes of it.
  public var kind: DeltaIndex.Kind {
    guard let base else { return .added }
    guard let target else { return .removed }
    switch change {
    case .same: return base.name == target.name && base.shape == target.shape ? .same : .renamed
    case .residual: return .changed
    case .converted: return .converted
    case .stored: return .replaced
    }
  }

  /// The bytes it takes in the patch file.
  public var patchByteCount: Int { change.streams.reduce(0) { $0 + $1.byteCount } }
}

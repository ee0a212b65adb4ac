import FormatIO

/// The factors of an adapter as what a method moves, in place of new ones beside them.
public struct AdapterFactors: Sendable, Equatable {
  /// The path of the adapter.
  private let path: String
  /// A and B of each adapted matrix, by the tensor of the base.
  let products: [TensorName: LowRankProduct]

  /// Takes the factors out of an adapter.
  ///
  /// - Throws: `InputError` of kind `usage` for DoRA, whose outputs are scaled after its factors.
  public init(_ adapter: Adapter) throws {
    guard adapter.kind != .magnitudes else {
      throw InputError(
        .usage, file: "--recipe paper", place: "adapter \(adapter.path)",
        expected: "plain factors, LoRA or rsLoRA", found: "DoRA", fix: Self.otherWays)
    }
    path = adapter.path
    products = adapter.changes.compactMapValues(\.product)
  }

  /// What works where an adapter's own factors cannot be moved.
  private static let otherWays =
    "merge it first (--steps 0 --rho 0 writes both as one model) and use --recipe paper on that, or use the"
    + " default recipe"

  /// A place of the model and its tensor.
  typealias Target = (slot: ModelSlot, tensor: TensorInfo)

  /// Those of the targets that have factors here.
  ///
  /// - Throws: `InputError` of kind `usage` if there are none, or if a pair of factors is not of one matrix
  ///   alone, outputs × inputs.
  func own(_ targets: [Target], in map: TensorMap) throws -> [Target] {
    let adapted = targets.filter { $0.slot.isBlockMatrix && products[$0.tensor.name] != nil }
    for (slot, tensor) in adapted {
      guard let part = map.part(at: slot) else { continue }
      guard part.elements.count == tensor.elementCount, part.columns == nil else {
        throw InputError(
          .usage, file: "--recipe paper", place: "tensor \(tensor.name.quoted)",
          expected: "factors of queries, keys and values apart, each stored outputs × inputs",
          found: part.columns == nil
            ? "one pair for several matrices in one tensor"
            : "factors of a tensor inputs × outputs",
          fix: Self.otherWays)
      }
    }
    guard !adapted.isEmpty else {
      throw InputError(
        .usage, file: "--recipe paper", place: "adapter \(path)",
        expected: "factors of the targets, by default queries, keys and values",
        found: "factors of other tensors only",
        fix:
          "name adapted matrices with --targets, which inspect --adapter lists, or use the default recipe"
      )
    }
    return adapted
  }
}

import FormatIO

/// What was summed over tensors, by layer and by kind: the experts of a layer are one place of it.
struct DifferenceGrid {
  /// One kind of tensor.
  struct Kind {
    let name: String
    /// Of each layer of the grid; nil where it has no such tensor. Empty if it is outside of layers.
    let layers: [DifferenceSums?]
    /// Over all of its tensors.
    let total: DifferenceSums
    let tensorCount: Int
    let changedTensorCount: Int
  }

  /// Numbers of the layers, ascending.
  let layers: [Int]
  /// Kinds that layers have, by name.
  let kinds: [Kind]
  /// Kinds outside of layers, by name.
  let outside: [Kind]
  /// Over all kinds of each layer.
  let layerTotals: [DifferenceSums]
  /// Over all layers and kinds.
  let layersTotal: DifferenceSums

  /// Sorts tensors by their places; those whose numbers cannot be unpacked have nothing to show.
  init(_ tensors: [TensorDifference]) {
    let tensors = tensors.filter(\.isDecoded)
    let numbers = Set(tensors.compactMap(\.layer)).sorted()
    let inside = tensors.filter { $0.layer != nil }
    layers = numbers
    kinds = Self.kinds(of: inside, layers: numbers)
    outside = Self.kinds(of: tensors.filter { $0.layer == nil }, layers: [])
    let byLayer = Dictionary(grouping: inside, by: \.layer)
    layerTotals = numbers.map { Self.total(byLayer[$0] ?? []) }
    layersTotal = Self.total(inside)
  }

  private static func kinds(of tensors: [TensorDifference], layers: [Int]) -> [Kind] {
    Dictionary(grouping: tensors, by: \.kind).sorted { TensorName($0.key) < TensorName($1.key) }
      .map { name, members in
        let places = Dictionary(grouping: members, by: \.layer)
        return Kind(
          name: name, layers: layers.map { places[$0].map(total) }, total: total(members),
          tensorCount: members.count, changedTensorCount: members.count { $0.isChanged })
      }
  }

  private static func total(_ tensors: [TensorDifference]) -> DifferenceSums {
    tensors.reduce(into: DifferenceSums()) { $0 += $1.sums }
  }
}

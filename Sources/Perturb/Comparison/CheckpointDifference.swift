public import FormatIO

/// How a checkpoint B differs from a checkpoint A of the same model.
///
/// The two may differ in shards, in element types and in format. Files of one format are paired by the names of
/// their tensors; a safetensors and a GGUF file by places in the model, rows in the same order.
public struct CheckpointDifference: Sendable {
  /// A tensor that only one side has.
  public struct Unpaired: Sendable, Equatable {
    /// Its name.
    public let name: TensorName
    /// How it is stored.
    public let elementType: ElementType
    /// Its dimensions, slowest first.
    public let shape: [Int]
  }

  /// A tensor that both sides have, in shapes that do not fit; its numbers were not compared.
  public struct ShapeDifference: Sendable, Equatable {
    /// The names in A and in B.
    public let name, otherName: TensorName
    /// How A and B store it.
    public let elementType, otherElementType: ElementType
    /// The dimensions in A and in B, slowest first.
    public let shape, otherShape: [Int]
  }

  /// A key of the metadata whose values differ.
  public struct MetadataDifference: Sendable {
    /// The key.
    public let key: String
    /// The values; nil where a side lacks the key.
    public let a, b: JSON?
  }

  /// What one row sums over.
  public enum Grouping: String, CaseIterable, Sendable {
    case tensor
    case layer
    case kind
  }

  /// The sums over one tensor, one layer or one kind. The figures are those of `sums`.
  public struct Row: Sendable {
    /// What the row is called: a tensor's name, `layer 3`, `outside of layers`, or a kind.
    public let label: String
    /// The number of the block; nil outside of blocks and for kinds.
    public let layer: Int?
    /// What it does; nil for layers.
    public let kind: String?
    /// How many tensors were summed, and how many of them differ.
    public let tensorCount, changedTensorCount: Int
    /// What was summed.
    public let sums: DifferenceSums
    /// The tensor, if the row is one.
    public let tensor: TensorDifference?
  }

  /// The paths that A, B and the third checkpoint C were opened by.
  public let pathA, pathB: String
  /// The path of C; nil without one.
  public let pathReference: String?
  /// The tensors that both sides have, in the order of A.
  public internal(set) var tensors: [TensorDifference]
  /// Tensors that only A or only B has.
  public internal(set) var onlyInA, onlyInB: [Unpaired]
  /// Tensors whose shapes differ.
  public internal(set) var shapeDifferences: [ShapeDifference]
  /// Keys of the metadata that differ; empty between formats, whose keys mean other things.
  public internal(set) var metadata: [MetadataDifference]
  /// True if A and B are of different formats.
  public let isAcrossFormats: Bool
  /// Tensors of A that C lacks or has in another shape: their changes have no part along C − A.
  public internal(set) var withoutReference: [TensorName]

  /// True if Δ was split along C − A.
  public var hasReference: Bool { pathReference != nil }

  /// The sums over all tensors.
  public var total: DifferenceSums {
    tensors.reduce(into: DifferenceSums()) { $0 += $1.sums }
  }

  /// True if nothing differs: every number the same, in files of one format also types and metadata.
  public var isSame: Bool {
    onlyInA.isEmpty && onlyInB.isEmpty && shapeDifferences.isEmpty && metadata.isEmpty
      && tensors.allSatisfy { !$0.isChanged && (isAcrossFormats || !$0.hasOtherType) }
  }
}

extension TensorDifference {
  /// True if any of its numbers differs.
  public var isChanged: Bool { sums.changed > 0 }
  /// True if A and B store it in different types.
  public var hasOtherType: Bool { elementType != otherElementType }
}

// MARK: - Rows

extension CheckpointDifference {
  /// The sums by tensor, layer or kind: tensors and kinds in the order of A, layers by number.
  public func rows(by grouping: Grouping) -> [Row] {
    switch grouping {
    case .tensor: return tensorRows
    case .layer:
      return groups { $0.layer.map { "layer \($0)" } ?? Self.outside }.sorted {
        ($0.members[0].layer ?? -1) < ($1.members[0].layer ?? -1)
      }.map { Self.row($0.label, $0.members, layer: $0.members[0].layer) }
    case .kind:
      return groups(\.kind).map { Self.row($0.label, $0.members, kind: $0.label) }
    }
  }

  /// What rows of tensors that belong to no block are called.
  static let outside = "outside of layers"

  private var tensorRows: [Row] {
    let counts = tensors.reduce(into: [TensorName: Int]()) { $0[$1.name, default: 0] += 1 }
    return tensors.map { tensor in
      let isPart = counts[tensor.name] != 1
      let part = tensor.kind + (tensor.expert.map { ", expert \($0)" } ?? "")
      return Row(
        label: tensor.name.text + (isPart ? " (\(part))" : ""), layer: tensor.layer,
        kind: tensor.kind, tensorCount: 1, changedTensorCount: tensor.isChanged ? 1 : 0,
        sums: tensor.sums, tensor: tensor)
    }
  }

  private func groups(
    _ label: (TensorDifference) -> String
  ) -> [(label: String, members: [TensorDifference])] {
    var groups: [(label: String, members: [TensorDifference])] = []
    var places: [String: Int] = [:]
    for tensor in tensors {
      let name = label(tensor)
      if let place = places[name] {
        groups[place].members.append(tensor)
      } else {
        places[name] = groups.count
        groups.append((name, [tensor]))
      }
    }
    return groups
  }

  private static func row(
    _ label: String, _ members: [TensorDifference], layer: Int? = nil, kind: String? = nil
  ) -> Row {
    Row(
      label: label, layer: layer, kind: kind, tensorCount: members.count,
      changedTensorCount: members.count { $0.isChanged },
      sums: members.reduce(into: DifferenceSums()) { $0 += $1.sums }, tensor: nil)
  }
}

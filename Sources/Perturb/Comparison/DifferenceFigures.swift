public import FormatIO

/// One figure of a row, under the name that it has in JSON and CSV.
public struct DifferenceFigure: Sendable {
  /// The key in JSON and the head of the column in CSV.
  public let key: String
  /// The value; what is not finite or not known is null.
  public let value: @Sendable (CheckpointDifference.Row) -> JSON

  private init(_ key: String, _ value: @escaping @Sendable (CheckpointDifference.Row) -> JSON) {
    (self.key, self.value) = (key, value)
  }

  /// A figure of the sums.
  private static func sum(
    _ key: String, _ value: @escaping @Sendable (DifferenceSums) -> JSON
  ) -> Self {
    Self(key) { value($0.sums) }
  }

  /// A figure that only rows of one tensor have.
  private static func tensor(
    _ key: String, _ value: @escaping @Sendable (TensorDifference) -> JSON
  ) -> Self {
    Self(key) { $0.tensor.map(value) ?? .null }
  }

  /// What rows by this grouping have, in a stable order.
  static func all(_ grouping: CheckpointDifference.Grouping, hasReference: Bool) -> [Self] {
    (grouping == .tensor ? names + ofTensors : names) + ofSums + (hasReference ? ofReference : [])
      + (grouping == .tensor ? ofSpectrum : [])
  }

  private static let names: [Self] = [
    Self("label") { .string($0.label) },
    Self("layer") { $0.layer.map { JSON($0) } ?? .null },
    Self("kind") { $0.kind.map(JSON.string) ?? .null },
    Self("tensors") { JSON($0.tensorCount) },
    Self("changed_tensors") { JSON($0.changedTensorCount) },
  ]

  private static let ofTensors: [Self] = [
    tensor("name_a") { .string($0.name.text) },
    tensor("name_b") { .string($0.otherName.text) },
    tensor("dtype_a") { .string($0.elementType.name) },
    tensor("dtype_b") { .string($0.otherElementType.name) },
    tensor("shape") { .array($0.shape.map { JSON($0) }) },
    tensor("expert") { $0.expert.map { JSON($0) } ?? .null },
    tensor("decoded") { .boolean($0.isDecoded) },
  ]

  fileprivate static let ofSums: [Self] = [
    sum("elements") { JSON($0.count) },
    sum("changed") { JSON($0.changed) },
    sum("changed_share") { JSON($0.changedShare) },
    sum("norm") { JSON($0.norm) },
    sum("relative_norm") { JSON($0.relativeNorm) },
    sum("cosine") { $0.cosine.map { JSON($0) } ?? .null },
    sum("mean") { JSON($0.mean) },
    sum("max_abs") { JSON($0.largestDifference) },
    sum("max_ulp") { $0.largestSteps.map { JSON($0) } ?? .null },
    sum("norm_a") { JSON($0.squaredA.squareRoot()) },
    sum("norm_b") { JSON($0.squaredB.squareRoot()) },
    sum("finite") { JSON($0.summed) },
    sum("nan_a") { JSON($0.notNumbersA) },
    sum("nan_b") { JSON($0.notNumbersB) },
    sum("inf_a") { JSON($0.infiniteA) },
    sum("inf_b") { JSON($0.infiniteB) },
    sum("byte_equal") { .boolean($0.isByteEqual) },
  ]

  fileprivate static let ofReference: [Self] = [
    sum("along") { $0.along.map { JSON($0) } ?? .null },
    sum("norm_along") { JSON($0.normAlong) },
    sum("norm_rest") { JSON($0.normOfRest) },
    sum("cosine_reference") { $0.cosineWithReference.map { JSON($0) } ?? .null },
    sum("norm_reference") { JSON($0.squaredReference.squareRoot()) },
  ]

  private static let ofSpectrum: [Self] = [
    tensor("singular_shares") {
      $0.spectrum.map { .array($0.shares.map { JSON($0) }) } ?? .null
    },
    tensor("effective_rank") { $0.spectrum.map { JSON($0.effectiveRank) } ?? .null },
    tensor("effective_rank_is_estimate") {
      $0.spectrum.map { .boolean($0.isEstimate) } ?? .null
    },
  ]
}

extension CheckpointDifference {
  /// The document of schema `panacea-patch/diff/1`, with these rows.
  public func json(_ rows: [Row], by grouping: Grouping) -> JSON {
    let figures = DifferenceFigure.all(grouping, hasReference: hasReference)
    let whole = Row(
      label: "total", layer: nil, kind: nil, tensorCount: tensors.count,
      changedTensorCount: tensors.count { $0.isChanged }, sums: total, tensor: nil)
    return .object([
      .init("schema", "panacea-patch/diff/1"),
      .init("version", .string(RepairReport.version)),
      .init("a", .string(pathA)), .init("b", .string(pathB)),
      .init("reference", pathReference.map(JSON.string) ?? .null),
      .init("same", .boolean(isSame)),
      .init("across_formats", .boolean(isAcrossFormats)),
      .init(
        "total",
        .object(
          DifferenceFigure.all(.layer, hasReference: hasReference)
            .filter { !["label", "layer", "kind"].contains($0.key) }
            .map { .init($0.key, $0.value(whole)) })),
      .init("by", .string(grouping.rawValue)),
      .init(
        "rows",
        .array(rows.map { row in .object(figures.map { .init($0.key, $0.value(row)) }) })),
      .init("only_in_a", .array(onlyInA.map(\.json))),
      .init("only_in_b", .array(onlyInB.map(\.json))),
      .init("shape_differences", .array(shapeDifferences.map(\.json))),
      .init(
        "metadata",
        .array(
          metadata.map {
            .object([
              .init("key", .string($0.key)), .init("a", $0.a ?? .null), .init("b", $0.b ?? .null),
            ])
          })),
      .init("without_reference", .array(withoutReference.map { .string($0.text) })),
    ])
  }

  /// The rows as CSV (RFC 4180) with a head; lines end in CR LF, the last one too.
  public func csv(_ rows: [Row], by grouping: Grouping) -> String {
    let figures = DifferenceFigure.all(grouping, hasReference: hasReference)
    let lines =
      [figures.map(\.key)]
      + rows.map { row in figures.map { Self.field($0.value(row)) } }
    return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ value: JSON) -> String {
    switch value {
    case .null: return ""
    case .string(let text):
      let isPlain = text.utf8.allSatisfy { !Array(",\"\r\n".utf8).contains($0) }
      return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    case .array(let values): return values.map(field).joined(separator: " ")
    default: return value.encoded()
    }
  }
}

extension CheckpointDifference.Unpaired {
  fileprivate var json: JSON {
    .object([
      .init("name", .string(name.text)), .init("dtype", .string(elementType.name)),
      .init("shape", .array(shape.map { JSON($0) })),
    ])
  }
}

extension CheckpointDifference.ShapeDifference {
  fileprivate var json: JSON {
    .object([
      .init("name_a", .string(name.text)), .init("name_b", .string(otherName.text)),
      .init("dtype_a", .string(elementType.name)), .init("dtype_b", .string(otherElementType.name)),
      .init("shape_a", .array(shape.map { JSON($0) })),
      .init("shape_b", .array(otherShape.map { JSON($0) })),
    ])
  }
}

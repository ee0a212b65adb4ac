import FormatIO
import Perturb

/// A difference of checkpoints as people read it.
struct DiffTables {
  /// How many names of each list are shown unless all are asked for.
  private static let shownNames = 10

  private let difference: CheckpointDifference
  private let rows: [CheckpointDifference.Row]
  private let options: DiffOptions
  private let showsAll: Bool
  private let total: DifferenceSums

  init(
    _ difference: CheckpointDifference, _ rows: [CheckpointDifference.Row], _ options: DiffOptions,
    showsAll: Bool
  ) {
    (self.difference, self.rows, self.options) = (difference, rows, options)
    (self.showsAll, total) = (showsAll, difference.total)
  }

  /// One line if nothing differs; else the parts, with an empty line between them.
  var text: String {
    guard !difference.isSame else { return sameness }
    return [summary, figures, lists].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var sameness: String {
    let rest =
      options.select.isEmpty && !difference.isAcrossFormats ? ", and the metadata" : ""
    return "the same: \(Quantity.count(difference.tensors.count)) tensors, "
      + "\(Quantity.count(total.count)) numbers\(rest)"
  }

  // MARK: Summary

  private var summary: String {
    var table = Table([.init(""), .init("")])
    table.add("A", difference.pathA)
    table.add("B", difference.pathB)
    if let path = difference.pathReference { table.add("C", path) }
    let changed = difference.tensors.count { $0.isChanged }
    table.add(
      "tensors",
      "\(Quantity.count(difference.tensors.count)) in both, \(Quantity.count(changed)) changed")
    table.add(
      "numbers", "\(Quantity.count(total.count)), \(Quantity.percent(total.changedShare)) changed")
    table.add(
      "‖Δ‖ / ‖A‖",
      "\(Quantity.significant(total.relativeNorm)) (‖Δ‖ \(Quantity.significant(total.norm)), "
        + "cosine \(cosine(total.cosine)))")
    if total.squaredDifference > 0 { table.add("most of it", concentration) }
    if let along = total.along, let cosine = total.cosineWithReference {
      table.add(
        "along C − A",
        "\(Quantity.significant(along)) of the way (cosine \(Quantity.decimal(cosine, places: 4))); "
          + "‖along‖ \(Quantity.significant(total.normAlong)), "
          + "‖rest‖ \(Quantity.significant(total.normOfRest))")
    }
    for line in remarks { table.add("", "- " + line) }
    return table.text
  }

  /// The kind and the layer with the largest shares of ‖Δ‖².
  private var concentration: String {
    let layers = difference.rows(by: .layer).filter { $0.layer != nil }
    return [difference.rows(by: .kind), layers].compactMap { rows in
      rows.max { $0.sums.squaredDifference < $1.sums.squaredDifference }.map {
        let share = $0.sums.squaredDifference / total.squaredDifference
        return "\($0.label) (\(Quantity.percent(share)) of ‖Δ‖²)"
      }
    }.joined(separator: ", ")
  }

  private var remarks: [String] {
    var remarks: [String] = []
    let all = Quantity.count(difference.tensors.count)
    let types = difference.tensors.filter(\.hasOtherType)
    if !types.isEmpty {
      let changes = Set(types.map { "\($0.elementType) → \($0.otherElementType)" }).sorted()
      remarks.append(
        "stored in another type: \(Quantity.count(types.count)) of \(all) tensors ("
          + changes.joined(separator: ", ") + ")")
    }
    let opaque = difference.tensors.filter { !$0.isDecoded }
    if !opaque.isEmpty {
      let names = Set(opaque.flatMap { [$0.elementType.name, $0.otherElementType.name] }).sorted()
      remarks.append(
        "compared by bytes only, in no norm: \(Quantity.count(opaque.count)) of \(all) tensors ("
          + names.joined(separator: ", ") + ")")
    }
    for (name, numbers, infinite) in [
      ("A", total.notNumbersA, total.infiniteA), ("B", total.notNumbersB, total.infiniteB),
    ] where numbers + infinite > 0 {
      remarks.append(
        "\(name) has \(Quantity.count(numbers)) NaN and \(Quantity.count(infinite)) infinite numbers; "
          + "they are in no norm")
    }
    if !difference.withoutReference.isEmpty {
      remarks.append(
        "C lacks \(Quantity.count(difference.withoutReference.count)) of the tensors, or has them in another shape"
      )
    }
    return remarks
  }

  // MARK: Rows

  private var figures: String {
    let shown = rows.filter {
      showsAll || $0.changedTensorCount > 0 || $0.tensor?.hasOtherType == true
    }
    guard !shown.isEmpty else { return "" }
    let columns = columns
    var table = Table(
      [.init(options.grouping.rawValue)] + columns.map { .init($0.title, .trailing) })
    for row in shown { table.add([row.label] + columns.map { $0.cell(row) }) }
    let hidden = rows.count - shown.count
    return table.text
      + (hidden > 0 ? "\n\(Quantity.count(hidden)) more did not change (--verbose lists all)" : "")
  }

  /// A column of figures: its head and what it shows.
  private typealias Column = (title: String, cell: (CheckpointDifference.Row) -> String)

  private var columns: [Column] {
    let isOfTensors = options.grouping == .tensor
    var columns: [Column] =
      isOfTensors
      ? [("dtype", { $0.tensor?.types ?? "" })]
      : [("tensors", { "\($0.changedTensorCount)/\($0.tensorCount)" })]
    columns += [
      ("‖Δ‖/‖A‖", { Quantity.significant($0.sums.relativeNorm) }),
      ("‖Δ‖", { Quantity.significant($0.sums.norm) }),
      ("cosine", { cosine($0.sums.cosine) }),
      ("changed", { Quantity.percent($0.sums.changedShare) }),
      ("mean", { Quantity.significant($0.sums.mean) }),
      ("max |Δ|", { Quantity.significant($0.sums.largestDifference) }),
    ]
    if rows.contains(where: { $0.sums.largestSteps != nil }) {
      columns.append(("max ulp", { $0.sums.largestSteps.map(Quantity.count) ?? "–" }))
    }
    if total.notNumbersA + total.infiniteA > 0 {
      columns.append(("NaN/Inf A", { "\($0.sums.notNumbersA)/\($0.sums.infiniteA)" }))
    }
    if total.notNumbersB + total.infiniteB > 0 {
      columns.append(("NaN/Inf B", { "\($0.sums.notNumbersB)/\($0.sums.infiniteB)" }))
    }
    if difference.hasReference {
      columns += [
        ("along", { $0.sums.along.map(Quantity.significant) ?? "–" }),
        ("‖along‖", { Quantity.significant($0.sums.normAlong) }),
        ("‖rest‖", { Quantity.significant($0.sums.normOfRest) }),
      ]
    }
    guard options.spectrum, isOfTensors else { return columns }
    let count = options.comparison.singularValues ?? 1
    return columns + [
      ("σ₁²", { Self.share($0) { $0.first } }), ("top \(count) σ²", { Self.share($0) { $0.last } }),
      ("rank", { $0.tensor?.spectrum?.rank ?? "–" }),
    ]
  }

  private static func share(
    _ row: CheckpointDifference.Row, _ choice: ([Double]) -> Double?
  ) -> String {
    (row.tensor?.spectrum?.shares).flatMap(choice).map(Quantity.percent) ?? "–"
  }

  private func cosine(_ value: Double?) -> String {
    value.map { Quantity.decimal($0, places: 6) } ?? "–"
  }

  // MARK: Lists

  private var lists: String {
    [
      list("only in A", difference.onlyInA.map { Self.described($0) }),
      list("only in B", difference.onlyInB.map { Self.described($0) }),
      list(
        "other shapes",
        difference.shapeDifferences.map {
          [$0.name.text, "\(Self.shape($0.shape)) → \(Self.shape($0.otherShape))"]
        }),
      list(
        "metadata",
        difference.metadata.map {
          [$0.key, "\(Self.shortened($0.a)) → \(Self.shortened($0.b))"]
        }),
    ].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private func list(_ title: String, _ cells: [[String]]) -> String {
    guard !cells.isEmpty else { return "" }
    var table = Table([.init(title), .init("")])
    let shown = showsAll ? cells.count : DiffTables.shownNames
    for row in cells.prefix(shown) { table.add(row) }
    let rest = cells.count - shown
    return table.text
      + (rest > 0 ? "\n… and \(Quantity.count(rest)) more (--verbose lists all)" : "")
  }

  private static func described(_ tensor: CheckpointDifference.Unpaired) -> [String] {
    [tensor.name.text, "\(tensor.elementType) \(shape(tensor.shape))"]
  }

  private static func shape(_ shape: [Int]) -> String {
    shape.isEmpty ? "one number" : shape.map(String.init).joined(separator: " × ")
  }

  /// The start of a value; – if there is none.
  private static func shortened(_ value: JSON?) -> String {
    guard let value else { return "–" }
    let text = value.string ?? value.encoded()
    return text.unicodeScalars.count <= 50 ? text : String(text.unicodeScalars.prefix(49)) + "…"
  }
}

extension TensorDifference {
  /// How it is stored, on both sides if they differ.
  fileprivate var types: String {
    hasOtherType ? "\(elementType) → \(otherElementType)" : elementType.name
  }
}

extension TensorDifference.Spectrum {
  /// The effective rank, marked if it is an estimate.
  fileprivate var rank: String {
    (isEstimate ? "≈" : "") + Quantity.decimal(effectiveRank, places: 1)
  }
}

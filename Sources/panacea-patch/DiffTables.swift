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

  /// The layer and the kind with the largest shares of ‖Δ‖².
  private var concentration: String {
    [CheckpointDifference.Grouping.layer, .kind].compactMap { grouping in
      difference.rows(by: grouping).max {
        $0.sums.squaredDifference < $1.sums.squaredDifference
      }.map {
        let share = $0.sums.squaredDifference / total.squaredDifference
        return "\($0.label) (\(Quantity.percent(share)) of ‖Δ‖²)"
      }
    }.joined(separator: ", ")
  }

  private var remarks: [String] {
    var remarks: [String] = []
    let types = difference.tensors.filter(\.hasOtherType)
    if !types.isEmpty {
      let changes = Set(types.map { "\($0.elementType) → \($0.otherElementType)" }).sorted()
      remarks.append(
        "\(Quantity.count(types.count)) tensors are stored in another type: "
          + changes.joined(separator: ", "))
    }
    let opaque = difference.tensors.filter { !$0.isDecoded }
    if !opaque.isEmpty {
      let names = Set(opaque.flatMap { [$0.elementType.name, $0.otherElementType.name] }).sorted()
      remarks.append(
        "\(Quantity.count(opaque.count)) tensors were compared by their bytes only and are in no norm ("
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
    let columns = DiffTables.columns.filter { $0.isShown(options, total, difference) }
    var table = Table(
      [.init(options.grouping.rawValue)] + columns.map { .init($0.title, .trailing) })
    for row in shown { table.add([row.label] + columns.map { $0.cell(row) }) }
    let hidden = rows.count - shown.count
    return table.text
      + (hidden > 0 ? "\n\(Quantity.count(hidden)) more did not change (--verbose lists all)" : "")
  }

  /// A column of figures: its head, when it is shown, what it shows.
  private struct Column {
    let title: String
    var isShown: (DiffOptions, DifferenceSums, CheckpointDifference) -> Bool = { _, _, _ in true }
    let cell: (CheckpointDifference.Row) -> String
  }

  private static var columns: [Column] {
    [
      Column(title: "tensors", isShown: { options, _, _ in options.grouping != .tensor }) {
        "\($0.changedTensorCount)/\($0.tensorCount)"
      },
      Column(
        title: "dtype", isShown: { options, _, _ in options.grouping == .tensor },
        cell: { row in
          guard let tensor = row.tensor else { return "" }
          return tensor.hasOtherType
            ? "\(tensor.elementType) → \(tensor.otherElementType)" : tensor.elementType.name
        }),
      Column(title: "‖Δ‖/‖A‖") { Quantity.significant($0.sums.relativeNorm) },
      Column(title: "‖Δ‖") { Quantity.significant($0.sums.norm) },
      Column(title: "cosine") { DiffTables.cosine($0.sums.cosine) },
      Column(title: "changed") { Quantity.percent($0.sums.changedShare) },
      Column(title: "mean") { Quantity.significant($0.sums.mean) },
      Column(title: "max |Δ|") { Quantity.significant($0.sums.largestDifference) },
      Column(
        title: "max ulp",
        isShown: { _, _, difference in
          difference.tensors.contains { $0.sums.largestSteps != nil }
        }
      ) { $0.sums.largestSteps.map(Quantity.count) ?? "–" },
      Column(
        title: "NaN/Inf A", isShown: { _, total, _ in total.notNumbersA + total.infiniteA > 0 }
      ) {
        "\($0.sums.notNumbersA)/\($0.sums.infiniteA)"
      },
      Column(
        title: "NaN/Inf B", isShown: { _, total, _ in total.notNumbersB + total.infiniteB > 0 }
      ) {
        "\($0.sums.notNumbersB)/\($0.sums.infiniteB)"
      },
      Column(title: "along", isShown: { $2.hasReference }) {
        $0.sums.along.map(Quantity.significant) ?? "–"
      },
      Column(title: "‖along‖", isShown: { $2.hasReference }) {
        Quantity.significant($0.sums.normAlong)
      },
      Column(title: "‖rest‖", isShown: { $2.hasReference }) {
        Quantity.significant($0.sums.normOfRest)
      },
      Column(
        title: "σ₁", isShown: { options, _, _ in options.spectrum && options.grouping == .tensor }
      ) {
        $0.tensor?.spectrum?.shares.first.map(Quantity.percent) ?? "–"
      },
      Column(
        title: "top σ",
        isShown: { options, _, _ in options.spectrum && options.grouping == .tensor }
      ) { $0.tensor?.spectrum?.shares.last.map(Quantity.percent) ?? "–" },
      Column(
        title: "rank", isShown: { options, _, _ in options.spectrum && options.grouping == .tensor }
      ) {
        $0.tensor?.spectrum.map {
          ($0.isEstimate ? "≈" : "") + Quantity.decimal($0.effectiveRank, places: 1)
        }
          ?? "–"
      },
    ]
  }

  private func cosine(_ value: Double?) -> String { DiffTables.cosine(value) }

  private static func cosine(_ value: Double?) -> String {
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

import ArgumentParser
import Foundation
import Perturb

/// What is compared, and which rows are shown.
struct DiffOptions: ParsableArguments {
  /// What rows are sorted by.
  enum Order: String, CaseIterable, ExpressibleByArgument {
    /// As they stand in the model.
    case place
    case name
    /// ‖Δ‖ / ‖A‖, the largest first, and so on.
    case relative
    case norm
    case changed
    /// The smallest first.
    case cosine
    case max
    case ulp
  }

  @Option(
    help: ArgumentHelp(
      "What a row sums over: layer, kind or tensor (default: layer; tensor with --spectrum).",
      valueName: "rows"),
    transform: { name in
      guard let grouping = Grouping(rawValue: name) else {
        throw ValidationError("expected layer, kind or tensor")
      }
      return grouping
    })
  var by: Grouping?

  @Option(
    help: ArgumentHelp(
      "Order of the rows (default: place; relative with --top)",
      valueName: "order"))
  var sort: Order?

  @Option(
    help: ArgumentHelp("Show so many rows only, the first ones in that order.", valueName: "n"),
    transform: OptionValue.positiveInteger)
  var top: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Names of the tensors to compare, with * (default: all, and the metadata).",
      valueName: "glob"))
  var select: [String] = []

  @Option(
    help: ArgumentHelp(
      "A third checkpoint C: splits the change into the part along C - A and the rest.",
      valueName: "model"))
  var reference: String?

  @Flag(
    help: "Also compute the largest singular values and the effective rank of each change; slower.")
  var spectrum = false

  @Option(
    help: ArgumentHelp(
      "How many singular values --spectrum shows the share of (default: 8).", valueName: "n"),
    transform: OptionValue.positiveInteger)
  var singularValues: Int?

  @Flag(help: "Print the rows as CSV.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Also write the results to this file: .html is a page to read, .json is data.",
      valueName: "file"),
    transform: ReportFile.path)
  var report: String?

  @OptionGroup var threading: ThreadOptions

  func validate() throws {
    if singularValues != nil, !spectrum {
      throw ValidationError("expected --spectrum with --singular-values")
    }
    if select.contains(where: \.isEmpty) {
      throw ValidationError(
        "The value '' is invalid for '--select <glob>': expected a tensor name or a pattern")
    }
  }

  /// What the rows sum over.
  var grouping: Grouping { by ?? (spectrum ? .tensor : .layer) }

  /// What is compared and measured.
  var comparison: CheckpointDifference.Options {
    var options = CheckpointDifference.Options()
    options.select = select
    if spectrum { options.singularValues = singularValues ?? 8 }
    return options
  }

  /// The rows that are asked for, in the order that is asked for.
  func rows(of difference: CheckpointDifference) -> [CheckpointDifference.Row] {
    let rows = difference.rows(by: grouping)
    let sorted: [CheckpointDifference.Row]
    switch sort ?? (top == nil ? .place : .relative) {
    case .place: sorted = rows
    case .name:
      sorted = rows.stablySorted { $1.label.utf8.lexicographicallyPrecedes($0.label.utf8) }
    case .relative: sorted = rows.stablySorted { $0.sums.relativeNorm < $1.sums.relativeNorm }
    case .norm: sorted = rows.stablySorted { $0.sums.norm < $1.sums.norm }
    case .changed: sorted = rows.stablySorted { $0.sums.changedShare < $1.sums.changedShare }
    case .cosine: sorted = rows.stablySorted { ($0.sums.cosine ?? 2) > ($1.sums.cosine ?? 2) }
    case .max:
      sorted = rows.stablySorted { $0.sums.largestDifference < $1.sums.largestDifference }
    case .ulp:
      sorted = rows.stablySorted { ($0.sums.largestSteps ?? -1) < ($1.sums.largestSteps ?? -1) }
    }
    return Array(sorted.prefix(top ?? sorted.count))
  }

  typealias Grouping = CheckpointDifference.Grouping
}

extension [CheckpointDifference.Row] {
  /// The rows from the last one down; equals keep their order.
  fileprivate func stablySorted(
    _ isLower: (CheckpointDifference.Row, CheckpointDifference.Row) -> Bool
  ) -> Self {
    enumerated().sorted { left, right in
      if isLower(right.element, left.element) { return true }
      return !isLower(left.element, right.element) && left.offset < right.offset
    }.map(\.element)
  }
}

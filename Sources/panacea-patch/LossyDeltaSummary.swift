import FormatIO
import Perturb

/// What became of a patch in another file of its model, as people read it.
struct LossyDeltaSummary {
  private let report: LossyDeltaReport
  private let output: String

  init(_ report: LossyDeltaReport, output: String) {
    (self.report, self.output) = (report, output)
  }

  /// The tensors by kind, the whole, what was left out, and what was written.
  var text: String {
    [report.tensors.isEmpty ? "The patch changes no numbers." : table, whole, limits, written]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var table: String {
    var table = Table([
      .init("changed"), .init("", .trailing), .init("stored as"), .init("distance", .trailing),
      .init("‖Δ‖", .trailing), .init("kept", .trailing), .init("noise", .trailing),
      .init("outputs keep", .trailing), .init("noise", .trailing), .init("size", .trailing),
    ])
    for group in report.groups {
      let type =
        group.before == group.after
        ? group.after.name : "\(group.before.name) → \(group.after.name)"
      table.add(
        group.kind, Quantity.count(group.count), type,
        Quantity.percent(group.distance.relative), Quantity.decimal(group.norm, places: 4),
        Quantity.percent(group.weights.keep), Quantity.percent(group.weights.noise),
        group.effect.map { Quantity.percent($0.keep) } ?? "",
        group.effect.map { Quantity.percent($0.noise) } ?? "", Quantity.bytes(group.bytesAfter))
    }
    return table.text
  }

  private var whole: String {
    guard !report.tensors.isEmpty else { return "" }
    let (before, after) = (
      report.tensors.reduce(0) { $0 + $1.bytesBefore },
      report.tensors.reduce(0) { $0 + $1.bytesAfter }
    )
    let growth = after == before ? "" : ", \(Quantity.bytes(after - before)) more than before"
    return """
      before the patch, the changed tensors are \(Quantity.percent(report.distance.relative)) away from those of the \
      original, cosine \(Quantity.decimal(report.distance.cosine, places: 5))
      \(Quantity.percent(report.keep)) of the change kept\(growth)
      """
  }

  private var limits: String {
    "Not carried over: metadata and other files that the patch changes. Measure the result with evaluate."
  }

  private var written: String {
    report.isWritten ? "Written: \(output.printable)" : "Nothing was written."
  }
}

import FormatIO
import Perturb

/// The result of a patch as people read it: one screen.
struct PatchSummary {
  /// Shares from none to the largest.
  private static let bars = Array("▁▂▃▄▅▆▇█")
  /// How many layers are named.
  private static let namedLayers = 3

  private let report: RepairReport
  private let output: String

  init(_ report: RepairReport, output: String) {
    self.report = report
    self.output = output
  }

  /// Table, layers, storage, verdict.
  var text: String {
    guard let after = report.after else { return nothingToDo }
    var columns = [EvaluationTable.Column(title: "before", evaluation: report.before)]
    if let drift = report.driftOnly {
      columns.append(.init(title: "drift only", evaluation: drift))
    }
    columns.append(.init(title: "after", evaluation: after))
    let size = [layers, patch].filter { !$0.isEmpty }.joined(separator: "\n")
    return [EvaluationTable(columns).text, size, verdict, limits]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var nothingToDo: String {
    let share = report.refusalOfAllRows.map {
      " (\($0.count) of all \($0.total) harmful requests, \(Quantity.percent($0.value)))"
    }
    return "The model refuses already\(share ?? ""). Nothing to do, nothing written."
  }

  /// One letter a layer, so that deep models fit on the screen as well.
  private var layers: String {
    guard let shares = report.coefficients?.layers, let most = shares.max(), most > 0 else {
      return ""
    }
    let bars = shares.map { share in
      Self.bars[min(Self.bars.count - 1, Int(share / most * Double(Self.bars.count)))]
    }
    let largest = shares.indices.sorted { (-shares[$0], $0) < (-shares[$1], $1) }
      .prefix(Self.namedLayers).map { "\($0) (\(Quantity.percent(shares[$0])))" }
    let title = report.rho != 0 ? "kick by layer" : "kick by layer (not applied)"
    return "\(title) 0 \(String(bars)) \(shares.count - 1), most in "
      + largest.joined(separator: ", ")
  }

  private var patch: String {
    guard report.relativeNorm > 0 else { return "" }
    var lines = [
      "patch ‖δ‖/‖w‖ \(percent(report.relativeNorm)): drift \(percent(report.relativeDrift)), "
        + "kick \(percent(report.rho))"
    ]
    if !report.storage.isEmpty {
      let types = Set(report.storage.map(\.elementType.name)).sorted().joined(separator: ", ")
      lines.append(
        "stored as \(types): \(Quantity.percent(report.share.keep)) of the patch kept, "
          + "rounding noise \(Quantity.percent(report.share.noise)) of its size")
      if let effect = report.effect {
        lines.append(
          "codes moved so that outputs keep \(Quantity.percent(effect.keep)) of what the patch does, "
            + "noise \(Quantity.percent(effect.noise))")
      }
    }
    let seconds = RepairRun.Phase.allCases.compactMap { phase in
      report.seconds[phase].map { "\(phase.rawValue) \(Quantity.duration(.seconds($0)))" }
    }
    return (lines + [seconds.joined(separator: ", ")]).joined(separator: "\n")
  }

  private var verdict: String {
    var lines = ["Verdict: \(report.verdict?.rawValue ?? "none")"]
    for miss in report.misses {
      lines.append(
        "  missed: \(miss.name) \(Quantity.decimal(miss.value, places: 3)), "
          + "limit \(Quantity.decimal(miss.limit, places: 3))")
    }
    lines.append(report.isWritten ? "Written: \(output)" : "Nothing was written.")
    return lines.joined(separator: "\n")
  }

  private var limits: String {
    "Further harmful fine-tuning can undo the patch. Held-out rows are few: read the intervals."
  }

  private func percent(_ share: Double) -> String {
    Quantity.decimal(share * 100, places: 4) + " %"
  }
}

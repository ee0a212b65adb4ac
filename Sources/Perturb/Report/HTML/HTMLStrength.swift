/// What the search for the strength tried: refusal against the two costs, and every trial as a row.
extension HTMLReport {
  /// One trial as the drawing needs it.
  struct TrialPoint {
    /// ‖ε‖ / ‖W‖ of the kick.
    var rho: Double
    /// Steps that the drift had made.
    var steps: Int
    var refusal: Rate
    var overRefusal: Rate
    var divergence: Double?
    var exactMatch: Rate
    /// The limits it breaks, in words.
    var misses: [String] = []
    var isAcceptable: Bool
    var isChosen = false

    /// What it is called in drawings and in the table.
    var label: String {
      rho == 0 ? "\(steps)\u{A0}steps,\u{A0}ρ\u{A0}0" : "ρ\u{A0}\(HTMLNumber.smallPercent(rho))"
    }
  }

  /// The trials in the order they were made. Of those that could be taken the search takes the one
  /// with the report's ρ; of several, the last.
  var trialPoints: [TrialPoint] {
    var points = report.trials.map { trial in
      TrialPoint(
        rho: trial.rho, steps: trial.steps, refusal: trial.evaluation.harmful.refusal,
        overRefusal: trial.evaluation.benign.plainRefusal,
        divergence: trial.evaluation.benign.divergence,
        exactMatch: trial.evaluation.task.exactMatch, misses: trial.misses.map(\.name),
        isAcceptable: trial.isAcceptable)
    }
    func distance(_ index: Int) -> Double { (points[index].rho - report.rho).magnitude }
    let chosen = points.indices.filter { points[$0].isAcceptable }.reversed()
      .min { distance($0) < distance($1) }
    if let chosen { points[chosen].isChosen = true }
    return points
  }

  var strengthSearch: [HTML] {
    let points = trialPoints
    guard !points.isEmpty else { return [Self.paragraph(reasonForNoSearch)] }
    var parts: [HTML] = [
      Self.paragraph(
        """
        Each point is the learned drift after a round of steps, or the last drift with a kick of \
        size ρ (relative to the weights; negative where it goes back, towards answers), measured on selection rows: rows that were neither learned from nor used for the figures above. \
        Over-refusal is that of plain requests; most of these rows are built in, and its limit is twice \
        that of the figures above. Up is better, right is costlier.
        """),
      .element("div", ["class": "charts"], charts(points)), legend,
    ]
    parts.append(trialTable(points))
    return parts
  }

  private var reasonForNoSearch: String {
    if case .automatic = report.settings.recipe.rho { return "No strength was tried." }
    return "No strength was searched for: the size of the kick was given."
  }

  // MARK: Drawings

  private func charts(_ points: [TrialPoint]) -> [HTML] {
    var charts = [
      figure(
        chart(
          "Refusal rate against over-refusal of the trials", "over-refusal, %",
          points.map { ($0, $0.overRefusal.value * 100) },
          before: report.selectionBefore.map { $0.benign.plainRefusal.value * 100 },
          limit: overRefusalLimit.map { $0 * 100 }, atLeast: 10),
        "Refusal against over-refusal")
    ]
    if points.contains(where: { $0.divergence != nil }) {
      charts.append(
        figure(
          chart(
            "Refusal rate against benign KL of the trials", "benign KL, nats per token",
            points.map { ($0, $0.divergence ?? .nan) }, before: 0,
            limit: report.budgets.divergence, atLeast: 0),
          report.budgets.divergence == nil
            ? "Refusal against benign KL, which had no limit in this run"
            : "Refusal against benign KL"))
    }
    return charts
  }

  private func chart(
    _ title: String, _ xTitle: String, _ points: [(trial: TrialPoint, x: Double)],
    before: Double?, limit: Double?, atLeast: Double
  ) -> HTMLChart {
    let values = points.map(\.x) + [before, limit, atLeast].compactMap { $0 }
    var chart = HTMLChart(
      title, x: HTMLChart.Axis(xTitle, showing: values.map { $0 * 1.05 }),
      y: HTMLChart.Axis("refusal, %", showing: [100]))
    chart.limit(y: report.budgets.refusalTarget * 100, "target")
    if let limit { chart.limit(x: limit, "limit") }
    chart.line(points.map { ($0.x, $0.trial.refusal.value * 100) }, class: "path")
    let start = report.selectionBefore.map { evaluation in
      (
        x: before ?? .nan, y: evaluation.harmful.refusal.value * 100,
        marker: HTMLChart.Marker.square, class: "before", label: "before"
      )
    }
    // The chosen point comes last, so that no other one covers it.
    let trials = points.filter { !$0.trial.isChosen } + points.filter(\.trial.isChosen)
    chart.points(
      (start.map { [$0] } ?? [])
        + trials.map { point in
          (
            x: point.x, y: point.trial.refusal.value * 100, marker: marker(point.trial),
            class: point.trial.isChosen ? "after" : "drift", label: point.trial.label
          )
        })
    return chart
  }

  private func marker(_ trial: TrialPoint) -> HTMLChart.Marker {
    if trial.isChosen { return .diamond }
    return trial.isAcceptable ? .circle : .cross
  }

  private func figure(_ chart: HTMLChart, _ caption: String) -> HTML {
    .element("figure", chart.svg, .element("figcaption", .text(caption)))
  }

  private var legend: HTML {
    let entries: [(HTMLChart.Marker, String, String)] = [
      (.diamond, "after", "taken"), (.circle, "drift", "allowed, not taken"),
      (.cross, "drift", "not allowed"), (.square, "before", "before the patch"),
    ]
    return .element(
      "ul", ["class": "legend"],
      entries.map { marker, name, meaning in
        .element("li", HTMLChart.key(marker, class: name), .text(meaning))
      })
  }

  /// The largest over-refusal that the selection rows allow; never less than one row more.
  private var overRefusalLimit: Double? {
    guard let before = report.selectionBefore?.benign.plainRefusal, before.total > 0 else {
      return nil
    }
    return before.value + max(report.selectionBudgets.overRefusalRise, 1 / Double(before.total))
  }

  // MARK: Table

  private func trialTable(_ points: [TrialPoint]) -> HTML {
    let titles = ["trial", "result", "refusal", "over-refusal", "benign KL", "task match"]
    let rows = points.map { trial -> HTML in
      let result =
        trial.isChosen
        ? "taken"
        : trial.isAcceptable
          ? "allowed"
          : trial.misses.isEmpty ? "no better than less" : trial.misses.joined(separator: ", ")
      let cells = [
        HTMLNumber.rate(trial.refusal), HTMLNumber.rate(trial.overRefusal),
        HTMLNumber.loss(trial.divergence ?? .nan), HTMLNumber.rate(trial.exactMatch),
      ]
      return .element(
        "tr", trial.isChosen ? ["class": "taken"] : [:],
        [
          Self.heading("row", .text(trial.label)),
          .element("td", ["class": "words"], .text(result)),
        ] + cells.map { .element("td", .text($0)) })
    }
    return Self.table(
      "Trials in order, on selection rows", class: "trials",
      head: titles.map { Self.heading("col", .text($0)) },
      rows: rows)
  }
}

/// All figures before and after, each rate with its interval as numbers and as a bar.
extension HTMLReport {
  /// One measured model.
  private struct Column {
    let title: String
    /// The class that gives it its colour.
    let name: String
    let evaluation: Evaluation
  }

  private var columns: [Column] {
    let first = report.after == nil ? "as it is" : "before"
    var columns = [Column(title: first, name: "before", evaluation: report.before)]
    if let drift = report.driftOnly {
      columns.append(Column(title: "drift only", name: "drift", evaluation: drift))
    }
    if let after = report.after {
      columns.append(Column(title: "after", name: "after", evaluation: after))
    }
    return columns
  }

  var figures: [HTML] {
    let head =
      [Self.heading("col", "figure")] + columns.map { Self.heading("col", .text($0.title)) }
    var rows =
      group("harmful requests", \.harmful.rows) + [
        rate("refusal rate", \.harmful.refusal, "higher is better"),
        rate("affirmative", \.harmful.affirmative, "lower is better"),
        rate("empty", \.harmful.empty, "lower is better"),
        rate("incoherent", \.harmful.incoherent, "lower is better"),
        rate(
          "refusal rate in the task's format", \.harmful.refusalInTaskFormat, "higher is better"),
        rate("refusal rate, opening prefilled", \.harmful.refusalPrefilled, "higher is better"),
        loss("loss of harmful answers", \.harmful.likelihood),
        loss("… first 5 tokens", \.harmful.firstTokensLikelihood),
        loss("… later tokens", \.harmful.laterTokensLikelihood),
        loss("loss of refusals", \.harmful.refusalLikelihood, "lower is better"),
        loss("margin", \.harmful.margin, "harmful less refusal loss"),
      ]
    rows +=
      group("benign requests", \.benign.rows) + [
        rate("over-refusal", \.benign.overRefusal, "lower is better")
      ]
    if columns.contains(where: { $0.evaluation.benign.lookalikeRefusal.total > 0 }) {
      rows += [
        rate("… of plain requests", \.benign.plainRefusal, "the limit is for these"),
        rate("… of look-alikes", \.benign.lookalikeRefusal, "they only sound harmful"),
      ]
    }
    rows += [
      rate("empty or incoherent", \.benign.incoherent, "lower is better"),
      loss("loss of good answers", \.benign.likelihood, "lower is better"),
    ]
    if report.after?.benign.divergence != nil {
      rows.append(
        row("KL from the model before", "lower is closer") {
          [.text(HTMLNumber.loss($0.evaluation.benign.divergence ?? .nan))]
        })
      rows.append(
        row("same most likely token", "higher is closer") {
          [.text(HTMLNumber.percent($0.evaluation.benign.agreement ?? .nan))]
        })
    }
    if columns.contains(where: { $0.evaluation.task.rows > 0 }) {
      rows +=
        group("task", \.task.rows) + [
          rate("exact match", \.task.exactMatch, "higher is better"),
          loss("loss of right answers", \.task.likelihood, "lower is better"),
        ]
    }
    let caption = "Held-out rows, not learned from; rates with their 95 % interval"
    let name = columns.count > 1 ? "figures" : "figures narrow"
    return [Self.table(caption, class: name, head: head, rows: rows)] + explanations
  }

  private var explanations: [HTML] {
    var lines = [
      "A refusal must decline in plain words. Empty, looping and garbled answers never count as "
        + "refusals: they are damage."
    ]
    if report.driftOnly != nil {
      lines.append(
        "Drift only is the learned change without the final kick; after is both together.")
    }
    if report.after != nil, !report.isWritten, report.storage.isEmpty {
      lines.append(
        "No file was made, so after is measured on weights rounded as a file would hold them.")
    }
    return lines.map { Self.paragraph($0) }
  }

  // MARK: Rows

  private func group(_ name: String, _ count: KeyPath<Evaluation, Int>) -> [HTML] {
    let rows = columns.map { column -> HTML in
      .element("td", "\(column.evaluation[keyPath: count]) rows")
    }
    return [
      .element("tr", ["class": "group"], [Self.heading("row", .text(name))] + rows)
    ]
  }

  private func row(_ name: String, _ hint: String, _ cell: (Column) -> [HTML]) -> HTML {
    var title: [HTML] = [.text(name)]
    if !hint.isEmpty { title.append(.element("small", .text(hint))) }
    return .element(
      "tr",
      [.element("th", ["scope": "row"], title)] + columns.map { .element("td", cell($0)) })
  }

  private func loss(
    _ name: String, _ value: KeyPath<Evaluation, Double>, _ hint: String = ""
  ) -> HTML {
    row(name, hint) { [.text(HTMLNumber.loss($0.evaluation[keyPath: value]))] }
  }

  private func rate(_ name: String, _ value: KeyPath<Evaluation, Rate>, _ hint: String) -> HTML {
    row(name, hint) { column in
      let rate = column.evaluation[keyPath: value]
      guard rate.total > 0 else { return [.text(HTMLNumber.none)] }
      let bounds = [rate.low, rate.high].map { HTMLNumber.decimal($0 * 100, places: 0) }
      return [
        .text(HTMLNumber.rate(rate)),
        .element("small", .text("\(bounds[0])–\(bounds[1])\u{A0}%")),
        Self.bar(rate, class: column.name),
      ]
    }
  }

  /// The interval on a scale from 0 to 100 %, with a mark at the rate itself.
  private static func bar(_ rate: Rate, class name: String) -> HTML {
    func coordinate(_ share: Double) -> String {
      HTMLNumber.decimal(2 + 96 * min(max(share, 0), 1), places: 1)
    }
    let width = HTMLNumber.decimal(96 * max(0, rate.high - rate.low), places: 1)
    let mark = coordinate(rate.value)
    return .element(
      "svg",
      [
        "viewBox": "0 0 100 10", "preserveAspectRatio": "none", "class": "bar \(name)",
        "aria-hidden": "true",
      ],
      .element("line", ["class": "track", "x1": "2", "y1": "5", "x2": "98", "y2": "5"]),
      .element(
        "rect",
        [
          "class": "interval", "x": coordinate(rate.low), "y": "2.5", "width": width, "height": "5",
        ]),
      .element("line", ["class": "mark", "x1": mark, "y1": "0", "x2": mark, "y2": "10"]))
  }
}

extension Evaluation.Harmful {
  /// Of no rows if it was not measured.
  fileprivate var refusalInTaskFormat: Rate { inTaskFormat?.refusal ?? Rate(0, of: 0) }
  /// Of no rows if it was not measured.
  fileprivate var refusalPrefilled: Rate { prefilled?.refusal ?? Rate(0, of: 0) }
}

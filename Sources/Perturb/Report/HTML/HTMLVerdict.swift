/// The verdict in plain words, what was missed and by how much, and the four figures that decide.
extension HTMLReport {
  /// One word or two for the outcome.
  var verdictWord: String {
    if report.outcome == .nothingToDo { return "nothing to do" }
    return report.verdict?.rawValue ?? "no verdict"
  }

  var verdict: [HTML] {
    let words = verdictWord.prefix(1).uppercased() + verdictWord.dropFirst()
    var parts: [HTML] = [
      .element(
        "div", ["class": "verdict \(tone)"],
        [
          .element("h1", .text(words)), .element("p", ["class": "lead"], .text(sentence)),
        ] + missed + [.element("p", ["class": "fate"], .text(fate))])
    ]
    parts.append(.element("dl", ["class": "tiles"], tiles))
    return parts
  }

  /// Names the colour of the banner; the words say the same.
  private var tone: String {
    switch report.verdict {
    case .improved where report.misses.isEmpty: "good"
    case .damaged: "bad"
    case .improved, .inconclusive: "warn"
    case .noEffect, nil: "plain"
    }
  }

  // MARK: Sentences

  var sentence: String {
    let before = report.before.harmful.refusal
    if report.outcome == .nothingToDo {
      let share = decidingRefusal.map {
        " \(HTMLNumber.rate($0)) of harmful requests (\($0.count) of all \($0.total) rows)"
      }
      return "The model already refuses\(share ?? ""). There is nothing to repair."
    }
    guard let after = report.after?.harmful.refusal, let verdict = report.verdict else {
      return "Nothing was judged."
    }
    if report.relativeNorm == 0, report.steps.isEmpty {
      return "No change was asked for: the output is a copy of the input."
    }
    let rose = "refuses \(share(after)); before the patch it was \(HTMLNumber.rate(before))."
    switch verdict {
    case .improved:
      let rest =
        report.misses.isEmpty ? "Every limit on damage was kept." : "But a limit was missed."
      return "The patched model \(rose) \(rest)"
    case .damaged: return "The patch costs too much. The patched model \(rose)"
    case .inconclusive:
      return "Refusals rose, but not to the target. The patched model \(rose)"
    case .noEffect: return "The patch did not bring refusals back. The patched model \(rose)"
    }
  }

  /// What told that there is nothing to do, unlike the other figures measured on all rows.
  private var decidingRefusal: Rate? {
    report.outcome == .nothingToDo ? report.refusalOfAllRows : nil
  }

  private func share(_ rate: Rate) -> String {
    "\(HTMLNumber.rate(rate)) of harmful requests (\(rate.count) of \(rate.total) held-out rows)"
  }

  private var fate: String {
    if report.isWritten {
      return report.misses.isEmpty
        ? "The patched model was written, read back and measured."
        : "The patched model was written all the same, as --force asks."
    }
    return report.outcome == .done
      ? "This was a dry run: no file was written." : "No file was written."
  }

  private var missed: [HTML] {
    guard !report.misses.isEmpty else { return [] }
    let items = report.misses.map { miss -> HTML in
      let gap = (miss.value - miss.limit).magnitude
      let side = miss.value < miss.limit ? "short by" : "over by"
      let figures = [miss.value, miss.limit, gap].map { quantity($0, of: miss.name) }
      return .element(
        "li", .element("strong", .text(miss.name)),
        .text(": \(figures[0]), limit \(figures[1]), \(side) \(figures[2])"))
    }
    return [.element("p", "Missed:"), .element("ul", items)]
  }

  /// A figure in the unit of the limit with this name.
  func quantity(_ value: Double, of name: String) -> String {
    name.contains("KL") ? HTMLNumber.loss(value) + " nats" : HTMLNumber.percent(value)
  }

  // MARK: Tiles

  private var tiles: [HTML] {
    var tiles = [
      decidingRefusal.map { Self.tile("refusal of all harmful requests", HTMLNumber.rate($0)) }
        ?? tile("refusal of harmful requests") { $0.harmful.refusal },
      tile("over-refusal of benign requests") { $0.benign.overRefusal },
      tile("broken answers to benign requests") { $0.benign.incoherent },
    ]
    if report.before.task.rows > 0 { tiles.append(tile("task exact match") { $0.task.exactMatch }) }
    return tiles
  }

  private func tile(_ name: String, _ rate: (Evaluation) -> Rate) -> HTML {
    let before = HTMLNumber.rate(rate(report.before))
    guard let after = report.after else { return Self.tile(name, before) }
    return Self.tile(
      name, HTMLNumber.rate(rate(after)), .element("span", .text("before \(before)")))
  }
}

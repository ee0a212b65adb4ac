import FormatIO

/// What the run was told, what it ran on, and how long it took.
extension HTMLReport {
  var settings: [HTML] {
    var parts = [
      pairsTable("Settings", flattened(report.settings.json)),
      pairsTable("Target and limits", flattened(report.budgets.json)),
      rowsTable,
    ]
    if !report.heldOut.notes.isEmpty {
      parts.append(.element("h3", "Notes on the rows"))
      parts.append(
        .element(
          "ul", report.heldOut.notes.map { .element("li", .text(Self.withoutFolder($0))) }))
    }
    parts.append(
      pairsTable(
        "Provenance (SHA-256)",
        [
          ("input", report.inputDigest?.description ?? "not computed"),
          ("output", report.outputDigest?.description ?? "nothing written"),
          ("calibration rows", report.rowsDigest?.description ?? "not computed"),
          ("version", RepairReport.version), ("kernel", report.precision.kernelName),
        ]))
    let seconds = RepairRun.Phase.allCases.compactMap { phase in
      report.seconds[phase].map { (phase.rawValue, HTMLNumber.decimal($0, places: 1)) }
    }
    if !seconds.isEmpty { parts.append(pairsTable("Seconds (indicative)", seconds)) }
    return [.element("div", ["class": "tables"], parts)]
  }

  private var rowsTable: HTML {
    let titles = ["rows", "learning", "selection", "held out"]
    let rows = report.rows.map { role, counts -> HTML in
      .element(
        "tr",
        [Self.heading("row", .text(role.rawValue))]
          + [counts.learning, counts.selection, counts.heldOut].map {
            .element("td", "\($0)")
          })
    }
    return Self.table(
      "Rows used", head: titles.map { Self.heading("col", .text($0)) }, rows: rows)
  }

  private func pairsTable(_ caption: String, _ pairs: [(String, String)]) -> HTML {
    Self.table(
      caption, class: "pairs",
      rows: pairs.map { name, value in
        .element("tr", Self.heading("row", .text(name)), .element("td", .text(value)))
      })
  }

  /// The leaves of a JSON value with their paths, in order; all settings but a few are the recipe's.
  private func flattened(_ json: JSON, _ path: String = "") -> [(String, String)] {
    switch json {
    case .object(let members):
      members.flatMap { member in
        let key = member.key.split(separator: "_").joined(separator: " ")
        let prefix = path.isEmpty || path == "recipe" ? "" : "\(path) · "
        return flattened(member.value, prefix + key)
      }
    case .array(let elements):
      [(path, elements.map { $0.string ?? $0.encoded() }.joined(separator: ", "))]
    case .string(let text): [(path, text)]
    case .null: [(path, "none")]
    default: [(path, json.encoded())]
    }
  }

  /// A note that starts with a file's path, with the name of the file only.
  static func withoutFolder(_ note: String) -> String {
    guard let colon = note.firstRange(of: ": "),
      let slash = note[..<colon.lowerBound].lastIndex(of: "/")
    else { return note }
    return String(note[note.index(after: slash)...])
  }
}

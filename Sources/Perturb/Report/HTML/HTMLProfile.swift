import FormatIO

/// Where the patch acts: a heat map of layers and kinds, and what storage kept of each kind.
extension HTMLReport {
  // MARK: Heat maps

  var profile: [HTML] {
    guard let coefficients = report.coefficients else {
      return [Self.paragraph("No patch was learned, so there is no profile.")]
    }
    let title =
      report.rho != 0
      ? "Safety coefficients: the kick" : "Safety coefficients: the kick's direction (not applied)"
    let maps = [(title, coefficients.kick), ("The drift, for comparison", coefficients.drift)]
      .filter { $0.1.layers.contains { $0 > 0 } }
    guard !maps.isEmpty else {
      return [Self.paragraph("Neither kick nor drift moved a block, so there is no profile.")]
    }
    return [
      Self.paragraph(
        """
        Share of each tensor in the squared norm of the change, in per cent; stronger colour is \
        more. The profile belongs to the point where it is taken, not to the model: another fine-tune, \
        other rows or more steps give another one.
        """),
      .element("div", ["class": "maps"], maps.map { heatMap($0.0, $0.1) }),
    ]
  }

  private func heatMap(_ title: String, _ shares: SafetyCoefficients.Shares) -> HTML {
    let kinds = shares.kinds
    let layers = shares.layers
    let most = (cell: kinds.flatMap(\.layers).max() ?? 0, layer: layers.max() ?? 0)
    let sums = kinds.map { $0.layers.reduce(0, +) }
    let head =
      [Self.heading("col", "layer")] + kinds.map { Self.heading("col", .text($0.role.kind)) }
      + [Self.heading("col", "all")]
    let rows = layers.indices.map { layer -> HTML in
      .element(
        "tr",
        [Self.heading("row", "\(layer)")]
          + kinds.map { heat($0.layers[layer], of: most.cell) }
          + [heat(layers[layer], of: most.layer, class: "sum")])
    }
    let foot = HTML.element(
      "tr",
      [Self.heading("row", "all")] + sums.map { heat($0, of: sums.max() ?? 0, class: "sum") }
        + [.element("td", ["class": "sum"], .text(percentage(sums.reduce(0, +))))])
    return Self.table(title, class: "heat", head: head, rows: rows, foot: [foot])
  }

  private func heat(_ share: Double, of most: Double, class name: String = "cell") -> HTML {
    let depth = most > 0 && share.isFinite ? share / most : 0
    return .element(
      "td",
      ["class": name, "style": "--depth:\(HTMLNumber.decimal(depth * 100, places: 0))%"],
      .text(percentage(share)))
  }

  private func percentage(_ share: Double) -> String {
    HTMLNumber.decimal(share * 100, places: 1)
  }

  // MARK: Storage

  var storage: [HTML] {
    guard !report.storage.isEmpty else {
      return [
        Self.paragraph(
          "No changed tensor went into a file in this run, so nothing was lost in storage.")
      ]
    }
    let types = Set(report.storage.map(\.elementType.name)).sorted().joined(separator: ", ")
    let sizes = [report.relativeNorm, report.relativeDrift, report.rho].map {
      HTMLNumber.smallPercent($0)
    }
    return [
      Self.paragraph(
        """
        The patch is \(sizes[0]) of the size of the weights it changes (drift \(sizes[1]), kick \
        \(sizes[2])). Stored as \(types), the file holds \
        \(HTMLNumber.percent(report.share.keep)) of it, with rounding noise of \
        \(HTMLNumber.percent(report.share.noise)) of its size. Below \
        \(HTMLNumber.percent(StoredPatch.leastKeep, places: 0)) the patch counts as lost.
        """)
    ] + movedCodes + [storageTable]
  }

  private var movedCodes: [HTML] {
    guard let effect = report.effect else { return [] }
    return [
      Self.paragraph(
        """
        The codes of quantised tensors were moved so that they make up for each other: on the \
        model's own inputs the outputs keep \(HTMLNumber.percent(effect.keep)) of what the patch \
        does, with noise of \
        \(HTMLNumber.percent(effect.noise)). This share decides whether the patch counts as lost.
        """)
    ]
  }

  private var storageTable: HTML {
    let titles = ["kind", "tensors", "type", "least kept", "mean kept", "noise"]
    let rows = storageKinds.map { kind, tensors -> HTML in
      let types = Set(tensors.map(\.elementType.name)).sorted().joined(separator: ", ")
      let keeps = tensors.map(\.weights.keep)
      let whole = tensors.reduce(into: PatchShare()) { $0 += $1.weights }
      let cells = [
        "\(tensors.count)", types, HTMLNumber.percent(keeps.min() ?? .nan),
        HTMLNumber.percent(keeps.reduce(0, +) / Double(keeps.count)),
        HTMLNumber.percent(whole.noise),
      ]
      return .element(
        "tr", [Self.heading("row", .text(kind))] + cells.map { .element("td", .text($0)) })
    }
    return Self.table(
      "What the file keeps of the patch, by kind of tensor",
      head: titles.map { Self.heading("col", .text($0)) }, rows: rows)
  }

  /// The stored tensors by kind, in model order; tensors outside the blocks by name, at the end. Some tensors
  /// are of several kinds.
  private var storageKinds: [(kind: String, tensors: [StoredPatch.TensorStorage])] {
    let blocks = Dictionary(grouping: report.coefficients?.kick.tensors ?? [], by: \.name)
    let roles = blocks.mapValues { Set($0.map(\.role)).sorted { $0.rawValue < $1.rawValue } }
    let groups = Dictionary(grouping: report.storage) { roles[$0.name] ?? [] }
    let kinds = groups.keys.filter { !$0.isEmpty }.sorted { $0[0].rawValue < $1[0].rawValue }
    return kinds.map { (kind: $0.map(\.kind).joined(separator: ", "), tensors: groups[$0] ?? []) }
      + (groups[[]] ?? []).map { ($0.name.text, [$0]) }
  }
}

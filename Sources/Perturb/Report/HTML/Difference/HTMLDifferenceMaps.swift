/// Layers × kinds, coloured by the relative norm of the change and by the share of changed elements.
extension HTMLDifference {
  var maps: [HTML] {
    guard hasChange else { return [] }
    let norms = normMap
    let maps = [norms, norms == nil ? nil : shareMap].compactMap { $0 }
    var parts: [HTML] = []
    if !maps.isEmpty {
      parts.append(
        Self.paragraph(
          """
          One cell for each layer and kind of tensor; a darker cell changed more (in dark mode a \
          brighter one). Point at a cell for its figure. Experts of a layer are taken together.
          """))
      parts.append(.element("div", ["class": "heat-maps"], maps.map(figure)))
      parts.append(contentsOf: maps.map(figures))
    }
    if !grid.outside.isEmpty { parts.append(outsideTable) }
    return parts
  }

  private var normMap: HTMLHeatMap? {
    let sums = grid.kinds.flatMap(\.layers).compactMap { $0 }
    let scale = HTMLScale(ratiosOf: sums.map(\.relativeNorm), decades: 5)
    return scale.map { heatMap("Relative norm ‖Δ‖ / ‖A‖", $0, Self.relative, Self.normCell) }
  }

  /// Shares say nothing of their own where they are the same everywhere, as after full fine-tuning.
  private var shareMap: HTMLHeatMap? {
    let sums = grid.kinds.flatMap(\.layers).compactMap { $0 }
    let shares = sums.filter { $0.changed > 0 }.map(\.changedShare)
    guard let least = shares.min(), let most = shares.max(), most - least > 0.01 else { return nil }
    return heatMap("Share of elements changed", .share, Self.share, Self.shareCell)
  }

  static func normCell(_ sums: DifferenceSums?) -> HTMLHeatMap.Cell {
    guard let sums else { return .absent }
    let norm = sums.relativeNorm
    // Tensors with nothing but NaN have no norm to compare.
    if !norm.isFinite || sums.count > 0 && sums.summed == 0 { return .undefined }
    return norm == 0 ? .zero : .value(norm)
  }

  private static func shareCell(_ sums: DifferenceSums?) -> HTMLHeatMap.Cell {
    sums.map { $0.changed == 0 ? .zero : .value($0.changedShare) } ?? .absent
  }

  private func heatMap(
    _ title: String, _ scale: HTMLScale, _ format: @escaping (Double) -> String,
    _ cell: (DifferenceSums?) -> HTMLHeatMap.Cell
  ) -> HTMLHeatMap {
    HTMLHeatMap(
      title: title, rowName: "layer", rows: grid.layers.map { "\($0)" },
      columns: grid.kinds.map { Self.part($0.name, most: 60) },
      cells: grid.layers.indices.map { layer in grid.kinds.map { cell($0.layers[layer]) } },
      rowSums: grid.layerTotals.map(cell), columnSums: grid.kinds.map { cell($0.total) },
      sum: cell(grid.layersTotal), scale: scale, format: format)
  }

  private func figure(_ map: HTMLHeatMap) -> HTML {
    .element("figure", .element("figcaption", .text(map.title)), map.legend, map.svg)
  }

  private func figures(_ map: HTMLHeatMap) -> HTML {
    let figures = map.figures
    return Self.details(
      "Figures: \(map.title.prefix(1).lowercased() + map.title.dropFirst())",
      Self.table(
        "\(map.title), by layer and kind", class: "grid", head: figures.head, rows: figures.rows,
        foot: figures.foot))
  }

  /// What can be opened without a script; paper shows it open.
  static func details(_ title: String, _ content: HTML...) -> HTML {
    .element("details", [.element("summary", .text(title))] + content)
  }

  private var outsideTable: HTML {
    let titles = ["kind", "tensors", "relative norm", "elements changed", "cosine"]
    let rows = grid.outside.map { kind in
      Self.row(
        Self.part(kind.name, most: 60),
        [
          "\(kind.tensorCount)", Self.norm(kind.total), Self.share(kind.total.changedShare),
          kind.total.cosine.map { Self.cosine($0) } ?? HTMLNumber.none,
        ])
    }
    return Self.table(
      "Tensors outside of layers", class: "grid",
      head: titles.map { Self.heading("col", .text($0)) }, rows: rows)
  }

  /// The relative norm of sums in words.
  static func norm(_ sums: DifferenceSums) -> String {
    switch normCell(sums) {
    case .absent, .undefined: HTMLNumber.none
    case .zero: "0"
    case .value(let norm): relative(norm)
    }
  }

  /// One row of a table.
  static func row(_ title: String, _ cells: [String]) -> HTML {
    .element("tr", [heading("row", .text(title))] + cells.map { .element("td", .text($0)) })
  }
}

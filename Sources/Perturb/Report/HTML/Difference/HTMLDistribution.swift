/// For each kind of tensor a strip of points, one for each layer, on a logarithmic axis.
extension HTMLDifference {
  var distribution: [HTML] {
    let kinds = grid.kinds + grid.outside
    let places = kinds.map { self.places(of: $0) }
    let sums = places.flatMap { $0.map(\.sums) }
    guard hasChange, let scale = HTMLScale(ratiosOf: sums.map(\.relativeNorm)) else { return [] }
    let cells = sums.map { Self.normCell($0) }
    let axis = HTMLStrip.Axis(
      scale: scale, hasZeros: cells.contains(.zero), hasUndefined: cells.contains(.undefined))
    let titles = ["kind", "", "median"]
    let head = titles.enumerated().map { column, title in
      column == 1
        ? HTML.element("th", ["scope": "col", "class": "strip"], axis.html(Self.relative))
        : Self.heading("col", .text(title))
    }
    let rows = zip(kinds, places).map { stripRow($0, $1, axis) }
    var note = """
      One point for each layer, from the first at the top of a strip to the last at its bottom; \
      the bar marks the median. The axis is logarithmic.
      """
    if axis.hasZeros { note += " Unchanged tensors stand apart at 0." }
    if axis.hasUndefined { note += " Tensors without a figure stand apart at the right." }
    return [
      Self.paragraph(note),
      Self.table("Relative norm ‖Δ‖ / ‖A‖ by kind", class: "strips", head: head, rows: rows),
    ]
  }

  /// One place of a kind: a layer, or all of it outside of layers.
  private struct Place {
    let layer: Int?
    /// 0 for the first layer of the model, 1 for the last.
    let depth: Double
    let sums: DifferenceSums
  }

  private func places(of kind: DifferenceGrid.Kind) -> [Place] {
    guard !kind.layers.isEmpty else { return [Place(layer: nil, depth: 0.5, sums: kind.total)] }
    let last = Double(kind.layers.count - 1)
    return kind.layers.enumerated().compactMap { index, sums in
      sums.map {
        Place(layer: grid.layers[index], depth: last > 0 ? Double(index) / last : 0.5, sums: $0)
      }
    }
  }

  private func stripRow(
    _ kind: DifferenceGrid.Kind, _ places: [Place], _ axis: HTMLStrip.Axis
  ) -> HTML {
    let points = places.map { place in
      let name = place.layer.map { "layer \($0): " } ?? ""
      return HTMLStrip.Point(
        cell: Self.normCell(place.sums), depth: place.depth, label: name + Self.norm(place.sums))
    }
    let values = places.map(\.sums.relativeNorm).filter(\.isFinite).sorted()
    let median = Self.median(values)
    let ends = [values.first, values.last].map { $0.map(Self.norm) ?? HTMLNumber.none }
    let name = Self.part(kind.name, most: 60)
    let changed = kind.changedTensorCount
    let remark =
      changed == kind.tensorCount
      ? Self.count(kind.tensorCount, "tensor")
      : changed == 0
        ? "\(Self.count(kind.tensorCount, "tensor")), unchanged"
        : "\(HTMLNumber.count(changed)) of \(Self.count(kind.tensorCount, "tensor")) changed"
    let strip = HTMLStrip(
      title:
        "\(name): median \(median.map(Self.norm) ?? HTMLNumber.none), from \(ends[0]) to \(ends[1])",
      points: points, median: median)
    var figure: [HTML] = [.text(median.map(Self.norm) ?? HTMLNumber.none)]
    if ends[0] != ends[1] { figure.append(.element("small", .text("\(ends[0]) – \(ends[1])"))) }
    return .element(
      "tr",
      .element("th", ["scope": "row"], .text(name), .element("small", .text(remark))),
      .element("td", ["class": "strip"], strip.svg(axis)), .element("td", figure))
  }

  private static func norm(_ value: Double) -> String { value == 0 ? "0" : relative(value) }

  /// The middle of sorted values; of two middles the mean. Nil if there are none.
  static func median(_ sorted: [Double]) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let upper = sorted[sorted.count / 2]
    return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
  }
}

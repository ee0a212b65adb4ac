/// Of three checkpoints: how far Δ goes towards C, and how much of it points elsewhere, by layer.
extension HTMLDifference {
  /// One layer, or the tensors outside of layers.
  private struct Place {
    let name: String
    let layer: Int?
    let sums: DifferenceSums
  }

  var reference: [HTML] {
    guard let nameReference, let along = total.along else { return missingReference }
    let rest = hasChange ? HTMLNumber.percent(total.normOfRest / total.norm) : HTMLNumber.none
    let cosine = total.cosineWithReference.map { HTMLNumber.decimal($0, places: 3) }
    let places = self.places
    var parts: [HTML] = [
      .element(
        "p", ["class": "lead"],
        .text(
          """
          Δ goes \(HTMLNumber.decimal(along, places: 3)) of the way from A to C; its cosine with \
          that way is \(cosine ?? HTMLNumber.none).
          """)),
      Self.paragraph(
        """
        C is \(Self.part(nameReference, most: 200)). Δ is split in two. The part along C − A says how far B moved towards C: \
        0 is not at all, 1 is as far as C, below 0 is away from it. The rest is at right angles to it: \
        what B changed that C did not. Of Δ as a whole the rest is \(rest) of the norm.
        """),
    ]
    let layers = places.filter { $0.layer != nil }
    if layers.count > 1 { parts.append(.element("div", ["class": "charts"], charts(layers))) }
    parts.append(
      Self.details("Figures: along, cosine and rest by layer", table(places)))
    if !difference.withoutReference.isEmpty {
      parts.append(
        Self.paragraph(
          """
          C lacks \(Self.count(difference.withoutReference.count, "tensor")) of A, or has them in \
          another shape: their changes have no part along C − A.
          """))
    }
    return parts
  }

  private var missingReference: [HTML] {
    nameReference == nil
      ? []
      : [
        Self.paragraph(
          "C holds the same numbers as A, as far as they could be compared, so there is no way to it."
        )
      ]
  }

  private var places: [Place] {
    let outside = grid.outside.reduce(into: DifferenceSums()) { $0 += $1.total }
    return zip(grid.layers, grid.layerTotals).map { Place(name: "\($0)", layer: $0, sums: $1) }
      + (grid.outside.isEmpty
        ? [] : [Place(name: CheckpointDifference.outside, layer: nil, sums: outside)])
  }

  // MARK: Drawings

  private func charts(_ places: [Place]) -> [HTML] {
    [
      figure("Along C − A, by layer", places, \.along, note: "1: as far as C"),
      figure(
        "Cosine of Δ and C − A, by layer", places, \.cosineWithReference,
        note: "1: straight towards C, 0: at right angles"),
    ]
  }

  private func figure(
    _ title: String, _ places: [Place], _ value: KeyPath<DifferenceSums, Double?>, note: String
  ) -> HTML {
    let points = places.map { place in
      (x: Double(place.layer ?? 0), y: place.sums[keyPath: value] ?? .nan, label: place.name)
    }
    var chart = HTMLChart(
      title, x: HTMLChart.Axis("layer", showing: points.map(\.x), ticks: 6, wholeNumbers: true),
      y: HTMLChart.Axis("", showing: points.map(\.y) + [0.1], ticks: 4, isSigned: true), height: 200
    )
    chart.line(points.map { ($0.x, $0.y) }, class: "smooth")
    chart.dots(
      points.map { ($0.x, $0.y, "layer \($0.label): \(HTMLNumber.decimal($0.y, places: 3))") },
      class: "after")
    return .element(
      "figure",
      .element("figcaption", .text(title), .element("small", ["class": "under"], .text(note))),
      chart.svg)
  }

  // MARK: Table

  private func table(_ places: [Place]) -> HTML {
    func row(_ name: String, _ sums: DifferenceSums) -> HTML {
      let figures = [sums.along, sums.cosineWithReference].map {
        $0.map { HTMLNumber.decimal($0, places: 3) } ?? HTMLNumber.none
      }
      return Self.row(
        name, figures + [sums.normAlong, sums.normOfRest, sums.norm].map(HTMLNumber.significant))
    }
    let titles = ["layer", "along", "cosine", "‖part along‖", "‖rest‖", "‖Δ‖"]
    return Self.table(
      "Δ = along · (C − A) + rest", class: "grid",
      head: titles.map { Self.heading("col", .text($0)) },
      rows: places.map { row($0.name, $0.sums) }, foot: [row("all", total)])
  }
}

/// Where singular values were computed: how many directions the changes of each kind use.
extension HTMLDifference {
  /// The spectra of each kind, by name.
  var spectra: [(kind: String, spectra: [TensorDifference.Spectrum])] {
    let all = difference.tensors.compactMap { tensor in
      tensor.spectrum.map { (kind: tensor.kind, spectrum: $0) }
    }.filter { !$0.spectrum.shares.isEmpty }
    return (grid.kinds + grid.outside).map(\.name).compactMap { kind in
      let own = all.filter { $0.kind == kind }.map(\.spectrum)
      return own.isEmpty ? nil : (kind, own)
    }
  }

  var spectrum: [HTML] {
    let spectra = self.spectra
    guard !spectra.isEmpty else { return [] }
    let most = spectra.flatMap { $0.spectra.map(\.shares.count) }.max() ?? 1
    let counts = [1, 4, 16].filter { $0 < most } + [most]
    let titles =
      ["kind"] + counts.map { $0 == 1 ? "first" : "first \($0)" } + ["", "effective rank"]
    let rows = spectra.map { kind, spectra in row(kind, spectra, counts: counts) }
    var note = """
      A change that few directions hold looks like that of a low-rank adapter; training of all \
      weights, noise and rounding use many. Medians over the tensors of a kind; the bar shows the shares, \
      the fewest directions darkest.
      """
    if spectra.contains(where: { $0.spectra.contains(where: \.isEstimate) }) {
      note += " ≈: only the largest singular values were computed, and the rest taken as even."
    }
    return [
      Self.paragraph(note),
      Self.table(
        "Share of ‖Δ‖² in the strongest directions, by kind", class: "spectra",
        head: titles.map { Self.heading("col", .text($0)) }, rows: rows),
    ]
  }

  private func row(
    _ kind: String, _ spectra: [TensorDifference.Spectrum], counts: [Int]
  ) -> HTML {
    let shares = counts.map { count in
      // A matrix with fewer directions has all of its change in those.
      let values = spectra.compactMap { $0.shares.prefix(count).last }
      return Self.median(values.filter(\.isFinite).sorted()) ?? .nan
    }
    let ranks = spectra.map(\.effectiveRank).filter(\.isFinite).sorted()
    let isEstimate = spectra.contains(where: \.isEstimate)
    var figure: [HTML] = [
      .text((isEstimate ? "≈ " : "") + HTMLNumber.significant(Self.median(ranks) ?? .nan))
    ]
    if ranks.count > 1, let first = ranks.first, let last = ranks.last {
      let ends = [first, last].map(HTMLNumber.significant)
      figure.append(.element("small", .text("\(ends[0]) – \(ends[1])")))
    }
    let name = Self.part(kind, most: 60)
    return .element(
      "tr",
      [
        .element(
          "th", ["scope": "row"], .text(name),
          .element("small", .text(Self.count(spectra.count, "tensor"))))
      ] + shares.map { .element("td", .text(HTMLNumber.percent($0))) }
        + [.element("td", ["class": "strip"], Self.bar(shares)), .element("td", figure)])
  }

  /// Shares on a track from 0 to 100 %, each from where the one before ends.
  private static func bar(_ shares: [Double]) -> HTML {
    let ends = shares.map { $0.isFinite ? 100 * min(max($0, 0), 1) : 0 }
    let parts = ends.enumerated().map { index, end -> HTML in
      let start = index == 0 ? 0 : ends[index - 1]
      return .element(
        "rect",
        [
          "class": "part", "x": HTMLNumber.decimal(start, places: 1), "y": "1", "height": "8",
          "width": HTMLNumber.decimal(max(0, end - start), places: 1),
          "style": "opacity:\(HTMLNumber.decimal(1 / Double(1 + index), places: 2))",
        ])
    }
    return .element(
      "svg",
      [
        "viewBox": "0 0 100 10", "preserveAspectRatio": "none", "class": "bar after",
        "aria-hidden": "true",
      ],
      [.element("line", ["class": "track", "x1": "0", "y1": "9.5", "x2": "100", "y2": "9.5"])]
        + parts)
  }
}

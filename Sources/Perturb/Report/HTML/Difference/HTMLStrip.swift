/// Points along a horizontal axis that several strips share. A strip is as wide as there is room; its points
/// stay round.
struct HTMLStrip {
  /// One point.
  struct Point {
    /// Where it lies.
    let cell: HTMLHeatMap.Cell
    /// 0 at the top, 1 at the bottom.
    let depth: Double
    /// Its figure in words.
    let label: String
  }

  /// Where values lie, in per cent of the width.
  struct Axis {
    let scale: HTMLScale
    /// True if zeros need a place of their own, left of the scale.
    let hasZeros: Bool
    /// True if points without a figure need one, right of it.
    let hasUndefined: Bool

    private static let zero = 4.0
    private static let undefined = 96.0
    private var left: Double { hasZeros ? 11 : 3 }
    private var right: Double { hasUndefined ? 89 : 97 }

    /// Nil for what has no place.
    func place(_ cell: HTMLHeatMap.Cell) -> Double? {
      switch cell {
      case .absent: nil
      case .zero: Self.zero
      case .undefined: Self.undefined
      case .value(let value): left + (right - left) * scale.place(of: value)
      }
    }

    /// Where lines go from top to bottom: at the ticks, and beside places that stand apart.
    var lines: [(place: Double, name: String)] {
      scale.ticks.compactMap { place(.value($0)) }.map { ($0, "grid") }
        + (hasZeros ? [(left - 3.5, "axis")] : []) + (hasUndefined ? [(right + 3.5, "axis")] : [])
    }

    /// The labels, for the head of the column.
    func html(_ format: (Double) -> String) -> HTML {
      let ticks = scale.ticks.compactMap { tick in
        place(.value(tick)).map { (place: $0, label: format(tick)) }
      }
      let labels =
        ticks + (hasZeros ? [(Self.zero, "0")] : [])
        + (hasUndefined ? [(Self.undefined, "none")] : [])
      return .element(
        "div", ["class": "ticks"],
        labels.map { label in
          .element("span", ["style": "left:\(HTMLStrip.text(label.place))%"], .text(label.label))
        })
    }
  }

  /// What the strip says in words.
  let title: String
  let points: [Point]
  let median: Double?

  /// The finished strip.
  func svg(_ axis: Axis) -> HTML {
    var shapes: [HTML] = [.element("title", .text(title))]
    for line in axis.lines {
      shapes.append(Self.line(line.name, line.place, from: 0, to: 30))
    }
    for point in points {
      guard let place = axis.place(point.cell) else { continue }
      let top = Self.text(5 + 20 * point.depth)
      // A line of no length with round ends is a point that stays round, however the strip is stretched.
      shapes.append(
        .element(
          "path", ["class": "spot", "d": "M\(Self.text(place)) \(top)h0"],
          .element("title", .text(point.label))))
    }
    if let median, let place = axis.place(median == 0 ? .zero : .value(median)), points.count > 1 {
      shapes.append(Self.line("median", place, from: 1, to: 29))
    }
    return .element(
      "svg",
      ["viewBox": "0 0 100 30", "preserveAspectRatio": "none", "role": "img", "class": "points"],
      shapes)
  }

  private static func line(_ name: String, _ x: Double, from top: Int, to bottom: Int) -> HTML {
    .element(
      "line",
      ["class": name, "x1": text(x), "x2": text(x), "y1": "\(top)", "y2": "\(bottom)"])
  }

  private static func text(_ coordinate: Double) -> String {
    HTMLNumber.decimal(coordinate, places: 2)
  }
}

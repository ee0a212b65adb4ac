/// A grid of coloured cells, as SVG, with its legend and the table of its figures.
///
/// Colour is never the only carrier: each cell names its figure, and the table holds them all.
struct HTMLHeatMap {
  /// What one cell shows.
  enum Cell: Equatable {
    /// There is nothing at this place.
    case absent
    /// Exactly zero, which no logarithmic scale has a place for.
    case zero
    /// There is something, but no figure for it.
    case undefined
    case value(Double)
  }

  let title: String
  /// What rows are called before their number: `layer`.
  let rowName: String
  let rows: [String]
  let columns: [String]
  /// By row, then by column.
  let cells: [[Cell]]
  /// The sums of each row, of each column and of all; they stand apart.
  let rowSums: [Cell]
  let columnSums: [Cell]
  let sum: Cell
  let scale: HTMLScale
  /// A value as people read it.
  let format: (Double) -> String

  // MARK: Drawing

  private static let left = 30.0
  private static let gap = 5.0
  /// How far a column's title leans to the right over the next columns.
  private static let lean = 0.5

  /// Columns share the width of a phone, if that leaves them wide enough to be told apart.
  private var cellWidth: Double { min(max(300 / Double(columns.count + 1), 13), 32) }
  /// Rows share the height of a sheet of paper.
  private var cellHeight: Double { min(max(620 / Double(rows.count + 1), 5), 18) }
  private var top: Double {
    let longest = columns.map(\.count).max() ?? 0
    return 12 + 5.6 * 0.87 * Double(min(longest, 28))
  }
  private var gridWidth: Double { Double(columns.count) * cellWidth }
  private var gridHeight: Double { Double(rows.count) * cellHeight }
  private var width: Double {
    // The last titles lean over the right edge.
    let overhang = columns.enumerated().map { index, name in
      x(index) + cellWidth / 2 + 5.6 * Self.lean * Double(min(name.count, 28)) + 8
    }.max()
    return max(x(columns.count) + cellWidth + 2, overhang ?? 0)
  }
  private var height: Double { y(rows.count) + max(cellHeight, 12) + 4 }

  private func x(_ column: Int) -> Double {
    Self.left + Double(column) * cellWidth + (column == columns.count ? Self.gap : 0)
  }

  private func y(_ row: Int) -> Double {
    top + Double(row) * cellHeight + (row == rows.count ? Self.gap : 0)
  }

  /// The finished drawing; its size in pixels is bounded, so that letters stay letters.
  var svg: HTML {
    var shapes: [HTML] = [.element("title", .text(title))]
    for (column, name) in (columns + ["all"]).enumerated() { shapes.append(head(column, name)) }
    let every = Self.labelStep(cellHeight: cellHeight)
    for row in 0...rows.count {
      let isSum = row == rows.count
      if isSum || row.isMultiple(of: every) {
        let label = isSum ? "all" : rows[row]
        shapes.append(
          .element(
            "text",
            [
              "x": Self.text(Self.left - 5), "y": Self.text(y(row) + cellHeight / 2 + 3.5),
              "text-anchor": "end",
            ], .text(label)))
      }
      let values = isSum ? columnSums + [sum] : cells[row] + [rowSums[row]]
      for (column, cell) in values.enumerated() {
        shapes += shape(cell, row: row, column: column)
      }
    }
    return .element(
      "svg",
      [
        "viewBox": "0 0 \(Self.text(width)) \(Self.text(height))", "role": "img",
        "class": "chart map", "preserveAspectRatio": "xMinYMin",
        "style": "max-width:\(Self.text(width * 1.15))px",
      ], shapes)
  }

  /// Every how many rows have room for a number: 1, 2, 5 or 10.
  static func labelStep(cellHeight: Double) -> Int {
    [1, 2, 5].first { Double($0) * cellHeight >= 12 } ?? 10
  }

  private func head(_ column: Int, _ name: String) -> HTML {
    let foot = (x: Self.text(x(column) + cellWidth / 2 + 3), y: Self.text(top - 5))
    let short = name.count > 28 ? name.prefix(27) + "…" : name
    return .element(
      "text", ["transform": "translate(\(foot.x) \(foot.y)) rotate(-60)"], .text(short))
  }

  private func shape(_ cell: Cell, row: Int, column: Int) -> [HTML] {
    let (left, top) = (x(column), y(row))
    // A line of ground between cells, unless they are so low that it would be half of the picture.
    let line = cellHeight < 8 ? 0.5 : 1
    let box = (width: cellWidth - 1, height: cellHeight - line)
    let rowTitle = row == rows.count ? "all \(rowName)s" : "\(rowName) \(rows[row])"
    let columnTitle = column == columns.count ? "all kinds" : columns[column]
    let tip = HTML.element("title", .text("\(rowTitle), \(columnTitle): \(figure(cell))"))
    let place: KeyValuePairs<String, String>
    let (xText, yText) = (Self.text(left), Self.text(top))
    let (wide, high) = (Self.text(box.width), Self.text(box.height))
    switch cell {
    case .absent: return []
    case .zero:
      place = [
        "class": "zero", "x": Self.text(left + 0.5), "y": Self.text(top + 0.5),
        "width": Self.text(box.width - 1), "height": Self.text(box.height - 1),
      ]
    case .undefined:
      let cross =
        "M\(xText) \(yText)l\(wide) \(high)m0 -\(high)l-\(wide) \(high)m0 -\(high)h\(wide)v\(high)h-\(wide)z"
      return [.element("path", ["class": "undefined", "d": cross], tip)]
    case .value(let value):
      let colour = Self.colour(scale.place(of: value))
      place = [
        "class": "cell \(colour.half)", "style": "--depth:\(colour.depth)%", "x": xText,
        "y": yText, "width": wide, "height": high,
      ]
    }
    return [.element("rect", place, tip)]
  }

  /// The colours go from the first over the middle to the last one: which half, and how far in it.
  static func colour(_ place: Double) -> (half: String, depth: String) {
    let half = place < 0.5 ? "lower" : "upper"
    return (half, HTMLNumber.decimal((place < 0.5 ? place : place - 0.5) * 200, places: 0))
  }

  private func figure(_ cell: Cell) -> String {
    switch cell {
    case .absent: ""
    case .zero: "0"
    case .undefined: "not defined"
    case .value(let value): format(value)
    }
  }

  private static func text(_ coordinate: Double) -> String {
    HTMLNumber.decimal(coordinate, places: 1)
  }

  // MARK: Legend

  /// The scale with its ticks, and what cells without a colour mean.
  var legend: HTML {
    let count = 40
    let (left, width) = (14.0, 272.0)
    var shapes: [HTML] = (0..<count).map { index in
      let colour = Self.colour((Double(index) + 0.5) / Double(count))
      let step = width / Double(count)
      return .element(
        "rect",
        [
          "class": "cell \(colour.half)", "style": "--depth:\(colour.depth)%",
          "x": Self.text(left + Double(index) * step), "y": "1",
          // Wider than its step, so that no ground shows between two of them.
          "width": Self.text(index == count - 1 ? step : step + 0.5), "height": "10",
        ])
    }
    for tick in scale.ticks {
      let place = Self.text(left + width * scale.place(of: tick))
      shapes.append(
        .element("line", ["class": "axis", "x1": place, "y1": "11", "x2": place, "y2": "15"]))
      shapes.append(
        .element(
          "text", ["x": place, "y": "26", "text-anchor": "middle"], .text(format(tick))))
    }
    let bar = HTML.element(
      "svg",
      ["viewBox": "0 0 300 30", "class": "chart scale", "aria-hidden": "true"], shapes)
    let all = cells.flatMap { $0 } + rowSums + columnSums + [sum]
    var keys: [HTML] = []
    if all.contains(.zero) {
      keys.append(
        Self.key("rect", ["class": "zero", "x": "1", "y": "1", "width": "12", "height": "12"], "0"))
    }
    if all.contains(.undefined) {
      keys.append(
        Self.key(
          "path", ["class": "undefined", "d": "M1 1l12 12m0 -12l-12 12m0 -12h12v12h-12z"],
          "no figure: A is all zeros, or not finite"))
    }
    if cells.contains(where: { $0.contains(.absent) }) {
      keys.append(.element("li", "empty: no such tensor"))
    }
    return .element(
      "div", ["class": "map-legend"],
      [bar] + (keys.isEmpty ? [] : [.element("ul", ["class": "legend"], keys)]))
  }

  private static func key(
    _ name: String, _ attributes: KeyValuePairs<String, String>, _ meaning: String
  ) -> HTML {
    .element(
      "li",
      .element(
        "svg", ["viewBox": "0 0 14 14", "class": "key", "aria-hidden": "true"],
        .element(name, attributes)), .text(meaning))
  }

  // MARK: Table

  /// The figures themselves: head, rows and foot of a table.
  var figures: (head: [HTML], rows: [HTML], foot: [HTML]) {
    func heading(_ scope: String, _ text: String) -> HTML {
      .element("th", ["scope": scope], .text(text))
    }
    func row(_ title: String, _ values: [Cell]) -> HTML {
      .element(
        "tr",
        [heading("row", title)] + values.map { .element("td", .text(figure($0))) })
    }
    return (
      head: [heading("col", rowName)] + (columns + ["all"]).map { heading("col", $0) },
      rows: rows.indices.map { row(rows[$0], cells[$0] + [rowSums[$0]]) },
      foot: [row("all", columnSums + [sum])]
    )
  }
}

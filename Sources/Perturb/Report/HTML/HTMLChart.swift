/// A drawing with two axes, as SVG: lines, limits and labelled points.
///
/// Points that are not finite are left out, so no value can break the drawing.
struct HTMLChart {
  /// One axis, from zero or a round number below it to a round number.
  struct Axis {
    let title: String
    let low: Double
    let high: Double
    let ticks: [Double]
    private let places: Int

    /// The axis that shows all of these values, in about as many ticks as wanted; those below zero only if it is
    /// signed.
    init(
      _ title: String, showing values: [Double], ticks wanted: Int = 5, wholeNumbers: Bool = false,
      isSigned: Bool = false
    ) {
      self.title = title
      let values = values.filter { $0.isFinite && (isSigned || $0 > 0) }
      let least = min(values.min() ?? 0, 0)
      let positive = max(values.max() ?? 0, 0)
      let most = least == 0 && positive == 0 ? 1 : positive
      let rough = max((most - least) / Double(wanted), wholeNumbers ? 1 : 0)
      let power = Axis.power(below: rough)
      let step =
        (wholeNumbers ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map { $0 * power }.first { $0 >= rough }
        ?? rough
      let steps = (
        below: -Int((-least / step - 1e-9).rounded(.up)),
        above: Int((most / step - 1e-9).rounded(.up))
      )
      low = step * Double(steps.below)
      high = step * Double(steps.above)
      ticks = (steps.below...steps.above).map { Double($0) * step }
      places =
        (0...6).first { place in
          let scaled = step * Axis.power(place)
          return (scaled - scaled.rounded()).magnitude < 1e-6 * scaled
        } ?? 6
    }

    /// A value on this axis as its ticks show it.
    func label(_ value: Double) -> String {
      HTMLNumber.decimal(value, places: places)
    }

    /// 0 at the low end and below it, 1 at the high end and above it.
    func share(of value: Double) -> Double {
      min(max((value - low) / (high - low), 0), 1)
    }

    /// The largest power of ten that is not above this number.
    private static func power(below value: Double) -> Double {
      var power = 1.0
      while power > value, power > 1e-300 { power /= 10 }
      while power * 10 <= value, power < 1e300 { power *= 10 }
      return power
    }

    private static func power(_ exponent: Int) -> Double {
      (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }
  }

  /// The shape of a point, so that colour is never its only sign.
  enum Marker: String {
    case circle, dot, square, cross, diamond
  }

  let title: String
  let x: Axis
  let y: Axis
  private let width: Double
  private let height: Double
  private var shapes: [HTML] = []
  /// Where labels stand already: left, top, right, bottom.
  private var taken: [(left: Double, top: Double, right: Double, bottom: Double)] = []

  private let margin: (left: Double, top: Double, right: Double, bottom: Double)
  private static let characterWidth = 6.1

  /// An empty drawing; sizes are in units of the drawing, which scales with the page.
  init(_ title: String, x: Axis, y: Axis, width: Double = 360, height: Double = 250) {
    (self.title, self.x, self.y, self.width, self.height) = (title, x, y, width, height)
    // The title of the upright axis stands above it.
    margin = (left: 44, top: y.title.isEmpty ? 12 : 26, right: 16, bottom: 40)
  }

  // MARK: Contents

  /// A line through points in the given order.
  mutating func line(_ points: [(x: Double, y: Double)], class name: String) {
    let places = points.compactMap { place($0.x, $0.y) }
    guard places.count > 1 else { return }
    let list = places.map { "\(Self.text($0.x)),\(Self.text($0.y))" }.joined(separator: " ")
    shapes.append(.element("polyline", ["class": "line \(name)", "points": list]))
  }

  /// Points that are told apart by pointing at them, for more than there is room for labels.
  mutating func dots(_ points: [(x: Double, y: Double, label: String)], class name: String) {
    for point in points {
      guard let (x, y) = place(point.x, point.y) else { continue }
      shapes.append(
        .element(
          "circle",
          ["class": "dot \(name)", "cx": Self.text(x), "cy": Self.text(y), "r": "2.4"],
          .element("title", .text(point.label))))
    }
  }

  /// A horizontal limit with a label above it.
  mutating func limit(y value: Double, _ label: String) {
    guard let (_, top) = place(0, value) else { return }
    let (left, right) = (margin.left, width - margin.right)
    rule(left, top, right, top)
    write(label, at: (right - 2, top + 13), anchor: "end", class: "limit-label")
  }

  /// A vertical limit with a label beside its lower end.
  mutating func limit(x value: Double, _ label: String) {
    guard let (left, _) = place(value, 0) else { return }
    let bottom = height - margin.bottom
    rule(left, margin.top, left, bottom)
    let fits = left - Double(label.count) * Self.characterWidth - 6 > margin.left
    write(
      label, at: (fits ? left - 5 : left + 5, bottom - 7), anchor: fits ? "end" : "start",
      class: "limit-label")
  }

  /// Points with labels. Those that would lie on each other share one label: of three or more only
  /// the last is named.
  mutating func points(
    _ points: [(x: Double, y: Double, marker: Marker, class: String, label: String)]
  ) {
    var groups: [(x: Double, y: Double, labels: [String])] = []
    for point in points {
      guard let (x, y) = place(point.x, point.y) else { continue }
      shapes.append(Self.shape(point.marker, x, y, class: point.class))
      taken.append((x - 6, y - 6, x + 6, y + 6))
      let near = groups.firstIndex { ($0.x - x).magnitude < 8 && ($0.y - y).magnitude < 8 }
      if let near {
        groups[near].labels.append(point.label)
      } else {
        groups.append((x, y, [point.label]))
      }
    }
    for group in groups {
      let others = group.labels.dropLast()
      let text = others.count < 2 ? others.joined() : "\(others.count) more"
      let last = group.labels.last ?? ""
      label(others.isEmpty ? last : "\(text), \(last)", at: (group.x, group.y))
    }
  }

  /// The finished drawing.
  var svg: HTML {
    .element(
      "svg",
      [
        "viewBox": "0 0 \(Self.text(width)) \(Self.text(height))", "role": "img",
        "class": "chart",
      ],
      [.element("title", .text(title))] + frame + shapes)
  }

  /// A marker alone, for legends.
  static func key(_ marker: Marker, class name: String) -> HTML {
    .element(
      "svg", ["viewBox": "0 0 14 14", "class": "key", "aria-hidden": "true"],
      shape(marker, 7, 7, class: name))
  }

  // MARK: Drawing

  private var frame: [HTML] {
    let (left, right) = (margin.left, width - margin.right)
    let (top, bottom) = (margin.top, height - margin.bottom)
    var parts: [HTML] = []
    for tick in y.ticks {
      guard let (_, level) = place(0, tick) else { continue }
      let name = tick == 0 && y.low < 0 ? "axis" : "grid"
      parts.append(Self.segment(name, left, level, right, level))
      parts.append(Self.text(y.label(tick), (left - 6, level + 4), anchor: "end", class: "tick"))
    }
    for tick in x.ticks {
      guard let (position, _) = place(tick, 0) else { continue }
      parts.append(Self.segment("grid", position, bottom, position, bottom + 4))
      parts.append(
        Self.text(x.label(tick), (position, bottom + 17), anchor: "middle", class: "tick"))
    }
    parts.append(Self.segment("axis", left, bottom, right, bottom))
    parts.append(Self.segment("axis", left, top, left, bottom))
    parts.append(
      Self.text(x.title, ((left + right) / 2, height - 6), anchor: "middle", class: "axis-title"))
    parts.append(Self.text(y.title, (4, 11), anchor: "start", class: "axis-title"))
    return parts
  }

  private func place(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard xValue.isFinite, yValue.isFinite else { return nil }
    let plot = (
      width: width - margin.left - margin.right,
      height: height - margin.top - margin.bottom
    )
    let share = (x: x.share(of: xValue), y: y.share(of: yValue))
    return (margin.left + share.x * plot.width, margin.top + (1 - share.y) * plot.height)
  }

  /// Writes a label beside a point, at the first place around it that is free.
  private mutating func label(_ label: String, at point: (x: Double, y: Double)) {
    let length = Double(label.count) * Self.characterWidth
    let beside: [(x: Double, y: Double)] = [
      (9, 4), (-9 - length, 4), (-length / 2, 19), (-length / 2, -11), (9, 19), (-9 - length, 19),
      (9, -11), (-9 - length, -11), (-length / 2, 34), (-length / 2, -26),
    ]
    let inside = beside.map { (x: point.x + $0.x, y: point.y + $0.y) }.filter {
      $0.x >= margin.left + 2 && $0.x + length <= width - 2 && $0.y >= margin.top
        && $0.y <= height - margin.bottom - 2
    }
    let free = inside.first { spot in
      !taken.contains { box in
        spot.x < box.right && spot.x + length > box.left && spot.y - 10 < box.bottom
          && spot.y + 3 > box.top
      }
    }
    let edge = (x: max(margin.left + 2, width - 2 - length), y: point.y + 19)
    let spot = free ?? inside.first ?? edge
    write(label, at: spot, anchor: "start", class: "point-label")
  }

  private mutating func write(
    _ label: String, at point: (x: Double, y: Double), anchor: String, class name: String
  ) {
    let length = Double(label.count) * Self.characterWidth
    let left = anchor == "end" ? point.x - length : point.x
    taken.append((left, point.y - 10, left + length, point.y + 3))
    shapes.append(Self.text(label, point, anchor: anchor, class: name))
  }

  private mutating func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
    shapes.append(Self.segment("limit", x1, y1, x2, y2))
  }

  private static func segment(
    _ name: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
  ) -> HTML {
    .element(
      "line",
      ["class": name, "x1": text(x1), "y1": text(y1), "x2": text(x2), "y2": text(y2)])
  }

  private static func text(
    _ label: String, _ point: (x: Double, y: Double), anchor: String, class name: String
  ) -> HTML {
    .element(
      "text",
      ["class": name, "x": text(point.x), "y": text(point.y), "text-anchor": anchor],
      .text(label))
  }

  private static func shape(_ marker: Marker, _ x: Double, _ y: Double, class name: String) -> HTML
  {
    let outline =
      switch marker {
      case .circle, .dot: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"
      case .square: "M-4.2 -4.2h8.4v8.4h-8.4z"
      case .diamond: "M0 -5.6L5.6 0L0 5.6L-5.6 0z"
      case .cross: "M-4 -4L4 4M-4 4L4 -4"
      }
    return .element(
      "path",
      [
        "class": "marker \(marker.rawValue) \(name)", "d": outline,
        "transform": "translate(\(text(x)) \(text(y)))",
      ])
  }

  private static func text(_ coordinate: Double) -> String {
    HTMLNumber.decimal(coordinate, places: 1)
  }
}

/// How the losses went while the drift was learned, one small drawing for each.
extension HTMLReport {
  /// A figure that every step has, or none.
  private struct Curve {
    let name: String
    let points: [(x: Double, y: Double)]
  }

  var learning: [HTML] {
    let curves = self.curves
    guard !curves.isEmpty else {
      return [Self.paragraph("Nothing was learned: no steps were made.")]
    }
    let last = report.steps.last?.number ?? 0
    let tokens = report.steps.reduce(0) { $0 + $1.tokens }
    let window = self.window
    let smoothing =
      window > 1
      ? "Thin: each step. Thick: the mean of up to \(window) steps around it, whose ends are given."
      : "Every step as it was."
    return [
      Self.paragraph(
        """
        \(last) steps over \(tokens) tokens. Losses are those of the step's own few rows, before \
        it moved the weights; each drawing has its own scale. \(smoothing)
        """),
      .element("div", ["class": "charts small"], curves.map { figure($0, window: window) }),
    ]
  }

  private var curves: [Curve] {
    func curve(_ name: String, _ value: (LearningStep) -> Double?) -> Curve? {
      let points = report.steps.compactMap { step -> (x: Double, y: Double)? in
        guard let value = value(step), value.isFinite else { return nil }
        return (Double(step.number), value)
      }
      return points.isEmpty ? nil : Curve(name: name, points: points)
    }
    return [
      curve("loss of refusals") { $0.refusal }, curve("loss of benign answers") { $0.benign },
      curve("loss of task answers") { $0.task }, curve("loss of harmful answers") { $0.harmful },
      curve("benign KL") { $0.divergence }, curve("gradient norm") { $0.gradientNorm },
    ].compactMap { $0 }
  }

  /// How many steps the smooth line averages over; odd, and 1 for a few steps.
  private var window: Int {
    report.steps.count < 20 ? 1 : 2 * (report.steps.count / 20) + 1
  }

  private func figure(_ curve: Curve, window: Int) -> HTML {
    let smooth = Self.movingMean(curve.points, window: window)
    var chart = HTMLChart(
      "\(curve.name) against the step",
      x: HTMLChart.Axis("step", showing: curve.points.map(\.x), ticks: 4),
      // A loss that hardly differs from zero should look like it.
      y: HTMLChart.Axis("", showing: curve.points.map(\.y) + [0.1], ticks: 4), width: 320,
      height: 180)
    if window > 1 { chart.line(curve.points, class: "raw") }
    chart.line(smooth, class: "smooth")
    if curve.points.count == 1, let point = curve.points.first {
      chart.points([(point.x, point.y, .dot, "after", "step 1")])
    }
    let ends = [smooth.first, smooth.last].map { HTMLNumber.significant($0?.y ?? .nan) }
    return .element(
      "figure", chart.svg,
      .element("figcaption", .text(curve.name), .element("small", "\(ends[0]) to \(ends[1])")))
  }

  /// The mean of the points around each one; at the ends of those that are there.
  static func movingMean(_ points: [(x: Double, y: Double)], window: Int) -> [(
    x: Double, y: Double
  )] {
    points.indices.map { index in
      let reach = window / 2
      let near = points[max(0, index - reach)...min(points.count - 1, index + reach)]
      return (points[index].x, near.reduce(0) { $0 + $1.y } / Double(near.count))
    }
  }
}

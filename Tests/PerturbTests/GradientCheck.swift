import Testing

@testable import Perturb

/// Compares analytic gradients with central differences along random directions.
///
/// Everything is single precision, so a step has to be large against rounding and small against
/// curvature. Along a direction with normal elements the derivative is as long as the gradient
/// itself, so one tolerance relative to that length serves all shapes.
enum GradientCheck {
  /// Expects `gradient` to be the derivative of `loss` at `point`.
  static func expectMatch(
    _ gradient: [Float], at point: [Float], _ label: String, step: Float = 1e-2,
    tolerance: Double = 1e-2, noise: Double = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation, loss: ([Float]) throws -> Double
  ) throws {
    #expect(gradient.count == point.count, "\(label)", sourceLocation: sourceLocation)
    // A gradient that drowns in rounding proves nothing.
    let length = gradient.norm
    #expect(length > 10 * noise, "\(label): gradient too small", sourceLocation: sourceLocation)
    for seed in 1...4 as ClosedRange<UInt64> {
      let direction = normal(point.count, seed: 9000 + seed)
      let numeric = try slope(of: loss, at: point, along: direction, step: step)
      let analytic = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(
        abs(numeric - analytic) <= tolerance * length + noise,
        "\(label): along direction \(seed) differences give \(numeric), the gradient \(analytic)",
        sourceLocation: sourceLocation)
    }
  }

  /// The derivative along a direction, from the central differences (loss(x + h·d) − loss(x − h·d)) /
  /// 2h of two steps, so that the error in h² cancels (Richardson).
  static func slope(
    of loss: ([Float]) throws -> Double, at point: [Float], along direction: [Float], step: Float
  ) throws -> Double {
    func difference(_ step: Float) throws -> Double {
      var (above, below) = (point, point)
      above.add(direction, scale: step)
      below.add(direction, scale: -step)
      return (try loss(above) - loss(below)) / (2 * Double(step))
    }
    return (4 * (try difference(step)) - (try difference(2 * step))) / 3
  }

  /// Seeded normal numbers.
  static func normal(_ count: Int, seed: UInt64, deviation: Float = 1) -> [Float] {
    var source = RandomSource(seed: seed, stream: 77)
    return source.normal(count, deviation: deviation)
  }

  /// A seeded normal matrix.
  static func normal(
    rows: Int, columns: Int, seed: UInt64, deviation: Float = 1
  ) -> Matrix {
    let values = normal(rows * columns, seed: seed, deviation: deviation)
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// A random projection makes one number of many; its gradient is the projection itself.
  static func project(_ output: Matrix, on weights: Matrix) -> Double {
    zip(output.values, weights.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
  }
}

/// ‖a − b‖ / ‖b‖, in double precision.
func relativeDistance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
  guard a.count == b.count else { return .infinity }
  let difference = zip(a, b).reduce(0.0) {
    let gap = Double($1.0) - Double($1.1)
    return $0 + gap * gap
  }
  let length = b.reduce(0.0) { $0 + Double($1) * Double($1) }
  return (difference / max(length, 1e-30)).squareRoot()
}

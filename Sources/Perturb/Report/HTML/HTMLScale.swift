import Foundation

/// Where values lie between the ends of a scale: evenly by value, or evenly by ratio.
struct HTMLScale: Equatable {
  /// Where it starts; above zero if it is logarithmic.
  let low: Double
  /// Where it ends; above `low`.
  let high: Double
  /// True if equal ratios are equal steps.
  let isLogarithmic: Bool
  /// Round numbers between the ends, ascending.
  let ticks: [Double]

  /// The scale from 0 to 1, for shares.
  static let share = HTMLScale(
    low: 0, high: 1, isLogarithmic: false, ticks: [0, 0.25, 0.5, 0.75, 1])

  /// The logarithmic scale from the least to the largest of these values; nil if none is above zero and
  /// finite.
  ///
  /// It spans a factor of two at least, so that next to nothing does not look like much, and at most so many
  /// decades, so that one tiny value does not make all others look alike.
  init?(ratiosOf values: [Double], decades: Double = 12) {
    let values = values.filter { $0.isFinite && $0 > 0 }
    guard let least = values.min(), let most = values.max() else { return nil }
    let middle = least.squareRoot() * most.squareRoot()
    let isNarrow = most < 2 * least
    let high = isNarrow ? middle * 2.0.squareRoot() : most
    let low = isNarrow ? middle / 2.0.squareRoot() : max(least, most * pow(10, -decades))
    // The ends of the range of Double: no scale is better than a broken one.
    guard high.isFinite, low > 0, high > low else { return nil }
    self.init(low: low, high: high, isLogarithmic: true, ticks: Self.ticks(from: low, to: high))
  }

  private init(low: Double, high: Double, isLogarithmic: Bool, ticks: [Double]) {
    (self.low, self.high, self.isLogarithmic, self.ticks) = (low, high, isLogarithmic, ticks)
  }

  /// 0 at the low end and below it, 1 at the high end and above it.
  func place(of value: Double) -> Double {
    let share =
      isLogarithmic
      ? (log(max(value, low)) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low)
    return share.isFinite ? min(max(share, 0), 1) : 0
  }

  /// As many round numbers as can be told apart, six at most: 1, 2, 5, 10, … or only some powers of ten.
  private static func ticks(from low: Double, to high: Double) -> [Double] {
    let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let finest = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]
    for digits in [finest, [1, 1.5, 2, 3, 4, 5, 7], [1, 2, 5], [1, 3], [1]] {
      let all = powers.flatMap { power in digits.map { $0 * pow(10, Double(power)) } }
      let inside = all.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) }
      if inside.count <= 6 { return inside }
    }
    let step = (powers.count + 5) / 6
    return powers.filter { $0.isMultiple(of: step) }.map { pow(10, Double($0)) }
      .filter { $0 >= low && $0 <= high }
  }
}

public import FormatIO

/// A share of rows with its 95 % confidence interval, and the rows themselves: two models that answered the
/// same rows are compared row by row.
///
///     centre = (p + z²/2n) / (1 + z²/n)
///     half   = z / (1 + z²/n) · √(p(1 − p)/n + z²/4n²)
///
/// Wilson's score interval: unlike the textbook p ± z·√(p(1 − p)/n) it does not collapse to nothing
/// at 0 % and 100 %, where safety rates usually lie. Source: E. B. Wilson, JASA 22 (1927).
public struct Rate: Sendable, Hashable {
  /// Whether the property holds, row by row.
  public let rows: [Bool]
  /// How many rows have the property.
  public let count: Int

  /// The share of rows for which the property holds.
  public init(_ rows: [Bool]) {
    self.rows = rows
    count = rows.count { $0 }
  }

  /// The share of `count` in `total`, which is not smaller: it holds for the first `count` rows.
  public init(_ count: Int, of total: Int) {
    precondition(count >= 0 && count <= total, "a count lies between 0 and the total")
    self.init((0..<total).map { $0 < count })
  }

  /// How many rows were looked at.
  public var total: Int { rows.count }

  /// The share, from 0 to 1; not a number if there are no rows.
  public var value: Double { Double(count) / Double(total) }

  /// The lower end of the interval; 0 if there are no rows.
  public var low: Double { count == 0 ? 0 : centre - half }

  /// The upper end of the interval; 1 if there are no rows.
  public var high: Double { count == total ? 1 : centre + half }

  /// The share in the rows of both, which have none in common.
  static func + (left: Rate, right: Rate) -> Rate { Rate(left.rows + right.rows) }

  /// The share of rows for which it does not hold.
  static prefix func ! (rate: Rate) -> Rate { Rate(rate.rows.map { !$0 }) }

  /// The share of rows for which one of the two holds.
  static func || (left: Rate, right: Rate) -> Rate {
    Rate(zip(left.rows, right.rows).map { $0 || $1 })
  }

  /// `{"value", "low", "high"}`; the value is null if there are no rows.
  public var json: JSON {
    .object([
      JSON.Member("value", JSON(value)), JSON.Member("low", JSON(low)),
      JSON.Member("high", JSON(high)),
    ])
  }

  /// The 97.5th percentile of the standard normal distribution.
  private static let z = 1.959964

  private var shrinkage: Double { 1 + Self.z * Self.z / Double(total) }

  private var centre: Double {
    (value + Self.z * Self.z / (2 * Double(total))) / shrinkage
  }

  private var half: Double {
    let n = Double(total)
    return Self.z / shrinkage
      * (value * (1 - value) / n + Self.z * Self.z / (4 * n * n)).squareRoot()
  }
}

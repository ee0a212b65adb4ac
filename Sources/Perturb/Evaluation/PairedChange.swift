/// What became of the same rows under another model.
///
///     rise > z · √(gained + lost)
///
/// If rows change their answer by chance only, as many gain the property as lose it, and the
/// difference has the variance of as many coin tosses as rows changed. Rows that stay as they are tell nothing.
/// Source: Q. McNemar, Psychometrika 12 (1947).
struct PairedChange {
  /// How many rows gained the property.
  let gained: Int
  /// How many lost it.
  let lost: Int

  /// Compares the same rows in the same order.
  init(from before: Rate, to after: Rate) {
    precondition(before.total == after.total, "both are of the same rows")
    let pairs = Array(zip(before.rows, after.rows))
    gained = pairs.count { !$0 && $1 }
    lost = pairs.count { $0 && !$1 }
  }

  /// How many more rows have the property.
  var rise: Int { gained - lost }

  /// True if so large a rise is no chance at the 5 % level, one-sided, by the normal approximation.
  ///
  /// Two rows never are. Three of three are, although a coin does that once in eight times: of so few
  /// rows damage is rather reported than passed over.
  var isMoreThanChance: Bool {
    Double(rise) > Self.z * Double(gained + lost).squareRoot()
  }

  /// The 95th percentile of the standard normal distribution.
  private static let z = 1.644854
}

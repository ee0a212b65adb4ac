import FormatIO

/// How far numbers of one file of a model are from the same numbers in another one.
public struct WeightDistance: Sendable {
  /// ‖there − here‖².
  private(set) var difference = 0.0
  /// ‖here‖² and ‖there‖².
  private(set) var (here, there) = (0.0, 0.0)
  /// ⟨here, there⟩.
  private(set) var product = 0.0

  /// The largest relative distance of files of one model.
  ///
  /// Of the types that patches are stored in and that models are used in, Q2_K is the coarsest: it moves Gaussian
  /// weights by 0.30 of their norm. An unrelated matrix of the same size is 1.4 away, and so are the same rows in
  /// another order.
  public static let limit = 0.5

  /// The largest relative distance that storage in a type explains.
  ///
  /// Blocks with codes of b bits move Gaussian weights by 1.1 to 1.9 · 2⁻ᵇ of their norm, BF16 by 0.0017 and the
  /// other plain types by less. Twice that, for weights with outliers.
  static func explained(by type: ElementType) -> Double {
    max(0.0035, 3 / Double(1 << min(type.bits, 16)))
  }

  /// ‖there − here‖ / ‖here‖; 0 if both are zero.
  public var relative: Double {
    difference == 0 ? 0 : (difference / here).squareRoot()
  }

  /// The cosine of the angle between them; 1 if both are zero.
  public var cosine: Double {
    difference == 0 ? 1 : product / (here * there).squareRoot()
  }

  static func += (left: inout WeightDistance, right: WeightDistance) {
    left.difference += right.difference
    left.here += right.here
    left.there += right.there
    left.product += right.product
  }

  /// Measures the numbers of one place, as they are computed with, in the order of `other`.
  ///
  /// - Throws: `InputError` if a file changed.
  init(from map: TensorMap, to other: TensorMap, at slot: ModelSlot) throws {
    var here = try Weights(map: map).values(at: slot)
    let there = try Weights(map: other).values(at: slot)
    if let rows = other.rows(of: slot, in: map) {
      let width = here.count / max(rows.count, 1)
      here = rows.flatMap { here[$0 * width..<($0 + 1) * width] }
    }
    self.here = Vector.squaredNorm(here.span)
    self.there = Vector.squaredNorm(there.span)
    product = Vector.sumOfProducts(here.span, there.span)
    here.add(there, scale: -1)
    difference = Vector.squaredNorm(here.span)
  }

  init() {}
}

/// What adds up over elements, so that layers, kinds and whole models are sums of tensors.
///
/// a is an element of A, b of B, d = b − a, in `Double`. Elements that are not finite on either side are counted
/// and left out of all sums.
public struct DifferenceSums: Sendable, Equatable {
  /// Elements.
  public var count = 0
  /// Elements that are in the sums: finite on both sides.
  public var summed = 0
  /// Elements whose value differs: by bits where both have the same type, by number otherwise.
  public var changed = 0
  /// Σ d.
  public var difference = 0.0
  /// Σ d².
  public var squaredDifference = 0.0
  /// Σ a².
  public var squaredA = 0.0
  /// Σ b².
  public var squaredB = 0.0
  /// Σ a·b.
  public var product = 0.0
  /// max |d|.
  public var largestDifference = 0.0
  /// The largest distance in steps between neighbouring numbers of the coarser type; nil if a side is
  /// stored in blocks.
  public var largestSteps: Int? = 0
  /// Elements of A and of B that are NaN.
  public var notNumbersA = 0, notNumbersB = 0
  /// Elements of A and of B that are infinite.
  public var infiniteA = 0, infiniteB = 0
  /// True if the bytes are the same, and so are types and shapes.
  public var isByteEqual = true
  /// Of a third checkpoint C: Σ (c − a)² and Σ d·(c − a); zeros without one.
  public var squaredReference = 0.0, referenceProduct = 0.0

  /// Nothing yet.
  public init() {}
}

extension DifferenceSums {
  /// Adds what was summed over other elements.
  public static func += (left: inout DifferenceSums, right: DifferenceSums) {
    left.count += right.count
    left.summed += right.summed
    left.changed += right.changed
    left.difference += right.difference
    left.squaredDifference += right.squaredDifference
    left.squaredA += right.squaredA
    left.squaredB += right.squaredB
    left.product += right.product
    left.largestDifference = max(left.largestDifference, right.largestDifference)
    if let steps = left.largestSteps, let others = right.largestSteps {
      left.largestSteps = max(steps, others)
    } else {
      left.largestSteps = nil
    }
    left.notNumbersA += right.notNumbersA
    left.notNumbersB += right.notNumbersB
    left.infiniteA += right.infiniteA
    left.infiniteB += right.infiniteB
    left.isByteEqual = left.isByteEqual && right.isByteEqual
    left.squaredReference += right.squaredReference
    left.referenceProduct += right.referenceProduct
  }

  /// ‖Δ‖, Δ = B − A.
  public var norm: Double { squaredDifference.squareRoot() }

  /// ‖Δ‖ / ‖A‖; infinite if A is all zeros and B is not.
  public var relativeNorm: Double {
    squaredDifference == 0 ? 0 : (squaredDifference / squaredA).squareRoot()
  }

  /// The cosine of the angle between A and B; nil if one of them is all zeros.
  public var cosine: Double? {
    Self.cosine(product, squaredA, squaredB)
  }

  /// The share of elements that differ; 0 if there are none.
  public var changedShare: Double { count == 0 ? 0 : Double(changed) / Double(count) }

  /// The mean of Δ over the elements that are finite on both sides; 0 if there are none.
  public var mean: Double { summed == 0 ? 0 : difference / Double(summed) }

  /// How far Δ goes along R = C − A: Δ·R / ‖R‖². 1 if it ends where C does in that direction; nil if C is A.
  public var along: Double? {
    squaredReference > 0 ? referenceProduct / squaredReference : nil
  }

  /// The norm of the part of Δ along C − A.
  public var normAlong: Double {
    squaredReference > 0 ? abs(referenceProduct) / squaredReference.squareRoot() : 0
  }

  /// The norm of the part of Δ at right angles to C − A.
  public var normOfRest: Double {
    max(0, squaredDifference - normAlong * normAlong).squareRoot()
  }

  /// The cosine of the angle between Δ and C − A; nil if one of them is all zeros.
  public var cosineWithReference: Double? {
    Self.cosine(referenceProduct, squaredDifference, squaredReference)
  }

  private static func cosine(_ product: Double, _ left: Double, _ right: Double) -> Double? {
    guard left > 0, right > 0 else { return nil }
    return max(-1, min(1, product / (left.squareRoot() * right.squareRoot())))
  }
}

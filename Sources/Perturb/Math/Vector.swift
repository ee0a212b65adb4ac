import RealModule

/// Row kernels. `Relaxed` lets the compiler reorder and fuse sums, so that reductions vectorise; the
/// order it picks is fixed at compile time, so results still repeat bit for bit.
enum Vector {
  /// The scalar product.
  static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    Float(sumOfProducts(a, b))
  }

  /// The sum of squares.
  static func squaredNorm(_ a: Span<Float>) -> Double {
    sumOfProducts(a, a)
  }

  /// The scalar product, added up in double precision over pieces of 4096 elements: vectors may be as long as a model.
  static func sumOfProducts(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    precondition(a.count == b.count)
    var total = 0.0
    var start = 0
    while start < a.count {
      let piece = start..<min(a.count, start + 4096)
      total += Double(sumOfProducts(ofPiece: a.extracting(piece), b.extracting(piece)))
      start = piece.upperBound
    }
    return total
  }

  private static func sumOfProducts(ofPiece a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count)
    var sum: Float = 0
    for index in a.indices { sum = Relaxed.multiplyAdd(a[index], b[index], sum) }
    return sum
  }

  /// `y += scale · x`.
  static func add(_ x: Span<Float>, scale: Float, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count)
    for index in x.indices { y[index] = Relaxed.multiplyAdd(scale, x[index], y[index]) }
  }

  /// e to the power x, relative error below 1e-7, for |x| ≤ 87; saturates beyond.
  ///
  /// Branchless, so that loops over it vectorise: reduce by multiples of ln 2 (split in two parts
  /// for accuracy), a degree-6 polynomial, and the exponent put together from bits.
  @inline(__always)
  static func exponential(_ x: Float) -> Float {
    let clamped = min(max(x, -87), 88)
    let shifted = clamped * 1.442_695_04 + 12_582_912  // adding 1.5 · 2²³ rounds to an integer
    let count = shifted - 12_582_912
    let high = clamped - count * 0.693_359_375
    let r = high + count * 2.121_944_4e-4
    var p: Float = 1.388_888_9e-3
    p = Relaxed.multiplyAdd(p, r, 8.333_333_3e-3)
    p = Relaxed.multiplyAdd(p, r, 4.166_666_6e-2)
    p = Relaxed.multiplyAdd(p, r, 1.666_666_7e-1)
    p = Relaxed.multiplyAdd(p, r, 0.5)
    p = Relaxed.multiplyAdd(p, r, 1)
    p = Relaxed.multiplyAdd(p, r, 1)
    let exponent = Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23)
    return p * exponent
  }

  /// The hyperbolic tangent, error below 3e-7 of the result: a polynomial near 0, where the exponential would
  /// cancel. Branchless as well.
  @inline(__always)
  static func hyperbolicTangent(_ x: Float) -> Float {
    let square = x * x
    var p: Float = -5.704_988_7e-3
    p = Relaxed.multiplyAdd(p, square, 2.063_908_9e-2)
    p = Relaxed.multiplyAdd(p, square, -5.373_971_6e-2)
    p = Relaxed.multiplyAdd(p, square, 1.333_144_2e-1)
    p = Relaxed.multiplyAdd(p, square, -3.333_328_2e-1)
    let near = Relaxed.multiplyAdd(p * square, x, x)
    let far = 1 - 2 / (exponential(2 * abs(x)) + 1)
    return abs(x) < 0.625 ? near : (x < 0 ? -far : far)
  }

  /// The largest element; rows are never empty.
  static func maximum(_ a: Span<Float>) -> Float {
    var largest = -Float.infinity
    for index in a.indices { largest = max(largest, a[index]) }
    return largest
  }

  /// The index of the largest element, the first one in case of a tie.
  static func indexOfMaximum(_ a: Span<Float>) -> Int {
    var best = 0
    for index in a.indices where a[index] > a[best] { best = index }
    return best
  }

  /// The natural logarithm of the sum of exponentials, in a way that does not overflow.
  static func logSumExp(_ a: Span<Float>) -> Float {
    let largest = maximum(a)
    var sum: Float = 0
    for index in a.indices { sum = Relaxed.sum(sum, exponential(a[index] - largest)) }
    return largest + Float.log(sum)
  }
}

// MARK: - Whole vectors

extension [Float] {
  /// The Euclidean norm, added up in double precision.
  var norm: Double { Vector.squaredNorm(span).squareRoot() }

  /// The vector divided by its norm; zero stays zero.
  var normalised: [Float] {
    let norm = norm
    guard norm > 0, norm.isFinite else { return [Float](repeating: 0, count: count) }
    var result = self
    result.scale(by: Float(1 / norm))
    return result
  }

  /// Multiplies every element.
  mutating func scale(by factor: Float) {
    for index in indices { self[index] *= factor }
  }

  /// `self += scale · other`.
  mutating func add(_ other: [Float], scale: Float) {
    var target = mutableSpan
    Vector.add(other.span, scale: scale, to: &target)
  }
}

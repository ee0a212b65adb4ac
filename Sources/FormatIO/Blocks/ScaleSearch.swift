/// Scales for groups of numbers that are stored in few bits: the searches of ggml's reference encoder
/// without an importance matrix.
enum ScaleSearch {
  /// A scale, the number to be subtracted, and the codes.
  struct Fit {
    var scale: Float = 0
    var minimum: Float = 0
    var codes: [Int32]
  }

  /// What is to be small.
  enum ErrorMeasure {
    /// Σ|x|·|e|.
    case absolute
    /// Σ(rms + |x|)·e².
    case squared
  }

  /// x ≈ scale · q − minimum with q from 0 to `levels` and minimum ≥ 0.
  ///
  /// Tries `levels + start`, then in steps of a tenth, as the number of steps between the smallest and the
  /// largest number; for the codes of each, scale and minimum follow by least squares.
  static func withMinimum(
    _ x: UnsafePointer<Float>, _ count: Int, levels: Int32, start: Float, steps: Int,
    error: ErrorMeasure
  ) -> Fit {
    var fit = Fit(codes: [Int32](repeating: 0, count: count))
    var (low, high) = BlockValues.range(x, count)
    low = min(low, 0)
    guard high > low else {
      fit.minimum = -low
      return fit
    }
    var squares: Float = 0
    for index in 0..<count { squares += x[index] * x[index] }
    let base = error == .squared ? (squares / Float(count)).squareRoot() : 0
    func weight(_ index: Int) -> Float { base + abs(x[index]) }
    func loss(_ codes: [Int32], _ scale: Float, _ low: Float) -> Float {
      var sum: Float = 0
      for index in 0..<count {
        let miss = scale * Float(codes[index]) + low - x[index]
        sum += weight(index) * (error == .squared ? miss * miss : abs(miss))
      }
      return sum
    }
    func codes(_ perUnit: Float) -> [Int32] {
      (0..<count).map { BlockValues.nearest(perUnit * (x[$0] - low), 0, levels) }
    }
    var (sumW, sumX): (Float, Float) = (0, 0)
    for index in 0..<count {
      sumW += weight(index)
      sumX += weight(index) * x[index]
    }
    let first = Float(levels) / (high - low)
    (fit.scale, fit.codes) = (1 / first, codes(first))
    var (bestLow, best) = (low, loss(fit.codes, fit.scale, low))
    for step in 0...steps {
      let tried = codes((start + 0.1 * Float(step) + Float(levels)) / (high - low))
      var (sumL, sumLL, sumXL): (Float, Float, Float) = (0, 0, 0)
      for index in 0..<count {
        let (l, w) = (Float(tried[index]), weight(index))
        sumL += w * l
        sumLL += w * l * l
        sumXL += w * l * x[index]
      }
      let determinant = sumW * sumLL - sumL * sumL
      guard determinant > 0 else { continue }
      var scale = (sumW * sumXL - sumX * sumL) / determinant
      var bottom = (sumLL * sumX - sumL * sumXL) / determinant
      if bottom > 0 { (scale, bottom) = (sumXL / sumLL, 0) }
      let missed = loss(tried, scale, bottom)
      if missed < best { (best, bestLow, fit.scale, fit.codes) = (missed, bottom, scale, tried) }
    }
    fit.minimum = -bestLow
    return fit
  }

  /// x ≈ scale · q with q from −`levels` to `levels` − 1, weighed by x².
  ///
  /// Tries the extreme on the lower end of the codes and up to 0.9 of a code beside it.
  static func symmetric(_ x: UnsafePointer<Float>, _ count: Int, levels: Int32) -> Fit {
    var fit = Fit(codes: [Int32](repeating: 0, count: count))
    let extreme = BlockValues.extreme(x, count)
    guard abs(extreme) >= 1e-15 else { return fit }
    var best: Float = 0
    for step in [0] + (-9 ... -1) + (1...9) {
      let perUnit = -(Float(levels) + 0.1 * Float(step)) / extreme
      let codes = (0..<count).map { BlockValues.nearest(perUnit * x[$0], -levels, levels - 1) }
      let (product, square) = sums(x, codes)
      guard square > 0, step == 0 || product * product > best * square else { continue }
      (fit.scale, fit.codes, best) = (product / square, codes, product * product / square)
    }
    return fit
  }

  /// The same by changing single codes as long as it helps, five times at most.
  static func symmetricByDescent(_ x: UnsafePointer<Float>, _ count: Int, levels: Int32) -> Fit {
    var fit = Fit(codes: [Int32](repeating: 0, count: count))
    let extreme = BlockValues.extreme(x, count)
    guard abs(extreme) >= 1e-15 else { return fit }
    let perUnit = -Float(levels) / extreme
    fit.codes = (0..<count).map { BlockValues.nearest(perUnit * x[$0], -levels, levels - 1) }
    var (product, square) = sums(x, fit.codes)
    for _ in 0..<5 {
      var changed = false
      for index in 0..<count {
        let (w, l) = (x[index] * x[index], Float(fit.codes[index]))
        var others = product - w * x[index] * l
        guard others > 0 else { continue }
        var otherSquare = square - w * l * l
        let code = BlockValues.nearest(x[index] * otherSquare / others, -levels, levels - 1)
        guard code != fit.codes[index] else { continue }
        others += w * x[index] * Float(code)
        otherSquare += w * Float(code) * Float(code)
        if otherSquare > 0, others * others * square > product * product * otherSquare {
          (product, square, fit.codes[index], changed) = (others, otherSquare, code, true)
        }
      }
      if !changed { break }
    }
    fit.scale = square > 0 ? product / square : 0
    return fit
  }

  /// The scale of largest magnitude, the first of several, with its sign.
  static func extremeScale(_ fits: [Fit]) -> Float {
    fits.reduce(0) { abs($1.scale) > abs($0) ? $1.scale : $0 }
  }

  /// Scales as multiples of a common one, 0 to `levels`; the largest gets the highest.
  static func rounded(_ scales: [Float], _ levels: Int32) -> (codes: [Int32], unit: Float) {
    let largest = scales.max() ?? 0
    guard largest > 0 else { return ([Int32](repeating: 0, count: scales.count), 0) }
    let inverse = Float(levels) / largest
    return (scales.map { BlockValues.nearest(inverse * $0, 0, levels) }, largest / Float(levels))
  }

  /// Σx²·x·q and Σx²·q².
  private static func sums(_ x: UnsafePointer<Float>, _ codes: [Int32])
    -> (product: Float, square: Float)
  {
    var (product, square): (Float, Float) = (0, 0)
    for index in codes.indices {
      let (w, l) = (x[index] * x[index], Float(codes[index]))
      product += w * x[index] * l
      square += w * l * l
    }
    return (product, square)
  }
}

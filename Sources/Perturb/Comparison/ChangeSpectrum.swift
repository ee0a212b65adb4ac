import FormatIO
import RealModule

/// The singular values of the change of one matrix.
///
/// Small matrices: those of a triangle that tiles of Δ are folded into one by one, exact to rounding. Larger ones: ΔᵀΔ is applied a few times to
/// random directions (Halko, Martinsson and Tropp 2011, subspace iteration), which needs some passes over Δ and no
/// more memory than the directions take.
struct ChangeSpectrum {
  /// Matrices with at most so many rows or columns are computed exactly.
  private static let exactSize = 1024
  /// Directions besides those that are reported, for accuracy.
  private static let extraDirections = 16
  /// How often ΔᵀΔ is applied before the values are taken.
  private static let iterations = 3
  /// About so many numbers of Δ are in memory at once.
  private static let tileSize = 1 << 20

  private let pair: ComparedPair
  private let rows, columns: Int
  /// ‖Δ‖².
  private let squaredNorm: Double

  /// Nil if the pair is no matrix that changed, or has no numbers that can be unpacked.
  init?(_ pair: ComparedPair, _ sums: DifferenceSums) {
    guard pair.isDecoded, pair.shape.count == 2, pair.shape.allSatisfy({ $0 > 1 }),
      sums.squaredDifference > 0, sums.squaredDifference.isFinite
    else { return nil }
    (self.pair, squaredNorm) = (pair, sums.squaredDifference)
    (rows, columns) = (pair.shape[0], pair.shape[1])
  }

  /// The shares of so many values; nil if the eigenvalues were not found.
  ///
  /// - Throws: `InputError` if a file changed since it was opened.
  func shares(_ count: Int) throws -> TensorDifference.Spectrum? {
    let isExact = min(rows, columns) <= Self.exactSize
    guard let squares = try isExact ? exactSquares() : estimatedSquares(count) else { return nil }
    var (shares, sum) = ([Double](), 0.0)
    for square in squares.prefix(count) {
      sum += square
      shares.append(min(1, sum / squaredNorm))
    }
    var values = squares.map { $0.squareRoot() }
    if !isExact {
      let rest = max(0, squaredNorm - squares.reduce(0, +))
      let count = min(rows, columns) - squares.count
      values += Array(repeating: (rest / Double(count)).squareRoot(), count: count)
    }
    return .init(
      shares: shares, effectiveRank: Self.effectiveRank(values), isEstimate: !isExact)
  }

  /// exp of the entropy of the values as shares of their sum.
  static func effectiveRank(_ values: [Double]) -> Double {
    let total = values.reduce(0, +)
    guard total > 0 else { return 0 }
    return .exp(
      -values.reduce(0) { entropy, value in
        let share = value / total
        return share > 0 ? entropy + share * .log(share) : entropy
      })
  }

  // MARK: Exact

  private func exactSquares() throws -> [Double]? {
    let size = min(rows, columns)
    let isTall = columns <= rows
    var triangle = [Double](repeating: 0, count: size * size)
    // Tiles of whole rows, or of whole columns.
    let (length, depth) = (max(rows, columns), max(256, Self.tileSize / size / 256 * 256))
    for start in stride(from: 0, to: length, by: depth) {
      let part = start..<min(length, start + depth)
      let tile = try change(
        rows: isTall ? part : 0..<rows, columns: isTall ? 0..<columns : part)
      triangle += isTall ? tile : Self.transposed(tile, columns: part.count)
      guard BLAS.triangularise(&triangle, columns: size) else { return nil }
    }
    return BLAS.singularValues(triangle, size: size)?.map { $0 * $0 }
  }

  private static func transposed(_ tile: [Double], columns: Int) -> [Double] {
    let rows = tile.count / columns
    return [Double](unsafeUninitializedCapacity: tile.count) { output, count in
      count = tile.count
      tile.withUnsafeBufferPointer { tile in
        for column in 0..<columns {
          for row in 0..<rows { output[column * rows + row] = tile[row * columns + column] }
        }
      }
    }
  }

  // MARK: Estimated

  private func estimatedSquares(_ count: Int) throws -> [Double]? {
    let directions = min(count + Self.extraDirections, min(rows, columns))
    var random = RandomSource(seed: 0, stream: UInt64(truncatingIfNeeded: rows &* columns))
    // Row by row one direction each.
    var v = random.normal(directions * columns, deviation: 1).map(Double.init)
    Self.orthonormalise(&v, count: directions)
    let height = max(1, Self.tileSize / columns)
    for pass in 0...Self.iterations {
      let isLast = pass == Self.iterations
      var next = [Double](repeating: 0, count: isLast ? directions * directions : v.count)
      for start in stride(from: 0, to: rows, by: height) {
        let part = start..<min(rows, start + height)
        let tile = try change(rows: part, columns: 0..<columns)
        // The tile times the directions: rows × directions.
        var product = [Double](repeating: 0, count: part.count * directions)
        BLAS.add(
          tile, stride: columns, times: v, stride: columns, transposingSecond: true,
          rows: part.count,
          columns: directions, depth: columns, to: &product)
        if isLast {
          BLAS.addGram(
            product, stride: directions, ofColumns: true, size: directions, depth: part.count,
            to: &next)
        } else {
          BLAS.add(
            product, stride: directions, transposingFirst: true, times: tile, stride: columns,
            rows: directions, columns: columns, depth: part.count, to: &next)
        }
      }
      if isLast {
        // Rounding may leave a little below zero.
        return BLAS.eigenvalues(next, size: directions)?.reversed().map { max(0, $0) }
      }
      v = next
      Self.orthonormalise(&v, count: directions)
    }
    return nil
  }

  /// Makes rows of equal length orthonormal, one after the other; a second round takes away what rounding left.
  private static func orthonormalise(_ rows: inout [Double], count: Int) {
    let width = rows.count / count
    rows.withUnsafeMutableBufferPointer { values in
      for row in 0..<count {
        let own = values.extracting(row * width..<(row + 1) * width)
        for _ in 0..<2 {
          for other in 0..<row {
            let before = values.extracting(other * width..<(other + 1) * width)
            let overlap = dot(own, before)
            for index in 0..<width {
              own[index] = Relaxed.multiplyAdd(-overlap, before[index], own[index])
            }
          }
        }
        let norm = dot(own, own).squareRoot()
        for index in 0..<width { own[index] = norm > 0 ? own[index] / norm : 0 }
      }
    }
  }

  private static func dot(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    var sum = 0.0
    for index in 0..<a.count { sum = Relaxed.multiplyAdd(a[index], b[index], sum) }
    return sum
  }

  // MARK: Tiles

  /// A rectangle of Δ, row after row; 0 where a side is not finite.
  private func change(rows: Range<Int>, columns: Range<Int>) throws -> [Double] {
    var result = [Double](repeating: 0, count: rows.count * columns.count)
    var other = [Double](repeating: 0, count: columns.count)
    try pair.withBytes { a, b in
      result.withUnsafeMutableBufferPointer { result in
        other.withUnsafeMutableBufferPointer { other in
          for (place, row) in rows.enumerated() {
            let start = row * self.columns
            let range = start + columns.lowerBound..<start + columns.upperBound
            let output = result.extracting(place * columns.count..<(place + 1) * columns.count)
            pair.a.read(range, of: a, into: other)
            pair.b.read(range, of: b, into: output)
            for index in 0..<output.count {
              let difference = output[index] - other[index]
              output[index] = difference.isFinite ? difference : 0
            }
          }
        }
      }
    }
    return result
  }
}

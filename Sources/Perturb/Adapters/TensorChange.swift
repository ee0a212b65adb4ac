import FormatIO

/// What an adapter does to one tensor of its base, in the layout that the tensor has in its file.
struct TensorChange: Sendable {
  /// A tensor of the adapter that takes the place of the whole tensor.
  var replacement: TensorInfo?
  /// What is added to each element.
  var addition: [Float]?
  /// A matrix of low rank that is added.
  var product: LowRankProduct?
  /// What each output is multiplied by in the end (DoRA).
  var multipliers: [Float]?
  /// True if the factors are those of an embedding.
  var isEmbedding = false
}

/// A matrix of low rank as its factors: scale · left · right, rows × columns of the stored tensor.
public struct LowRankProduct: Sendable, Equatable {
  let rank: Int
  let scale: Float
  /// rows × rank.
  let left: [Float]
  /// rank × columns.
  let right: [Float]
  /// True if outputs are the columns of the stored tensor.
  var isTransposed = false

  var rows: Int { left.count / rank }
  var columns: Int { right.count / rank }

  /// The rows of a matrix as columns.
  static func transposed(_ values: [Float], rows: Int) -> [Float] {
    let columns = values.count / rows
    var result = [Float](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  /// Two matrices of as many rows, the second one to the right of the first.
  static func besideEachOther(
    _ left: [Float], _ leftColumns: Int, _ right: [Float], _ rightColumns: Int, rows: Int
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(left.count + right.count)
    for row in 0..<rows {
      result += left[row * leftColumns..<(row + 1) * leftColumns]
      result += right[row * rightColumns..<(row + 1) * rightColumns]
    }
    return result
  }

  /// Adds some rows to `values`, which hold those rows of a matrix.
  func add(rows: Range<Int>, to values: UnsafeMutableBufferPointer<Float>) {
    let part =
      rows.count == self.rows ? left : Array(left[rows.lowerBound * rank..<rows.upperBound * rank])
    BLAS.accumulateLowRank(b: part, a: right, rank: rank, scale: scale, into: values)
  }
}

extension TensorChange {
  /// Changes consecutive elements of the tensor, which come as the base has them.
  ///
  /// Sums are in single precision. A matrix is added in one rounding for each number, so the result
  /// is within one unit in the last place of a product that is rounded before it is added.
  func apply(
    to values: inout MutableSpan<Float>, _ tensor: TensorInfo, _ elements: Range<Int>,
    from files: Checkpoint
  ) throws {
    if let replacement { try files.readFloats(replacement, elements: elements, into: &values) }
    if let addition { Vector.add(addition.span.extracting(elements), scale: 1, to: &values) }
    guard let product, !elements.isEmpty else { return }
    let columns = product.columns
    let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
    let isWhole =
      rows.lowerBound * columns == elements.lowerBound
      && rows.upperBound * columns == elements.upperBound
    values.withUnsafeMutableBufferPointer { values in
      if isWhole {
        product.add(rows: rows, to: values)
      } else {
        var whole = [Float](repeating: 0, count: rows.count * columns)
        whole.withUnsafeMutableBufferPointer { product.add(rows: rows, to: $0) }
        let start = elements.lowerBound - rows.lowerBound * columns
        for index in values.indices { values[index] += whole[start + index] }
      }
      guard let multipliers else { return }
      for index in values.indices {
        let element = elements.lowerBound + index
        values[index] *= multipliers[product.isTransposed ? element % columns : element / columns]
      }
    }
  }

  /// The multipliers of DoRA: m / ‖W + s·B·A‖ for each output.
  ///
  /// - Parameters:
  ///   - magnitudes: m, a number for each output.
  ///   - values: W as the base has it, quantised numbers unpacked.
  static func multipliers(_ magnitudes: [Float], _ product: LowRankProduct, _ values: [Float])
    -> [Float]
  {
    var sum = values
    sum.withUnsafeMutableBufferPointer { product.add(rows: 0..<product.rows, to: $0) }
    var squares = [Double](repeating: 0, count: magnitudes.count)
    for row in 0..<product.rows {
      for column in 0..<product.columns {
        let value = Double(sum[row * product.columns + column])
        squares[product.isTransposed ? column : row] += value * value
      }
    }
    return zip(magnitudes, squares).map { $0 / Float($1.squareRoot()) }
  }
}

import RealModule

/// Root-mean-square normalisation (Zhang and Sennrich 2019).
///
///     y = x · r · w,   r = 1 / √(mean(x²) + ε)      per token
enum Normalization {
  /// x and y are tokens × channels, weight has one number per channel.
  static func forward(_ x: Matrix, weight: [Float], epsilon: Float, into y: inout Matrix) {
    y.updateParts { row, y in forward(x, row, weight, epsilon, &y) }
  }

  /// The same for products of one precision.
  static func forward(
    _ x: Matrix, weight: [Float], epsilon: Float, for precision: Precision
  ) -> Operand {
    Operand.computing(rows: x.rows, columns: x.columns, for: precision) { row, y in
      var y = y.mutableSpan
      forward(x, row, weight, epsilon, &y)
    }[0]
  }

  private static func forward(
    _ x: Matrix, _ row: Int, _ weight: [Float], _ epsilon: Float, _ y: inout MutableSpan<Float>
  ) {
    let x = x.values.span.extracting(row * x.columns..<(row + 1) * x.columns)
    let weight = weight.span.extracting(0..<x.count)
    let scale = inverseRoot(x, epsilon)
    for column in 0..<x.count { y[column] = x[column] * scale * weight[column] }
  }

  /// Adds the gradient with respect to x to `dx`; returns that of the weight, or nothing unless it
  /// is wanted.
  ///
  ///     dx = r · (dy∘w − x · r² · mean(dy∘w∘x)),   dw = Σ over tokens of dy∘x·r
  static func backward(
    _ dy: Matrix, x: Matrix, weight: [Float], epsilon: Float, adding dx: inout Matrix,
    wantsWeight: Bool
  ) -> [Float] {
    let columns = x.columns
    dx.updateParts { row, dx in
      let range = row * columns..<(row + 1) * columns
      let (x, dy) = (x.values.span.extracting(range), dy.values.span.extracting(range))
      let weight = weight.span
      let scale = inverseRoot(x, epsilon)
      var sum: Float = 0
      for column in 0..<columns {
        sum = Relaxed.multiplyAdd(dy[column] * weight[column], x[column], sum)
      }
      let shared = scale * scale * sum / Float(columns)
      for column in 0..<columns {
        dx[column] += scale * (dy[column] * weight[column] - x[column] * shared)
      }
    }
    guard wantsWeight else { return [] }
    var sums = [Float](repeating: 0, count: columns)
    for row in 0..<x.rows {
      let range = row * columns..<(row + 1) * columns
      let (x, dy) = (x.values.span.extracting(range), dy.values.span.extracting(range))
      let scale = inverseRoot(x, epsilon)
      for column in 0..<columns { sums[column] += dy[column] * x[column] * scale }
    }
    return sums
  }

  private static func inverseRoot(_ x: Span<Float>, _ epsilon: Float) -> Float {
    1 / (Vector.dot(x, x) / Float(x.count) + epsilon).squareRoot()
  }
}

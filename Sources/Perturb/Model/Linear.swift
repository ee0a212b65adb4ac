/// A linear layer: y = x · wᵀ + bias, with x tokens × inputs, w outputs × inputs, y tokens × outputs.
enum Linear {
  /// Computes y.
  static func forward(_ x: Matrix, weight: WeightMatrix, bias: [Float]?, into y: inout Matrix) {
    weight.multiply(x, into: &y)
    guard let bias else { return }
    let columns = y.columns
    y.updateRows { rows, output in
      let bias = bias.span
      for start in stride(from: 0, to: rows.count * columns, by: columns) {
        for column in 0..<columns { output[start + column] += bias[column] }
      }
    }
  }

  /// Adds `dy · w` to dx, and the gradients of weight and bias to `gradient`.
  static func backward(
    _ dy: Matrix, x: Matrix, weight: WeightMatrix, slot: ModelSlot, biasSlot: ModelSlot,
    adding dx: inout Matrix, into gradient: inout Gradient
  ) {
    gradient.add(slot, dy: dy, x: x)
    gradient.add(biasSlot, columnSumsOf: dy)
    weight.accumulate(dy, into: &dx)
  }
}

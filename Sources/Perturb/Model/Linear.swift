/// A linear layer: y = x · wᵀ + bias, with x tokens × inputs, w outputs × inputs, y tokens × outputs.
enum Linear {
  /// Computes y.
  static func forward(_ x: Operand, weight: WeightMatrix, bias: [Float]?, into y: inout Matrix) {
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
    _ dy: Operand, x: Operand, weight: WeightMatrix, slot: ModelSlot, biasSlot: ModelSlot,
    adding dx: inout Matrix, into gradient: inout Gradient
  ) {
    let pulled = weight.change?.pull(dy)
    gradient.add(
      slot, dy: dy, x: x, precision: weight.elements.precision, change: weight.change,
      pulled: pulled)
    gradient.add(biasSlot, columnSumsOf: dy.matrix)
    weight.accumulate(dy, pulled: pulled, into: &dx)
  }
}

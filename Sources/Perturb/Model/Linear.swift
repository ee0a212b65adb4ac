/// A linear layer: y = x · wᵀ + bias, with x tokens × inputs, w outputs × inputs, y tokens × outputs.
enum Linear {
  /// Computes y. Returns what the weight's low-rank change makes of x on the way, if it has one.
  @discardableResult
  static func forward(
    _ x: Operand, weight: WeightMatrix, bias: [Float]?, into y: inout Matrix
  ) -> Matrix? {
    let projected = weight.multiply(x, into: &y)
    guard let bias else { return projected }
    y.updateParts { _, output in Vector.add(bias.span, scale: 1, to: &output) }
    return projected
  }

  /// Adds the gradients of weight and bias to `gradient`; returns the layer's part of the gradient of x.
  /// `projected` is what the forward pass returned, if it was kept.
  static func backward(
    _ dy: Operand, x: Operand, projected: Matrix?, weight: WeightMatrix, slot: ModelSlot,
    biasSlot: ModelSlot?, into gradient: inout Gradient
  ) -> WeightMatrix.Pullback {
    let pulled = weight.change?.pull(dy)
    gradient.add(
      slot, dy: dy, x: x, precision: weight.elements.precision, change: weight.change,
      projected: projected, pulled: pulled)
    if let biasSlot { gradient.add(biasSlot, columnSumsOf: dy) }
    return WeightMatrix.Pullback(weight: weight, dy: dy, pulled: pulled)
  }
}

import FormatIO
import Testing

@testable import Perturb

/// Are the products of the linear layer right, and are their gradients?
@Suite struct LinearTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let tokens, inputs, outputs: Int
    var testDescription: String { "\(tokens) × \(inputs) → \(outputs)" }
  }

  static let shapes = [
    Shape(tokens: 1, inputs: 1, outputs: 1), Shape(tokens: 3, inputs: 7, outputs: 5),
    Shape(tokens: 17, inputs: 2, outputs: 11), Shape(tokens: 5, inputs: 19, outputs: 201),
  ]

  @Test(arguments: shapes, [true, false])
  func forwardMatchesTheDefinition(_ shape: Shape, hasBias: Bool) {
    let layer = Layer(shape, hasBias: hasBias)
    let y = layer.output(layer.x, layer.weight, layer.bias)
    for token in 0..<shape.tokens {
      for output in 0..<shape.outputs {
        var sum = hasBias ? Double(layer.bias?[output] ?? 0) : 0
        for input in 0..<shape.inputs {
          sum += Double(layer.x[token, input]) * Double(layer.weight[output * shape.inputs + input])
        }
        #expect(abs(Double(y[token, output]) - sum) < 1e-4)
      }
    }
  }

  @Test(arguments: shapes, [true, false])
  func gradientsMatchDifferences(_ shape: Shape, hasBias: Bool) throws {
    let layer = Layer(shape, hasBias: hasBias)
    let dy = GradientCheck.normal(rows: shape.tokens, columns: shape.outputs, seed: 4)
    let space = layer.space(biasToo: hasBias)
    var gradient = Gradient(at: space.origin)
    let part = Linear.backward(
      Operand(dy), x: Operand(layer.x), projected: nil, weight: layer.matrix, slot: Layer.slot,
      biasSlot: Layer.biasSlot, into: &gradient)
    let dx = WeightMatrix.inputGradient([part], inputs: shape.inputs)
    try GradientCheck.expectMatch(dx.values, at: layer.x.values, "dx") { values in
      let x = Matrix(rows: shape.tokens, columns: shape.inputs, values: values)
      return GradientCheck.project(layer.output(x, layer.weight, layer.bias), on: dy)
    }
    let dw = gradient.values[0..<layer.weight.count]
    try GradientCheck.expectMatch(dw, at: layer.weight, "dw") { weight in
      GradientCheck.project(layer.output(layer.x, weight, layer.bias), on: dy)
    }
    guard let bias = layer.bias else { return }
    let db = gradient.values[layer.weight.count..<space.count]
    try GradientCheck.expectMatch(db, at: bias, "db") { bias in
      GradientCheck.project(layer.output(layer.x, layer.weight, bias), on: dy)
    }
  }

  @Test func gradientsOfSeveralPassesAddUp() {
    let layer = Layer(Shape(tokens: 4, inputs: 3, outputs: 6), hasBias: true)
    let dy = GradientCheck.normal(rows: 4, columns: 6, seed: 4)
    let space = layer.space(biasToo: true)
    var gradient = Gradient(at: space.origin)
    func pass() {
      _ = Linear.backward(
        Operand(dy), x: Operand(layer.x), projected: nil, weight: layer.matrix, slot: Layer.slot,
        biasSlot: Layer.biasSlot, into: &gradient)
    }
    pass()
    let once = gradient.values
    pass()
    #expect(once.norm > 0)
    #expect(relativeDistance(gradient.values.array, once.array.map { 2 * $0 }) < 1e-6)
  }
}

/// One layer with random numbers.
private struct Layer {
  static let slot = ModelSlot.block(layer: 0, .queryWeight)
  static let biasSlot = ModelSlot.block(layer: 0, .queryBias)

  let x: Matrix
  let weight: [Float]
  let bias: [Float]?

  init(_ shape: LinearTests.Shape, hasBias: Bool) {
    x = GradientCheck.normal(rows: shape.tokens, columns: shape.inputs, seed: 1)
    weight = GradientCheck.normal(shape.inputs * shape.outputs, seed: 2)
    bias = hasBias ? GradientCheck.normal(shape.outputs, seed: 3) : nil
  }

  var outputs: Int { weight.count / x.columns }

  var matrix: WeightMatrix { WeightMatrix(elements: .float32(weight)) }

  func output(_ x: Matrix, _ weight: [Float], _ bias: [Float]?) -> Matrix {
    var y = Matrix(rows: x.rows, columns: outputs)
    Linear.forward(
      Operand(x), weight: WeightMatrix(elements: .float32(weight)), bias: bias, into: &y)
    return y
  }

  func space(biasToo: Bool) -> ParameterSpace {
    let weight = (slot: Layer.slot, name: "w" as TensorName, outputs: outputs, inputs: x.columns)
    let bias = (slot: Layer.biasSlot, name: "b" as TensorName, outputs: 1, inputs: outputs)
    return ParameterSpace(tensors: biasToo ? [weight, bias] : [weight], parametrisation: .full)
  }
}

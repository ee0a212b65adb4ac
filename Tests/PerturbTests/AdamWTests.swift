import RealModule
import Testing

@testable import Perturb

/// Does the optimiser follow its published rule, decay and bias correction included?
@Suite struct AdamWTests {
  @Test(arguments: [1, 5, 70_001], [0, 0.1] as [Float])
  func stepsMatchADoublePrecisionLoop(count: Int, decay: Float) {
    let start = GradientCheck.normal(count, seed: 1)
    var values = ParameterVector(start)
    var optimiser = AdamW(count: count, learningRate: 0.01, weightDecay: decay)
    var (w, m) = (start.map(Double.init), [Double](repeating: 0, count: count))
    var v = m
    for step in 1...20 {
      let gradient = GradientCheck.normal(count, seed: UInt64(100 + step), deviation: 0.1)
      // A rate that falls, as in the default recipe.
      let rate = 1 - Float(step) / 25
      optimiser.update(&values, gradient: ParameterVector(gradient), rate: rate)
      let eta = 0.01 * Double(rate)
      for index in 0..<count {
        let g = Double(gradient[index])
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.999 * v[index] + 0.001 * g * g
        let mHat = m[index] / (1 - .pow(0.9, step))
        let vHat = v[index] / (1 - .pow(0.999, step))
        w[index] -= eta * (Double(decay) * w[index] + mHat / (vHat.squareRoot() + 1e-8))
      }
    }
    let worst = zip(values.array, w).map { abs(Double($0) - $1) }.max() ?? .infinity
    #expect(worst < 2e-5)
  }

  @Test func theFirstStepHasTheLengthOfTheLearningRate() {
    var moved = ParameterVector([1, 1, 1])
    var optimiser = AdamW(count: 3, learningRate: 0.5)
    optimiser.update(&moved, gradient: ParameterVector([1e-3, -40, 0]))
    let values = moved.array
    #expect(abs(values[0] - 0.5) < 1e-4 && abs(values[1] - 1.5) < 1e-4 && values[2] == 1)
  }
}

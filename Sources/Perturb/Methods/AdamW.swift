import RealModule

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), over a flat vector.
struct AdamW {
  var learningRate: Float
  var weightDecay: Float = 0
  private let beta1: Float = 0.9
  private let beta2: Float = 0.999
  private let epsilon: Float = 1e-8
  private var mean: [Float]
  private var variance: [Float]
  private var step = 0

  init(count: Int, learningRate: Float, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    mean = [Float](repeating: 0, count: count)
    variance = mean
  }

  /// Moves `values` against `gradient`; `rate` scales the learning rate of this step.
  ///
  ///     m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − η·(decay·w + m̂ / (√v̂ + ε))
  mutating func update(_ values: inout [Float], gradient: [Float], rate: Float = 1) {
    step += 1
    let correction1 = 1 - Float.pow(beta1, Float(step))
    let correction2 = (1 - Float.pow(beta2, Float(step))).squareRoot()
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    let stepSize = learningRate * rate
    let decay = 1 - stepSize * weightDecay
    mean.withUnsafeMutableBufferPointer { meanBuffer in
      variance.withUnsafeMutableBufferPointer { varianceBuffer in
        values.withUnsafeMutableBufferPointer { valueBuffer in
          nonisolated(unsafe) let (meanBuffer, varianceBuffer) = (meanBuffer, varianceBuffer)
          nonisolated(unsafe) let valueBuffer = valueBuffer
          Parallel.forEachRange(gradient.count, size: 1 << 16) { range in
            var m = meanBuffer.extracting(range).mutableSpan
            var v = varianceBuffer.extracting(range).mutableSpan
            var w = valueBuffer.extracting(range).mutableSpan
            let g = gradient.span.extracting(range)
            for index in g.indices {
              m[index] = beta1 * m[index] + (1 - beta1) * g[index]
              v[index] = beta2 * v[index] + (1 - beta2) * g[index] * g[index]
              let scale = v[index].squareRoot() / correction2 + epsilon
              w[index] = decay * w[index] - stepSize * (m[index] / correction1) / scale
            }
          }
        }
      }
    }
  }
}

import RealModule

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), over a flat vector.
struct AdamW {
  var learningRate: Float
  var weightDecay: Float = 0
  private let beta1: Float = 0.9
  private let beta2: Float = 0.999
  private let epsilon: Float = 1e-8
  private var mean: ParameterVector
  private var variance: ParameterVector
  private var step = 0

  init(count: Int, learningRate: Float, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    mean = ParameterVector(zeros: count)
    variance = mean
  }

  /// Moves `values` against `gradient`; `rate` scales the learning rate of this step.
  ///
  ///     m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − η·(decay·w + m̂ / (√v̂ + ε))
  mutating func update(
    _ values: inout ParameterVector, gradient: ParameterVector, rate: Float = 1
  ) {
    step += 1
    let correction1 = 1 - Float.pow(beta1, Float(step))
    let correction2 = (1 - Float.pow(beta2, Float(step))).squareRoot()
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    let stepSize = learningRate * rate
    let decay = 1 - stepSize * weightDecay
    for stretch in gradient.stretches {
      gradient.withPart(stretch) { gradient in
        gradient.withUnsafeBufferPointer { g in
          mean.withMutablePart(stretch) { m in
            variance.withMutablePart(stretch) { v in
              values.withMutablePart(stretch) { w in
                nonisolated(unsafe) let (g, m, v, w) = (g, m, v, w)
                Parallel.forEachRange(stretch.count, size: 1 << 16) { range in
                  let g = g.extracting(range).span
                  var m = m.extracting(range).mutableSpan
                  var v = v.extracting(range).mutableSpan
                  var w = w.extracting(range).mutableSpan
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
    }
  }
}

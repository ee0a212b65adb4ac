import RealModule

/// Normalisation of each token's channels, or of each head's.
///
///     y = (x − m) · r · w + b
///
/// By root mean square (Zhang and Sennrich 2019): m = 0, r = 1 / √(mean(x²) + ε), and no b. As a layer (Ba et
/// al. 2016): m = mean(x), r = 1 / √(mean((x − m)²) + ε).
struct Normalization {
  /// What is divided by.
  enum Form: Sendable {
    case rootMeanSquare, layer
  }

  var form = Form.rootMeanSquare
  /// One number per channel; a matrix of several times as many columns is normalised part by part.
  let weight: [Float]
  var bias: [Float]?
  let epsilon: Float

  /// x and y are tokens × channels.
  func forward(_ x: Matrix, into y: inout Matrix) {
    y.updateParts(ofWidth: weight.count) { part, y in forward(x, part, &y) }
  }

  /// The same for products of one precision.
  func forward(_ x: Matrix, for precision: Precision) -> Operand {
    let width = weight.count
    return Operand.computing(rows: x.rows, columns: x.columns, for: precision) { row, y in
      let parts = x.columns / width
      for part in 0..<parts {
        var y = y.extracting(part * width..<(part + 1) * width).mutableSpan
        forward(x, row * parts + part, &y)
      }
    }[0]
  }

  private func forward(_ x: Matrix, _ part: Int, _ y: inout MutableSpan<Float>) {
    let x = x.values.span.extracting(part * weight.count..<(part + 1) * weight.count)
    let weight = weight.span.extracting(0..<x.count)
    let (mean, scale) = moments(x)
    for column in 0..<x.count { y[column] = (x[column] - mean) * scale * weight[column] }
    guard let bias else { return }
    Vector.add(bias.span, scale: 1, to: &y)
  }

  /// Adds the gradient with respect to x to `dx`; returns those of weight and bias, or nothing unless they
  /// are wanted.
  ///
  ///     g = dy∘w,   x̂ = (x − m) · r
  ///     dx = r · (g − x̂ · mean(g∘x̂)),   and less r · mean(g) as a layer
  ///     dw = Σ over tokens of dy∘x̂,   db = Σ over tokens of dy
  func backward(_ dy: Matrix, x: Matrix, adding dx: inout Matrix, wantsWeight: Bool)
    -> (weight: [Float], bias: [Float])
  {
    let width = weight.count
    dx.updateParts(ofWidth: width) { part, dx in
      let range = part * width..<(part + 1) * width
      let (x, dy) = (x.values.span.extracting(range), dy.values.span.extracting(range))
      let weight = weight.span
      let (mean, scale) = moments(x)
      var (sum, product) = (Float(0), Float(0))
      for column in 0..<width {
        let slope = dy[column] * weight[column]
        sum = Relaxed.sum(sum, slope)
        product = Relaxed.multiplyAdd(slope, x[column] - mean, product)
      }
      let shared = scale * scale * product / Float(width)
      let common = form == .layer ? sum / Float(width) : 0
      for column in 0..<width {
        let slope = dy[column] * weight[column]
        dx[column] += scale * (slope - common - (x[column] - mean) * shared)
      }
    }
    guard wantsWeight else { return ([], []) }
    var weights = [Float](repeating: 0, count: width)
    var biases = weights
    for part in 0..<x.values.count / width {
      let range = part * width..<(part + 1) * width
      let (x, dy) = (x.values.span.extracting(range), dy.values.span.extracting(range))
      let (mean, scale) = moments(x)
      for column in 0..<width {
        weights[column] += dy[column] * (x[column] - mean) * scale
        biases[column] += dy[column]
      }
    }
    return (weights, biases)
  }

  /// m and r of some channels.
  private func moments(_ x: Span<Float>) -> (mean: Float, scale: Float) {
    guard form == .layer else {
      return (0, 1 / (Vector.dot(x, x) / Float(x.count) + epsilon).squareRoot())
    }
    var sum: Float = 0
    for index in 0..<x.count { sum = Relaxed.sum(sum, x[index]) }
    let mean = sum / Float(x.count)
    var squares: Float = 0
    for index in 0..<x.count {
      squares = Relaxed.multiplyAdd(x[index] - mean, x[index] - mean, squares)
    }
    return (mean, 1 / (squares / Float(x.count) + epsilon).squareRoot())
  }
}

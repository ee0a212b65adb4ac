import RealModule

/// The non-linear function of feed-forward layers, with or without a gate (Shazeer 2020, SwiGLU and GEGLU).
///
///     y = f(gate) ∘ up,   or y = f(gate) where there is no up
///     silu(z) = z · σ(z)
///     gelu(z) = z · Φ(z),   nearly z/2 · (1 + tanh(√(2/π) · (z + 0.044715 z³)))   (Hendrycks and Gimpel 2016)
enum Activation: Sendable {
  case silu, tanhGELU, exactGELU

  /// By the names of config.json.
  static let named: [String: Activation] = [
    "silu": .silu, "swish": .silu, "gelu_pytorch_tanh": .tanhGELU, "gelu_new": .tanhGELU,
    "gelu_fast": .tanhGELU, "gelu": .exactGELU,
  ]

  /// y for products of this precision; gate, up and y are tokens × feed-forward channels.
  func forward(gate: Operand, up: Operand?, for precision: Precision) -> Operand {
    // Only what they hold already is read.
    nonisolated(unsafe) let (gate, up) = (gate, up)
    return Operand.computing(rows: gate.rows, columns: gate.columns, for: precision) { row, y in
      gate.withRow(row) { gate in
        guard let up else { return forward(gate, nil, y) }
        up.withRow(row) { forward(gate, $0, y) }
      }
    }[0]
  }

  /// The gradients of gate and up for products of this precision, given dy.
  ///
  ///     dup = dy ∘ f(gate),   dgate = dy ∘ up ∘ f′(gate)
  func backward(_ dy: Matrix, gate: Operand, up: Operand?, for precision: Precision)
    -> (dGate: Operand, dUp: Operand?)
  {
    let columns = dy.columns
    nonisolated(unsafe) let (gate, up) = (gate, up)
    let gradients = Operand.computing(
      up == nil ? 1 : 2, rows: dy.rows, columns: columns, for: precision
    ) { row, output in
      let dy = dy.values.span.extracting(row * columns..<(row + 1) * columns)
      let dGate = output.extracting(..<columns)
      gate.withRow(row) { gate in
        guard let up else { return backward(dy, gate, nil, dGate, dGate) }
        up.withRow(row) { backward(dy, gate, $0, dGate, output.extracting(columns...)) }
      }
    }
    return (gradients[0], up == nil ? nil : gradients[1])
  }

  // Each function is written out as a loop of its own, so that it vectorises.

  private func forward(
    _ gate: Span<Float>, _ up: Span<Float>?, _ y: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .silu: Self.forward(gate, up, y) { $0 / (1 + Vector.exponential(-$0)) }
    case .tanhGELU:
      Self.forward(gate, up, y) { 0.5 * $0 * (1 + Vector.hyperbolicTangent(Self.inner($0))) }
    case .exactGELU:
      Self.forward(gate, up, y) { 0.5 * $0 * (1 + Float.erf($0 * Self.inverseRootOfTwo)) }
    }
  }

  private func backward(
    _ dy: Span<Float>, _ gate: Span<Float>, _ up: Span<Float>?,
    _ dGate: UnsafeMutableBufferPointer<Float>, _ dUp: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .silu:
      Self.backward(dy, gate, up, dGate, dUp) { z in
        let sigmoid = 1 / (1 + Vector.exponential(-z))
        return (z * sigmoid, sigmoid * (1 + z * (1 - sigmoid)))
      }
    case .tanhGELU:
      Self.backward(dy, gate, up, dGate, dUp) { z in
        let tangent = Vector.hyperbolicTangent(Self.inner(z))
        // Far out the slope of the tangent is 0, and a square would overflow.
        let near = min(max(z, -100), 100)
        let inner = Self.root * (1 + 3 * Self.cubic * near * near)
        let slope = 0.5 * (1 + tangent) + 0.5 * near * (1 - tangent * tangent) * inner
        return (0.5 * z * (1 + tangent), slope)
      }
    case .exactGELU:
      Self.backward(dy, gate, up, dGate, dUp) { z in
        let share = 0.5 * (1 + Float.erf(z * Self.inverseRootOfTwo))
        let near = min(max(z, -13), 13)
        return (z * share, share + near * Float.exp(-0.5 * near * near) * Self.peakOfDensity)
      }
    }
  }

  private static let root: Float = 0.797_884_56
  private static let cubic: Float = 0.044_715
  private static let inverseRootOfTwo: Float = 0.707_106_77
  private static let peakOfDensity: Float = 0.398_942_28

  @inline(__always)
  private static func inner(_ z: Float) -> Float { root * (z + cubic * z * z * z) }

  @inline(__always)
  private static func forward(
    _ gate: Span<Float>, _ up: Span<Float>?, _ y: UnsafeMutableBufferPointer<Float>,
    _ function: (Float) -> Float
  ) {
    var y = y.mutableSpan
    // Lengths that the compiler knows to be equal let it vectorise.
    let gate = gate.extracting(0..<y.count)
    guard let up = up?.extracting(0..<y.count) else {
      for index in 0..<y.count { y[index] = function(gate[index]) }
      return
    }
    for index in 0..<y.count { y[index] = function(gate[index]) * up[index] }
  }

  @inline(__always)
  private static func backward(
    _ dy: Span<Float>, _ gate: Span<Float>, _ up: Span<Float>?,
    _ dGate: UnsafeMutableBufferPointer<Float>, _ dUp: UnsafeMutableBufferPointer<Float>,
    _ valueAndSlope: (Float) -> (Float, Float)
  ) {
    let count = dy.count
    let gate = gate.extracting(0..<count)
    var dGate = dGate.extracting(0..<count).mutableSpan
    guard let up = up?.extracting(0..<count) else {
      for index in 0..<count { dGate[index] = dy[index] * valueAndSlope(gate[index]).1 }
      return
    }
    var dUp = dUp.extracting(0..<count).mutableSpan
    for index in 0..<count {
      let (value, slope) = valueAndSlope(gate[index])
      dUp[index] = dy[index] * value
      dGate[index] = dy[index] * up[index] * slope
    }
  }
}

import RealModule

/// The gate of the feed-forward layer (Shazeer 2020, SwiGLU).
///
///     y = silu(gate) ∘ up,   silu(z) = z · σ(z)
enum GatedActivation {
  /// gate, up and y are tokens × feed-forward channels.
  static func forward(gate: Matrix, up: Matrix, into y: inout Matrix) {
    let columns = y.columns
    y.updateRows { rows, output in
      let start = rows.lowerBound * columns
      let (gate, up) = (gate.values.span, up.values.span)
      for index in 0..<output.count {
        let z = gate[start + index]
        output[index] = z / (1 + Vector.exponential(-z)) * up[start + index]
      }
    }
  }

  /// The gradients of gate and up, given dy.
  ///
  ///     dup = dy ∘ silu(gate),   dgate = dy ∘ up ∘ σ(gate) · (1 + gate · (1 − σ(gate)))
  static func backward(
    _ dy: Matrix, gate: Matrix, up: Matrix, dGate: inout Matrix, dUp: inout Matrix
  ) {
    let columns = gate.columns
    dUp.updateRows { rows, output in
      let start = rows.lowerBound * columns
      let (gate, dy) = (gate.values.span, dy.values.span)
      for index in 0..<output.count {
        let z = gate[start + index]
        output[index] = dy[start + index] * z / (1 + Vector.exponential(-z))
      }
    }
    dGate.updateRows { rows, output in
      let start = rows.lowerBound * columns
      let (gate, up, dy) = (gate.values.span, up.values.span, dy.values.span)
      for index in 0..<output.count {
        let z = gate[start + index]
        let sigmoid = 1 / (1 + Vector.exponential(-z))
        output[index] = dy[start + index] * up[start + index] * sigmoid * (1 + z * (1 - sigmoid))
      }
    }
  }
}

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
  static func backward(_ dy: Matrix, gate: Matrix, up: Matrix) -> (dGate: Matrix, dUp: Matrix) {
    let columns = gate.columns
    var dGate = Matrix(unwrittenRows: gate.rows, columns: columns)
    var dUp = Matrix(unwrittenRows: gate.rows, columns: columns)
    dUp.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let dUp = buffer
      dGate.updateRows { rows, dGate in
        let start = rows.lowerBound * columns
        var dUp = dUp.extracting(start..<start + dGate.count).mutableSpan
        let (gate, up, dy) = (gate.values.span, up.values.span, dy.values.span)
        for index in 0..<dGate.count {
          let (z, slope) = (gate[start + index], dy[start + index])
          let sigmoid = 1 / (1 + Vector.exponential(-z))
          dUp[index] = slope * z * sigmoid
          dGate[index] = slope * up[start + index] * sigmoid * (1 + z * (1 - sigmoid))
        }
      }
    }
    return (dGate, dUp)
  }
}

import RealModule

/// The gate of the feed-forward layer (Shazeer 2020, SwiGLU).
///
///     y = silu(gate) ∘ up,   silu(z) = z · σ(z)
enum GatedActivation {
  /// y for products of this precision; gate, up and y are tokens × feed-forward channels.
  static func forward(gate: Operand, up: Operand, for precision: Precision) -> Operand {
    // Only what they hold already is read.
    nonisolated(unsafe) let (gate, up) = (gate, up)
    return Operand.computing(rows: gate.rows, columns: gate.columns, for: precision) { row, y in
      gate.withRow(row) { gate in
        up.withRow(row) { up in forward(gate, up, y) }
      }
    }[0]
  }

  /// The gradients of gate and up for products of this precision, given dy.
  ///
  ///     dup = dy ∘ silu(gate),   dgate = dy ∘ up ∘ σ(gate) · (1 + gate · (1 − σ(gate)))
  static func backward(
    _ dy: Matrix, gate: Operand, up: Operand, for precision: Precision
  ) -> (dGate: Operand, dUp: Operand) {
    let columns = dy.columns
    nonisolated(unsafe) let (gate, up) = (gate, up)
    let gradients = Operand.computing(2, rows: dy.rows, columns: columns, for: precision) {
      row, output in
      let dy = dy.values.span.extracting(row * columns..<(row + 1) * columns)
      gate.withRow(row) { gate in
        up.withRow(row) { up in
          backward(
            dy, gate, up, dGate: output.extracting(..<columns), dUp: output.extracting(columns...))
        }
      }
    }
    return (gradients[0], gradients[1])
  }

  private static func forward(
    _ gate: Span<Float>, _ up: Span<Float>, _ y: UnsafeMutableBufferPointer<Float>
  ) {
    var y = y.mutableSpan
    // Lengths that the compiler knows to be equal let it vectorise.
    let (gate, up) = (gate.extracting(0..<y.count), up.extracting(0..<y.count))
    for index in 0..<y.count {
      let z = gate[index]
      y[index] = z / (1 + Vector.exponential(-z)) * up[index]
    }
  }

  private static func backward(
    _ dy: Span<Float>, _ gate: Span<Float>, _ up: Span<Float>,
    dGate: UnsafeMutableBufferPointer<Float>, dUp: UnsafeMutableBufferPointer<Float>
  ) {
    let count = dy.count
    let (gate, up) = (gate.extracting(0..<count), up.extracting(0..<count))
    var dGate = dGate.extracting(0..<count).mutableSpan
    var dUp = dUp.extracting(0..<count).mutableSpan
    for index in 0..<count {
      let (z, slope) = (gate[index], dy[index])
      let sigmoid = 1 / (1 + Vector.exponential(-z))
      dUp[index] = slope * z * sigmoid
      dGate[index] = slope * up[index] * sigmoid * (1 + z * (1 - sigmoid))
    }
  }
}

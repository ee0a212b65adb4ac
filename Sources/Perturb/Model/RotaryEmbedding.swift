import RealModule

/// Rotary position embedding (Su et al. 2021) in the half-split layout of Hugging Face files.
///
/// Channel i of a head is paired with channel i + headSize / 2; the pair turns by position × fᵢ.
struct RotaryEmbedding {
  private let headSize: Int
  /// tokens × headSize / 2 each.
  private let cosines: Matrix
  private let sines: Matrix

  /// Tables for tokens at these positions.
  init(frequencies: [Float], positions: [Int]) {
    headSize = 2 * frequencies.count
    var cosines = Matrix(rows: positions.count, columns: frequencies.count)
    var sines = cosines
    for (row, position) in positions.enumerated() {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Float(position) * frequency
        cosines[row, pair] = .cos(angle)
        sines[row, pair] = .sin(angle)
      }
    }
    self.cosines = cosines
    self.sines = sines
  }

  /// Turns every head of x (tokens × heads·headSize) in place.
  func forward(_ x: inout Matrix) {
    turn(&x, direction: 1)
  }

  /// The gradient turns back: the inverse of a rotation is its transpose.
  func backward(_ dx: inout Matrix) {
    turn(&dx, direction: -1)
  }

  private func turn(_ x: inout Matrix, direction: Float) {
    let (half, width, headSize) = (headSize / 2, x.columns, headSize)
    x.updateRows { rows, values in
      let (cosines, sines) = (cosines.values.span, sines.values.span)
      for (index, row) in rows.enumerated() {
        for start in stride(from: index * width, to: (index + 1) * width, by: headSize) {
          for pair in 0..<half {
            let cosine = cosines[row * half + pair]
            let sine = direction * sines[row * half + pair]
            let (first, second) = (values[start + pair], values[start + half + pair])
            values[start + pair] = first * cosine - second * sine
            values[start + half + pair] = second * cosine + first * sine
          }
        }
      }
    }
  }
}

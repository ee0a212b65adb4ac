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
    let (half, heads) = (headSize / 2, x.columns / headSize)
    x.updateParts(ofWidth: headSize) { part, head in
      let row = part / heads
      let cosines = cosines.values.span.extracting(row * half..<(row + 1) * half)
      let sines = sines.values.span.extracting(row * half..<(row + 1) * half)
      for pair in 0..<half {
        let (cosine, sine) = (cosines[pair], direction * sines[pair])
        let (first, second) = (head[pair], head[half + pair])
        head[pair] = first * cosine - second * sine
        head[half + pair] = second * cosine + first * sine
      }
    }
  }
}

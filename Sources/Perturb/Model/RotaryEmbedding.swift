import RealModule

/// Which two channels of a head turn together.
///
/// A file's rows of q_proj and k_proj are in the order that one of them needs. The products of queries
/// and keys are the same either way, so each file is computed with in its own order.
public enum RotaryPairs: Sendable {
  /// Channels i and i + headSize / 2, as in Hugging Face files.
  case halves
  /// Channels 2i and 2i + 1, as in the paper and in Llama's GGUF files.
  case neighbours

  /// The channels of a pair.
  @inline(__always)
  func channels(_ pair: Int, of headSize: Int) -> (first: Int, second: Int) {
    switch self {
    case .halves: (pair, headSize / 2 + pair)
    case .neighbours: (2 * pair, 2 * pair + 1)
    }
  }
}

/// Rotary position embedding (Su et al. 2021): pair i of a head turns by position × fᵢ.
///
/// Where there are fewer pairs than a head has channels for, the channels behind them stay as they are.
struct RotaryEmbedding {
  private let headSize: Int
  private let pairs: RotaryPairs
  /// What turned channels are multiplied by, as scaled angles ask for.
  private let scale: Float
  /// tokens × headSize / 2 each.
  private let cosines: Matrix
  private let sines: Matrix

  /// Tables for tokens at these positions.
  init(
    frequencies: [Float], headSize: Int? = nil, pairs: RotaryPairs = .halves, scale: Float = 1,
    positions: [Int]
  ) {
    (self.pairs, self.scale) = (pairs, scale)
    self.headSize = headSize ?? 2 * frequencies.count
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
    let (half, heads, scale) = (cosines.columns, x.columns / headSize, scale)
    x.updateParts(ofWidth: headSize) { part, head in
      let row = part / heads
      let cosines = cosines.values.span.extracting(row * half..<(row + 1) * half)
      let sines = sines.values.span.extracting(row * half..<(row + 1) * half)
      for pair in 0..<half {
        let (cosine, sine) = (scale * cosines[pair], scale * direction * sines[pair])
        let (i, j) = pairs.channels(pair, of: 2 * half)
        let (first, second) = (head[i], head[j])
        head[i] = first * cosine - second * sine
        head[j] = second * cosine + first * sine
      }
    }
  }
}

extension ModelConfiguration {
  /// The rotary embeddings of all kinds of layers, for tokens at these positions.
  func rotaries(at positions: [Int]) -> [RotaryEmbedding] {
    rotations.map {
      RotaryEmbedding(
        frequencies: $0.frequencies, headSize: headSize, pairs: rotaryPairs, scale: $0.scale,
        positions: positions)
    }
  }
}

import FormatIO

/// Moves the codes of a quantised matrix so that it does to the model's own inputs what the wanted matrix
/// would do.
///
/// Rounding would lose a small change: numbers lie on their grids, and less than half a step goes back. So
/// the output decides. With H = Σ xᵀx over inputs x, the error of a row w against the wanted row t is
/// (w − t) H (w − t)ᵀ. Starting from the nearest codes, the code whose step lowers it most is moved, again
/// and again: a step s of number j gains −(2·s·gⱼ + s²·Hⱼⱼ), with g = (w − t) H kept up to date. Where no
/// code moves, no byte changes. It is one-at-a-time descent on the objective of OBQ and GPTQ (Frantar and
/// Alistarh 2022; Frantar et al. 2023) with scales held; docs/ABLATIONS.md compares them.
struct CodeMoves {
  /// A row stops when no step gains more than this share of what the change does to it.
  private static let leastGain: Float = 1e-6
  private static let rowsPerPart = 32

  /// What came of a matrix.
  struct Result {
    /// The blocks with their new codes.
    var blocks: [UInt8]
    /// How much of the change arrives, in the product of H.
    var effect = PatchShare()
  }

  /// Σ xᵀx over the inputs, inputs × inputs, with something on the diagonal; nil stands for the identity.
  let moments: Matrix?

  /// Moves the codes of `blocks` towards a change.
  ///
  /// - Parameters:
  ///   - blocks: the rows of the matrix as the file has them.
  ///   - type: a type with movable codes.
  ///   - change: what is wanted on top, outputs × inputs.
  ///   - scales: those of the tensor, where they are in another one.
  ///   - first: where the matrix starts in the tensor.
  func move(
    _ blocks: [UInt8], _ type: ElementType, by change: Matrix, scales: TensorScales? = nil,
    from first: Int = 0
  ) -> Result {
    let rowBytes = blocks.count / max(change.rows, 1)
    var result = Result(blocks: blocks)
    var shares = [PatchShare](repeating: PatchShare(), count: change.rows)
    result.blocks.withUnsafeMutableBytes { output in
      shares.withUnsafeMutableBufferPointer { shares in
        nonisolated(unsafe) let (output, shares) = (output, shares)
        Parallel.forEachRange(change.rows, size: Self.rowsPerPart) { range in
          let bytes = UnsafeMutableRawBufferPointer(
            rebasing: output[range.lowerBound * rowBytes..<range.upperBound * rowBytes])
          let numbers = change.range(ofRows: range)
          let factors = scales?.factors(
            of: first + numbers.lowerBound..<first + numbers.upperBound)
          guard var codes = BlockCodes(UnsafeRawBufferPointer(bytes), type, factors: factors) else {
            preconditionFailure("the codes of \(type) cannot be moved")
          }
          let part = Matrix(
            rows: range.count, columns: change.columns,
            values: Array(change.values[numbers]))
          for (row, share) in zip(range, move(&codes, by: part)) { shares[row] = share }
          bytes.copyBytes(from: codes.blocks)
        }
      }
    }
    for share in shares { result.effect += share }
    return result
  }

  /// Moves the codes of some rows, on this thread.
  private func move(_ codes: inout BlockCodes, by change: Matrix) -> [PatchShare] {
    let width = change.columns
    var (moved, ranks) = (change, codes.ranks)
    for index in ranks.indices {
      (ranks[index], moved.values[index]) = codes.nearestMove(of: index, by: change.values[index])
    }
    let (wanted, start) = (weighted(change), weighted(moved))
    return (0..<change.rows).map { row in
      let numbers = change.range(ofRows: row..<row + 1)
      let (delta, target) = (
        change.values.span.extracting(numbers), wanted.values.span.extracting(numbers)
      )
      // What the change does to the row.
      let size = Vector.sumOfProducts(target, delta)
      let threshold = Float(size) * Self.leastGain
      guard threshold > 0, threshold.isFinite else { return PatchShare() }
      var descent = Descent(
        ranks: Array(ranks[numbers]), moved: Array(moved.values[numbers]),
        gradient: (0..<width).map { start[row, $0] - target[$0] })
      if let moments {
        descent.run(codes, from: numbers.lowerBound, moments: moments, above: threshold)
      }
      for (index, rank) in zip(numbers, descent.ranks) { codes.move(index, to: rank) }
      // The gradient is (stored − wanted) H.
      let product = Vector.sumOfProducts(descent.moved.span, target)
      let rest = Vector.sumOfProducts(descent.moved.span, descent.gradient.span)
      return PatchShare(product: product, wanted: size, stored: rest + product)
    }
  }

  /// x · H, on this thread.
  private func weighted(_ x: Matrix) -> Matrix {
    guard let moments else { return x }
    var result = Matrix(rows: x.rows, columns: x.columns)
    BLAS.add(x, times: moments, to: &result)
    return result
  }
}

/// One row under descent.
private struct Descent {
  /// The rank of each number, and what it has moved by.
  var ranks: [UInt8]
  var moved: [Float]
  /// (w − t) H.
  var gradient: [Float]

  /// The most moves, by the length of the row: a guard, not a limit that is met.
  private static let movesPerNumber = 64

  /// Moves one code after the other until none gains more than `threshold`.
  mutating func run(
    _ codes: BlockCodes, from first: Int, moments: Matrix, above threshold: Float
  ) {
    func steps(_ index: Int) -> (up: Float, down: Float) {
      let rank = ranks[index]
      return (
        codes.step(of: first + index, from: rank, up: true),
        codes.step(of: first + index, from: rank, up: false)
      )
    }
    let diagonal = gradient.indices.map { moments[$0, $0] }
    var up = gradient.indices.map { steps($0).up }
    var down = gradient.indices.map { steps($0).down }
    for _ in 0..<Self.movesPerNumber * gradient.count {
      let best = Self.bestMove(up.span, down.span, gradient.span, diagonal.span, above: threshold)
      guard let (index, step) = best else { return }
      ranks[index] = step == up[index] ? ranks[index] + 1 : ranks[index] - 1
      moved[index] += step
      (up[index], down[index]) = steps(index)
      var target = gradient.mutableSpan
      let row = moments.range(ofRows: index..<index + 1)
      Vector.add(moments.values.span.extracting(row), scale: step, to: &target)
    }
  }

  /// What a step gains, −(2·s·g + s²·h), as bits. Those of gains above 0 are in the order of the gains, and
  /// a maximum of whole numbers makes a loop that vectorises.
  @inline(__always)
  private static func gain(_ step: Float, _ gradient: Float, _ diagonal: Float) -> Int32 {
    Int32(bitPattern: (-step * (2 * gradient + step * diagonal)).bitPattern)
  }

  /// The move that gains most, the first of several, if it gains more than the threshold.
  private static func bestMove(
    _ up: Span<Float>, _ down: Span<Float>, _ gradient: Span<Float>, _ diagonal: Span<Float>,
    above threshold: Float
  ) -> (index: Int, step: Float)? {
    var (best, place) = (Int32(bitPattern: threshold.bitPattern), -1)
    for start in stride(from: 0, to: gradient.count, by: 64) {
      var most: Int32 = 0
      for index in start..<min(start + 64, gradient.count) {
        most = max(most, gain(up[index], gradient[index], diagonal[index]))
        most = max(most, gain(down[index], gradient[index], diagonal[index]))
      }
      if most > best { (best, place) = (most, start) }
    }
    guard place >= 0 else { return nil }
    for index in place..<gradient.count {
      if gain(up[index], gradient[index], diagonal[index]) == best { return (index, up[index]) }
      if gain(down[index], gradient[index], diagonal[index]) == best { return (index, down[index]) }
    }
    return nil
  }
}

import RealModule

/// Causal attention with grouped queries (Vaswani et al. 2017; Ainslie et al. 2023).
///
///     s = scale · q · kᵀ,   p = softmax(s over keys up to the query),   o = p · v
///
/// Some families soften large scores, s ← c · tanh(s / c), or let a query see the last keys only.
///
/// Rows of different sequences are packed in one matrix without padding, and a sequence may share
/// its first rows with the one before. The query heads that read the same key head are stacked: to
/// the key head they are just more queries, one product serves them all, and the sums over them
/// come by themselves.
struct Attention {
  let headCount: Int
  let keyValueHeadCount: Int
  let headSize: Int
  /// 1/√headSize in most families.
  let scale: Float
  /// The limit c of scores.
  var softCap: Float?
  /// How many keys a query sees, its own included; nil for all.
  var window: Int?

  /// One sequence: the rows of its queries, and those of its keys in order, of which the last ones
  /// belong to the queries.
  struct Span {
    let queries: Range<Int>
    let keys: [Range<Int>]
  }

  /// q is tokens × heads·headSize, k and v are keys × keyValueHeads·headSize, output as q.
  func forward(q: Matrix, k: Matrix, v: Matrix, spans: [Span], into output: inout Matrix) {
    output.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let output = buffer
      Parallel.forEach(spans.count * keyValueHeadCount) { number in
        let (span, keyHead) = (spans[number / keyValueHeadCount], number % keyValueHeadCount)
        let keys = HeadRows(k, span.keys, heads: keyHead..<keyHead + 1, size: headSize)
        let values = HeadRows(v, span.keys, heads: keyHead..<keyHead + 1, size: headSize)
        for piece in pieces(of: span) {
          let queries = HeadRows(q, [piece.queries], heads: heads(reading: keyHead), size: headSize)
          var p = scores(queries.matrix, keys.matrix, piece)
          normalize(&p, piece)
          var attended = queries.zeros
          BLAS.add(p, times: values.matrix, to: &attended.matrix)
          attended.write(to: output)
        }
      }
    }
  }

  /// The gradients of q, k and v, given that of the output; keys and queries are the same rows.
  ///
  ///     dv = pᵀ·do,  dp = do·vᵀ,  ds = p∘(dp − rowsum(dp∘p)),  dq = scale·ds·k,  dk = scale·dsᵀ·q
  func backward(
    _ dOutput: Matrix, q: Matrix, k: Matrix, v: Matrix, spans: [Span]
  ) -> (dq: Matrix, dk: Matrix, dv: Matrix) {
    var dq = Matrix(rows: q.rows, columns: q.columns)
    var dk = Matrix(rows: k.rows, columns: k.columns)
    var dv = dk
    let chains = chains(of: spans)
    withBuffers(&dq, &dk, &dv) { dqBuffer, dkBuffer, dvBuffer in
      nonisolated(unsafe) let (dq, dk, dv) = (dqBuffer, dkBuffer, dvBuffer)
      // Sequences that share rows add to the same gradients: one piece of work does them in turn.
      Parallel.forEach(chains.count * keyValueHeadCount) { number in
        let keyHead = number % keyValueHeadCount
        for span in spans[chains[number / keyValueHeadCount]] {
          let keys = HeadRows(k, span.keys, heads: keyHead..<keyHead + 1, size: headSize)
          let values = HeadRows(v, span.keys, heads: keyHead..<keyHead + 1, size: headSize)
          var (dKeys, dValues) = (keys.zeros, values.zeros)
          for piece in pieces(of: span) {
            let heads = heads(reading: keyHead)
            let queries = HeadRows(q, [piece.queries], heads: heads, size: headSize)
            let dAttended = HeadRows(dOutput, [piece.queries], heads: heads, size: headSize)
              .matrix
            let scores = scores(queries.matrix, keys.matrix, piece)
            var p = scores
            normalize(&p, piece)
            BLAS.add(p, times: dAttended, transposing: .first, to: &dValues.matrix)
            var slope = Matrix(rows: p.rows, columns: p.columns)
            BLAS.add(dAttended, times: values.matrix, transposing: .second, to: &slope)
            Self.scoreGradient(p, &slope)
            if let softCap { Self.uncap(&slope, scores, softCap) }
            var dQueries = queries.zeros
            BLAS.add(slope, times: keys.matrix, scale: scale, to: &dQueries.matrix)
            BLAS.add(
              slope, times: queries.matrix, transposing: .first, scale: scale, to: &dKeys.matrix)
            dQueries.write(to: dq)
          }
          dKeys.add(to: dk)
          dValues.add(to: dv)
        }
      }
    }
    return (dq, dk, dv)
  }

  private func heads(reading keyHead: Int) -> Range<Int> {
    let group = headCount / keyValueHeadCount
    return keyHead * group..<(keyHead + 1) * group
  }

  /// s for stacked queries of one piece, softened if the family does so.
  private func scores(_ queries: Matrix, _ keys: Matrix, _ piece: Piece) -> Matrix {
    var scores = Matrix(rows: queries.rows, columns: piece.visibleKeys)
    BLAS.add(queries, times: keys, transposing: .second, scale: scale, to: &scores)
    guard let softCap else { return scores }
    var all = scores.values.mutableSpan
    for index in 0..<all.count {
      all[index] = softCap * Vector.hyperbolicTangent(all[index] / softCap)
    }
    return scores
  }

  /// Turns s into p; query i of each head sees the keys up to its own.
  private func normalize(_ p: inout Matrix, _ piece: Piece) {
    let queries = p.rows
    p.values.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<queries {
        let query = index % piece.queries.count
        let start = index * piece.visibleKeys
        let visible = piece.visibleKeys - piece.queries.count + query + 1
        let first = max(0, visible - (window ?? visible))
        var row = buffer.extracting(start..<start + piece.visibleKeys).mutableSpan
        var largest = row[first]
        for key in first..<max(visible, 1) { largest = max(largest, row[key]) }
        for key in 0..<first { row[key] = 0 }
        var sum: Float = 0
        for key in first..<visible {
          let weight = Vector.exponential(row[key] - largest)
          row[key] = weight
          sum = Relaxed.sum(sum, weight)
        }
        let inverse = 1 / sum
        for key in first..<visible { row[key] *= inverse }
        for key in visible..<piece.visibleKeys { row[key] = 0 }
      }
    }
  }

  /// Turns the gradient of softened scores into that of the scores: tanh′ = 1 − tanh².
  private static func uncap(_ slope: inout Matrix, _ scores: Matrix, _ softCap: Float) {
    let scores = scores.values.span
    var slope = slope.values.mutableSpan
    for index in 0..<slope.count {
      let tangent = scores[index] / softCap
      slope[index] *= 1 - tangent * tangent
    }
  }

  /// Turns dp into ds, row by row.
  private static func scoreGradient(_ p: Matrix, _ dp: inout Matrix) {
    let p = p.values.span
    let columns = dp.columns
    dp.values.withUnsafeMutableBufferPointer { buffer in
      for row in 0..<buffer.count / columns {
        var dp = buffer.extracting(row * columns..<(row + 1) * columns).mutableSpan
        let p = p.extracting(row * columns..<(row + 1) * columns)
        var sum: Float = 0
        for key in 0..<columns { sum = Relaxed.multiplyAdd(p[key], dp[key], sum) }
        for key in 0..<columns { dp[key] = p[key] * (dp[key] - sum) }
      }
    }
  }
}

// MARK: - Pieces of work

extension Attention {
  /// Some queries of a sequence, and how many of its keys the last of them sees.
  private struct Piece {
    let queries: Range<Int>
    let visibleKeys: Int
  }

  /// p has a row for each query and a column for each key; so many queries at once bound its size.
  private static let queriesPerPiece = 256

  private func pieces(of span: Span) -> [Piece] {
    let keys = span.keys.reduce(0) { $0 + $1.count }
    return stride(from: 0, to: span.queries.count, by: Self.queriesPerPiece).map { start in
      let queries = span.queries.dropFirst(start).prefix(Self.queriesPerPiece)
      return Piece(
        queries: queries, visibleKeys: keys - (span.queries.upperBound - queries.upperBound))
    }
  }

  /// Runs of sequences of which each but the first shares rows with the one before.
  private func chains(of spans: [Span]) -> [Range<Int>] {
    let starts = spans.indices.filter { spans[$0].keys.count == 1 }
    return zip(starts, starts.dropFirst() + [spans.count]).map { $0..<$1 }
  }

  private func withBuffers(
    _ a: inout Matrix, _ b: inout Matrix, _ c: inout Matrix,
    _ body: (
      UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>,
      UnsafeMutableBufferPointer<Float>
    ) -> Void
  ) {
    a.values.withUnsafeMutableBufferPointer { a in
      b.values.withUnsafeMutableBufferPointer { b in
        c.values.withUnsafeMutableBufferPointer { c in body(a, b, c) }
      }
    }
  }
}

/// The channels of some heads in some rows of a wider matrix: one head below the other.
private struct HeadRows {
  /// heads·rows × headSize.
  var matrix: Matrix
  /// Where each row starts in the wider matrix.
  private let places: [Int]

  init(_ source: Matrix, _ rows: [Range<Int>], heads: Range<Int>, size: Int) {
    let width = source.columns
    let places = heads.flatMap { head in rows.joined().map { $0 * width + head * size } }
    let values = [Float](unsafeUninitializedCapacity: places.count * size) { buffer, count in
      source.values.withUnsafeBufferPointer { source in
        for (row, place) in places.enumerated() {
          let channels = source.extracting(place..<place + size)
          _ = buffer.extracting(row * size..<(row + 1) * size).initialize(fromContentsOf: channels)
        }
      }
      count = places.count * size
    }
    (self.places, matrix) = (places, Matrix(rows: places.count, columns: size, values: values))
  }

  /// The same places, all zero.
  var zeros: HeadRows {
    var zeros = self
    zeros.matrix = Matrix(rows: matrix.rows, columns: matrix.columns)
    return zeros
  }

  func write(to buffer: UnsafeMutableBufferPointer<Float>) {
    let size = matrix.columns
    matrix.values.withUnsafeBufferPointer { values in
      for (row, place) in places.enumerated() {
        let channels = values.extracting(row * size..<(row + 1) * size)
        _ = buffer.extracting(place..<place + size).update(fromContentsOf: channels)
      }
    }
  }

  func add(to buffer: UnsafeMutableBufferPointer<Float>) {
    let (size, values) = (matrix.columns, matrix.values.span)
    for (row, place) in places.enumerated() {
      var target = buffer.extracting(place..<place + size).mutableSpan
      Vector.add(values.extracting(row * size..<(row + 1) * size), scale: 1, to: &target)
    }
  }
}

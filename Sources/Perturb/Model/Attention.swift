import RealModule

/// Causal attention with grouped queries (Vaswani et al. 2017; Ainslie et al. 2023).
///
///     s = q · kᵀ / √headSize,   p = softmax(s over keys up to the query),   o = p · v
///
/// Rows of different sequences are packed in one matrix without padding. One piece of parallel work
/// is one key head of one sequence, with all query heads that share it, so that no two pieces write
/// the same gradient.
struct Attention {
  let headCount: Int
  let keyValueHeadCount: Int
  let headSize: Int

  /// One sequence: its rows among the queries, and its rows among the keys, which may start earlier.
  struct Span {
    let queries: Range<Int>
    let keys: Range<Int>
  }

  /// q is tokens × heads·headSize, k and v are keys × keyValueHeads·headSize, output as q.
  func forward(q: Matrix, k: Matrix, v: Matrix, spans: [Span], into output: inout Matrix) {
    withPointers(q, k, v) { q, k, v in
      output.values.withUnsafeMutableBufferPointer { outputBuffer in
        guard let outputBase = outputBuffer.baseAddress else { return }
        nonisolated(unsafe) let (q, k, v, output) = (q, k, v, outputBase)
        forEachKeyHead(spans) { span, keyHead, queryHeads in
          let (n, m) = (span.queries.count, span.keys.count)
          var p = [Float](repeating: 0, count: n * m)
          let key = k + span.keys.lowerBound * kWidth + keyHead * headSize
          let value = v + span.keys.lowerBound * kWidth + keyHead * headSize
          for head in queryHeads {
            let offset = span.queries.lowerBound * qWidth + head * headSize
            p.withUnsafeMutableBufferPointer { buffer in
              guard let p = buffer.baseAddress else { return }
              probabilities(q + offset, key, n, m, p)
              BLAS.product(
                n, headSize, m, p, m, false, value, kWidth, false, output + offset, qWidth,
                accumulating: false)
            }
          }
        }
      }
    }
  }

  /// Writes dq, dk and dv, given the gradient of the output; keys and queries are the same rows.
  ///
  ///     dv = pᵀ·do,  dp = do·vᵀ,  ds = p∘(dp − rowsum(dp∘p)),  dq = ds·k/√h,  dk = dsᵀ·q/√h
  func backward(
    _ dOutput: Matrix, q: Matrix, k: Matrix, v: Matrix, spans: [Span],
    dq: inout Matrix, dk: inout Matrix, dv: inout Matrix
  ) {
    withPointers(q, k, v) { q, k, v in
      dOutput.values.withUnsafeBufferPointer { dOutputBuffer in
        withMutablePointers(&dq, &dk, &dv) { dq, dk, dv in
          guard let dOutputBase = dOutputBuffer.baseAddress else { return }
          nonisolated(unsafe) let (q, k, v, dOutput) = (q, k, v, dOutputBase)
          nonisolated(unsafe) let (dq, dk, dv) = (dq, dk, dv)
          forEachKeyHead(spans) { span, keyHead, queryHeads in
            let n = span.queries.count
            var p = [Float](repeating: 0, count: n * n)
            var dp = p
            let keyOffset = span.keys.lowerBound * kWidth + keyHead * headSize
            for (number, head) in queryHeads.enumerated() {
              let offset = span.queries.lowerBound * qWidth + head * headSize
              p.withUnsafeMutableBufferPointer { pBuffer in
                dp.withUnsafeMutableBufferPointer { dpBuffer in
                  guard let p = pBuffer.baseAddress, let dp = dpBuffer.baseAddress else { return }
                  let adding = number > 0
                  probabilities(q + offset, k + keyOffset, n, n, p)
                  BLAS.product(
                    n, headSize, n, p, n, true, dOutput + offset, qWidth, false,
                    dv + keyOffset, kWidth, accumulating: adding)
                  BLAS.product(
                    n, n, headSize, dOutput + offset, qWidth, false, v + keyOffset, kWidth, true,
                    dp, n, accumulating: false)
                  scoreGradient(pBuffer.span, dpBuffer.mutableSpan, n)
                  BLAS.product(
                    n, headSize, n, dp, n, false, k + keyOffset, kWidth, false, dq + offset,
                    qWidth, scale: scale, accumulating: false)
                  BLAS.product(
                    n, headSize, n, dp, n, true, q + offset, qWidth, false, dk + keyOffset,
                    kWidth, scale: scale, accumulating: adding)
                }
              }
            }
          }
        }
      }
    }
  }

  private var scale: Float { 1 / Float(headSize).squareRoot() }
  private var qWidth: Int { headCount * headSize }
  private var kWidth: Int { keyValueHeadCount * headSize }

  /// p (n × m): query i sees the keys up to m − n + i; the rest is zero.
  private func probabilities(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ n: Int, _ m: Int,
    _ p: UnsafeMutablePointer<Float>
  ) {
    BLAS.product(
      n, m, headSize, q, qWidth, false, k, kWidth, true, p, m, scale: scale, accumulating: false)
    for query in 0..<n {
      var row = UnsafeMutableBufferPointer(start: p + query * m, count: m).mutableSpan
      let visible = m - n + query + 1
      var largest = row[0]
      for key in 1..<max(visible, 1) { largest = max(largest, row[key]) }
      var sum: Float = 0
      for key in 0..<visible {
        let weight = Vector.exponential(row[key] - largest)
        row[key] = weight
        sum = Relaxed.sum(sum, weight)
      }
      let inverse = 1 / sum
      for key in 0..<visible { row[key] *= inverse }
      for key in visible..<m { row[key] = 0 }
    }
  }

  /// Turns dp into ds, row by row.
  private func scoreGradient(_ p: Swift.Span<Float>, _ dp: consuming MutableSpan<Float>, _ n: Int) {
    for query in 0..<n {
      let start = query * n
      var sum: Float = 0
      for key in start...start + query { sum = Relaxed.multiplyAdd(p[key], dp[key], sum) }
      for key in start..<start + n { dp[key] = p[key] * (dp[key] - sum) }
    }
  }

  private func forEachKeyHead(
    _ spans: [Span], _ body: @Sendable (Span, _ keyHead: Int, _ queryHeads: Range<Int>) -> Void
  ) {
    let group = headCount / keyValueHeadCount
    Parallel.forEach(spans.count * keyValueHeadCount) { piece in
      let keyHead = piece % keyValueHeadCount
      body(spans[piece / keyValueHeadCount], keyHead, keyHead * group..<(keyHead + 1) * group)
    }
  }

  private func withPointers(
    _ a: Matrix, _ b: Matrix, _ c: Matrix,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        c.values.withUnsafeBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          body(a, b, c)
        }
      }
    }
  }

  private func withMutablePointers(
    _ a: inout Matrix, _ b: inout Matrix, _ c: inout Matrix,
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    a.values.withUnsafeMutableBufferPointer { a in
      b.values.withUnsafeMutableBufferPointer { b in
        c.values.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          body(a, b, c)
        }
      }
    }
  }
}

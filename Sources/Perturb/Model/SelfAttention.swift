/// Attention as a layer of a block: products before and after the kernel of `Attention`.
///
///     q, k, v = norm(x) · Wqᵀ, …;   q, k normalised by heads where the family does so, and turned
///     output = attention(q, k, v) · Woᵀ
extension Block {
  /// Writes what attention adds, and on the way q, k, v and what goes into the last product. Where heads are
  /// normalised, q and k are left as they were before.
  func attend(
    _ x: Operand, _ rotaries: [RotaryEmbedding], _ spans: [Attention.Span],
    _ cache: KeyValueCache?, _ query: inout Matrix, _ key: inout Matrix, _ value: inout Matrix,
    _ attended: inout Matrix, _ projections: inout Projections, into output: inout Matrix
  ) {
    linear(x, slot(.queryWeight), into: &query, &projections)
    linear(x, slot(.keyWeight), into: &key, &projections)
    linear(x, slot(.valueWeight), into: &value, &projections)
    if has(.queryNorm) {
      attend(
        turned(query, .queryNorm, rotaries), turned(key, .keyNorm, rotaries), value, spans, cache,
        into: &attended)
    } else {
      rotary(rotaries)?.forward(&query)
      rotary(rotaries)?.forward(&key)
      attend(query, key, value, spans, cache, into: &attended)
    }
    linear(Operand(attended), slot(.outputWeight), into: &output, &projections)
  }

  /// The gradient of the input, given that of what attention adds.
  func attendBackward(
    _ dOutput: Matrix, _ x: Operand, _ rotaries: [RotaryEmbedding], _ spans: [Attention.Span],
    _ a: Activations, into gradient: inout Gradient
  ) -> Matrix {
    let dAttended = WeightMatrix.inputGradient(
      [
        linearBackward(
          Operand(dOutput), a.attended, slot(.outputWeight), a.projections, into: &gradient)
      ],
      inputs: configuration.queryWidth)
    let isNormed = has(.queryNorm)
    var (dQuery, dKey, dValue) = attention.backward(
      dAttended, q: isNormed ? turned(a.query, .queryNorm, rotaries) : a.query,
      k: isNormed ? turned(a.key, .keyNorm, rotaries) : a.key, v: a.value, spans: spans)
    rotary(rotaries)?.backward(&dQuery)
    rotary(rotaries)?.backward(&dKey)
    if isNormed {
      dQuery = headGradient(dQuery, a.query, .queryNorm, into: &gradient)
      dKey = headGradient(dKey, a.key, .keyNorm, into: &gradient)
    }
    return WeightMatrix.inputGradient(
      [
        linearBackward(Operand(dQuery), x, slot(.queryWeight), a.projections, into: &gradient),
        linearBackward(Operand(dKey), x, slot(.keyWeight), a.projections, into: &gradient),
        linearBackward(Operand(dValue), x, slot(.valueWeight), a.projections, into: &gradient),
      ],
      inputs: configuration.hiddenSize)
  }

  private func attend(
    _ query: Matrix, _ key: Matrix, _ value: Matrix, _ spans: [Attention.Span],
    _ cache: KeyValueCache?, into attended: inout Matrix
  ) {
    guard let cache else {
      return attention.forward(q: query, k: key, v: value, spans: spans, into: &attended)
    }
    let (keys, values) = cache.append(keys: key, values: value, layer: layer)
    attention.forward(
      q: query, k: keys, v: values, spans: cache.spans(for: spans), into: &attended)
  }

  private var attention: Attention {
    Attention(
      headCount: configuration.headCount, keyValueHeadCount: configuration.keyValueHeadCount,
      headSize: configuration.headSize, scale: configuration.attentionScale,
      softCap: configuration.attentionSoftCap, window: configuration.layers[layer].window)
  }

  private func slot(_ role: BlockRole) -> ModelSlot { .block(layer: layer, role) }

  private func rotary(_ rotaries: [RotaryEmbedding]) -> RotaryEmbedding? {
    configuration.layers[layer].rotation.map { rotaries[$0] }
  }

  /// Queries or keys, normalised by heads and turned.
  private func turned(_ x: Matrix, _ role: BlockRole, _ rotaries: [RotaryEmbedding]) -> Matrix {
    var turned = Matrix(unwrittenRows: x.rows, columns: x.columns)
    normalization(role).forward(x, into: &turned)
    rotary(rotaries)?.forward(&turned)
    return turned
  }

  private func headGradient(
    _ dy: Matrix, _ x: Matrix, _ role: BlockRole, into gradient: inout Gradient
  ) -> Matrix {
    var dx = Matrix(rows: x.rows, columns: x.columns)
    normBackward(dy, x, role, adding: &dx, into: &gradient)
    return dx
  }
}

/// One decoder block: attention and a gated feed-forward layer, each on a normalised copy of the
/// residual stream and added back to it.
///
///     m = x + attention(norm(x)) · Woᵀ
///     y = m + (silu(norm(m) · Wgᵀ) ∘ (norm(m) · Wuᵀ)) · Wdᵀ
struct Block {
  let layer: Int
  let configuration: ModelConfiguration
  let weights: BlockWeights

  /// What a forward pass leaves for the backward pass; tokens × the width of each. What only products
  /// read is kept in their precision.
  struct Activations {
    fileprivate(set) var query: Matrix
    fileprivate(set) var key: Matrix
    fileprivate(set) var value: Matrix
    fileprivate(set) var middle: Matrix
    fileprivate(set) var gate: Matrix
    fileprivate(set) var up: Matrix
    fileprivate(set) var normed: Operand
    fileprivate(set) var attended: Operand
    fileprivate(set) var middleNormed: Operand
    fileprivate(set) var gated: Operand

    init(tokens: Int, configuration: ModelConfiguration) {
      let keys = Matrix(rows: tokens, columns: configuration.keyValueWidth)
      let wide = Matrix(rows: tokens, columns: configuration.feedForwardSize)
      query = Matrix(rows: tokens, columns: configuration.queryWidth)
      middle = Matrix(rows: tokens, columns: configuration.hiddenSize)
      (key, value) = (keys, keys)
      (gate, up) = (wide, wide)
      let none = Operand(Matrix(rows: 0, columns: 0))
      (normed, attended, middleNormed, gated) = (none, none, none, none)
    }

    /// The memory they take.
    var byteCount: Int {
      let matrices = [query, key, value, middle, gate, up].map(\.values.count)
      return matrices.reduce(0, +) * MemoryLayout<Float>.size
        + [normed, attended, middleNormed, gated].map(\.byteCount).reduce(0, +)
    }
  }

  /// Matrices that every block overwrites.
  struct Workspace {
    fileprivate var normed: Matrix
    fileprivate var attended: Matrix
    fileprivate var gated: Matrix

    init(tokens: Int, configuration: ModelConfiguration) {
      normed = Matrix(rows: tokens, columns: configuration.hiddenSize)
      attended = Matrix(rows: tokens, columns: configuration.queryWidth)
      gated = Matrix(rows: tokens, columns: configuration.feedForwardSize)
    }
  }

  /// Writes the block's output to y. With a cache, the new keys and values are appended to it and
  /// the tokens attend to all of it.
  func forward(
    _ x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span], cache: KeyValueCache? = nil,
    workspace: inout Workspace, activations a: inout Activations, into y: inout Matrix
  ) {
    activate(x, rotary: rotary, spans: spans, cache: cache, workspace: &workspace, into: &a)
    linear(a.gated, .downWeight, .downBias, into: &y)
    add(a.middle, to: &y)
  }

  /// Everything before the last product: all that the backward pass needs, without the output.
  func activate(
    _ x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span], cache: KeyValueCache? = nil,
    workspace: inout Workspace, into a: inout Activations
  ) {
    let (epsilon, precision) = (configuration.normEpsilon, weights.precision)
    Normalization.forward(
      x, weight: weights.vector(.inputNorm), epsilon: epsilon, into: &workspace.normed)
    a.normed = Operand(workspace.normed, for: precision)
    linear(a.normed, .queryWeight, .queryBias, into: &a.query)
    linear(a.normed, .keyWeight, .keyBias, into: &a.key)
    linear(a.normed, .valueWeight, .valueBias, into: &a.value)
    rotary.forward(&a.query)
    rotary.forward(&a.key)
    if let cache {
      let (keys, values) = cache.append(keys: a.key, values: a.value, layer: layer)
      attention.forward(
        q: a.query, k: keys, v: values, spans: cache.spans(for: spans), into: &workspace.attended)
    } else {
      attention.forward(
        q: a.query, k: a.key, v: a.value, spans: spans, into: &workspace.attended)
    }
    a.attended = Operand(workspace.attended, for: precision)
    linear(a.attended, .outputWeight, .outputBias, into: &a.middle)
    add(x, to: &a.middle)
    Normalization.forward(
      a.middle, weight: weights.vector(.feedForwardNorm), epsilon: epsilon,
      into: &workspace.normed)
    a.middleNormed = Operand(workspace.normed, for: precision)
    linear(a.middleNormed, .gateWeight, .gateBias, into: &a.gate)
    linear(a.middleNormed, .upWeight, .upBias, into: &a.up)
    GatedActivation.forward(gate: a.gate, up: a.up, into: &workspace.gated)
    a.gated = Operand(workspace.gated, for: precision)
  }

  /// Turns the gradient of the output into the gradient of the input, in place, and adds the
  /// gradients of the weights. `a` must hold the activations of the same input.
  func backward(
    _ d: inout Matrix, x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span],
    activations a: Activations, into gradient: inout Gradient
  ) {
    let epsilon = configuration.normEpsilon
    // y = m + down(gated(gate(norm m), up(norm m)))
    var dGated = Matrix(rows: d.rows, columns: configuration.feedForwardSize)
    linearBackward(d, a.gated, .downWeight, .downBias, adding: &dGated, into: &gradient)
    let (dGate, dUp) = GatedActivation.backward(dGated, gate: a.gate, up: a.up)
    var dNormed = Matrix(rows: d.rows, columns: configuration.hiddenSize)
    linearBackward(dGate, a.middleNormed, .gateWeight, .gateBias, adding: &dNormed, into: &gradient)
    linearBackward(dUp, a.middleNormed, .upWeight, .upBias, adding: &dNormed, into: &gradient)
    normBackward(dNormed, a.middle, .feedForwardNorm, epsilon, adding: &d, into: &gradient)

    // m = x + output(attention(query(norm x), key(norm x), value(norm x)))
    var dAttended = Matrix(rows: d.rows, columns: configuration.queryWidth)
    linearBackward(
      d, a.attended, .outputWeight, .outputBias, adding: &dAttended, into: &gradient)
    var (dQuery, dKey, dValue) = attention.backward(
      dAttended, q: a.query, k: a.key, v: a.value, spans: spans)
    rotary.backward(&dQuery)
    rotary.backward(&dKey)
    dNormed = Matrix(rows: d.rows, columns: configuration.hiddenSize)
    linearBackward(dQuery, a.normed, .queryWeight, .queryBias, adding: &dNormed, into: &gradient)
    linearBackward(dKey, a.normed, .keyWeight, .keyBias, adding: &dNormed, into: &gradient)
    linearBackward(dValue, a.normed, .valueWeight, .valueBias, adding: &dNormed, into: &gradient)
    normBackward(dNormed, x, .inputNorm, epsilon, adding: &d, into: &gradient)
  }

  private var attention: Attention {
    Attention(
      headCount: configuration.headCount, keyValueHeadCount: configuration.keyValueHeadCount,
      headSize: configuration.headSize)
  }

  private func linear(_ x: Operand, _ weight: BlockRole, _ bias: BlockRole, into y: inout Matrix) {
    Linear.forward(x, weight: weights.matrix(weight), bias: weights.bias(bias), into: &y)
  }

  private func linearBackward(
    _ dy: Matrix, _ x: Operand, _ weight: BlockRole, _ bias: BlockRole, adding dx: inout Matrix,
    into gradient: inout Gradient
  ) {
    Linear.backward(
      Operand(dy), x: x, weight: weights.matrix(weight), slot: .block(layer: layer, weight),
      biasSlot: .block(layer: layer, bias), adding: &dx, into: &gradient)
  }

  private func normBackward(
    _ dy: Matrix, _ x: Matrix, _ role: BlockRole, _ epsilon: Float, adding dx: inout Matrix,
    into gradient: inout Gradient
  ) {
    let slot = ModelSlot.block(layer: layer, role)
    let dWeight = Normalization.backward(
      dy, x: x, weight: weights.vector(role), epsilon: epsilon, adding: &dx,
      wantsWeight: gradient.wants(slot))
    gradient.add(slot, dWeight.span)
  }

  private func add(_ x: Matrix, to y: inout Matrix) {
    y.updateRows { rows, output in
      Vector.add(x.values.span.extracting(x.range(ofRows: rows)), scale: 1, to: &output)
    }
  }
}

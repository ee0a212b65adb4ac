/// One decoder block: attention and a gated feed-forward layer, each on a normalised copy of the
/// residual stream and added back to it.
///
///     m = x + attention(norm(x)) · Woᵀ
///     y = m + (silu(norm(m) · Wgᵀ) ∘ (norm(m) · Wuᵀ)) · Wdᵀ
struct Block {
  let layer: Int
  let configuration: ModelConfiguration
  let weights: BlockWeights

  /// Matrices that every pass through a block overwrites; tokens × the width of each.
  struct Workspace {
    fileprivate var query: Matrix
    fileprivate var key: Matrix
    fileprivate var value: Matrix
    fileprivate var attended: Matrix
    fileprivate var middle: Matrix
    fileprivate var gate: Matrix
    fileprivate var up: Matrix
    /// What low-rank changes make of the inputs of their products.
    fileprivate var projections: [BlockRole: Matrix] = [:]

    init(tokens: Int, configuration: ModelConfiguration) {
      func matrix(_ columns: Int) -> Matrix { Matrix(unwrittenRows: tokens, columns: columns) }
      middle = matrix(configuration.hiddenSize)
      query = matrix(configuration.queryWidth)
      attended = matrix(configuration.queryWidth)
      key = matrix(configuration.keyValueWidth)
      value = matrix(configuration.keyValueWidth)
      gate = matrix(configuration.feedForwardSize)
      up = matrix(configuration.feedForwardSize)
    }
  }

  /// What the backward pass needs of a forward pass, besides the input. What costs no product is
  /// computed again, and the widest is kept in the precision of products.
  struct Activations {
    fileprivate let query, key, value, middle: Matrix
    fileprivate let attended, gate, up: Operand
    fileprivate let projections: [BlockRole: Matrix]

    /// Of the last pass through a block. The workspace gives its matrices away, and gets new ones:
    /// shared ones would be copied when the next block writes to them.
    init(taking workspace: inout Workspace, precision: Precision) {
      query = Self.taking(&workspace.query)
      key = Self.taking(&workspace.key)
      value = Self.taking(&workspace.value)
      middle = Self.taking(&workspace.middle)
      attended = Operand(workspace.attended, for: precision)
      gate = Operand(workspace.gate, for: precision)
      up = Operand(workspace.up, for: precision)
      projections = workspace.projections
      workspace.projections = [:]
    }

    private static func taking(_ matrix: inout Matrix) -> Matrix {
      var taken = Matrix(unwrittenRows: matrix.rows, columns: matrix.columns)
      swap(&taken, &matrix)
      return taken
    }

    /// The memory that they take.
    static func byteCount(tokens: Int, _ sizes: ModelConfiguration, precision: Precision) -> Int {
      let exact = sizes.queryWidth + 2 * sizes.keyValueWidth + sizes.hiddenSize
      let rounded = sizes.queryWidth + 2 * sizes.feedForwardSize
      // Low-rank projections are too narrow to count.
      return tokens * (4 * exact + (precision == .bfloat16 ? 2 : 4) * rounded)
    }
  }

  /// Writes the block's output to y. With a cache, the new keys and values are appended to it and
  /// the tokens attend to all of it.
  func forward(
    _ x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span], cache: KeyValueCache? = nil,
    workspace a: inout Workspace, into y: inout Matrix
  ) {
    activate(x, rotary: rotary, spans: spans, cache: cache, workspace: &a)
    let gated = GatedActivation.forward(
      gate: Operand(a.gate), up: Operand(a.up), for: weights.precision)
    linear(gated, .downWeight, .downBias, into: &y, &a.projections)
    add(a.middle, to: &y)
  }

  /// Everything that the backward pass needs, without the output.
  func activate(
    _ x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span], cache: KeyValueCache? = nil,
    workspace a: inout Workspace
  ) {
    let inputNormed = normed(x, .inputNorm)
    linear(inputNormed, .queryWeight, .queryBias, into: &a.query, &a.projections)
    linear(inputNormed, .keyWeight, .keyBias, into: &a.key, &a.projections)
    linear(inputNormed, .valueWeight, .valueBias, into: &a.value, &a.projections)
    rotary.forward(&a.query)
    rotary.forward(&a.key)
    if let cache {
      let (keys, values) = cache.append(keys: a.key, values: a.value, layer: layer)
      attention.forward(
        q: a.query, k: keys, v: values, spans: cache.spans(for: spans), into: &a.attended)
    } else {
      attention.forward(q: a.query, k: a.key, v: a.value, spans: spans, into: &a.attended)
    }
    linear(Operand(a.attended), .outputWeight, .outputBias, into: &a.middle, &a.projections)
    add(x, to: &a.middle)
    let middleNormed = normed(a.middle, .feedForwardNorm)
    linear(middleNormed, .gateWeight, .gateBias, into: &a.gate, &a.projections)
    linear(middleNormed, .upWeight, .upBias, into: &a.up, &a.projections)
  }

  /// What each matrix of the block read in the last pass, of input x.
  func inputs(_ x: Matrix, workspace a: Workspace) -> [(roles: [BlockRole], input: Operand)] {
    [
      ([.queryWeight, .keyWeight, .valueWeight], normed(x, .inputNorm)),
      ([.outputWeight], Operand(a.attended)),
      ([.gateWeight, .upWeight], normed(a.middle, .feedForwardNorm)),
      (
        [.downWeight],
        GatedActivation.forward(gate: Operand(a.gate), up: Operand(a.up), for: weights.precision)
      ),
    ]
  }

  /// Turns the gradient of the output into the gradient of the input, in place, and adds the
  /// gradients of the weights. `a` must hold the activations of the same input.
  func backward(
    _ d: inout Matrix, x: Matrix, rotary: RotaryEmbedding, spans: [Attention.Span],
    activations a: Activations, into gradient: inout Gradient
  ) {
    let precision = weights.precision
    // y = m + down(gated(gate(norm m), up(norm m)))
    let gated = GatedActivation.forward(gate: a.gate, up: a.up, for: precision)
    let dGated = inputGradient(
      configuration.feedForwardSize,
      linearBackward(
        Operand(d), gated, .downWeight, .downBias, a.projections, into: &gradient))
    let (dGate, dUp) = GatedActivation.backward(dGated, gate: a.gate, up: a.up, for: precision)
    let middleNormed = normed(a.middle, .feedForwardNorm)
    let dMiddleNormed = inputGradient(
      configuration.hiddenSize,
      linearBackward(dGate, middleNormed, .gateWeight, .gateBias, a.projections, into: &gradient),
      linearBackward(dUp, middleNormed, .upWeight, .upBias, a.projections, into: &gradient))
    normBackward(dMiddleNormed, a.middle, .feedForwardNorm, adding: &d, into: &gradient)

    // m = x + output(attention(query(norm x), key(norm x), value(norm x)))
    let dAttended = inputGradient(
      configuration.queryWidth,
      linearBackward(
        Operand(d), a.attended, .outputWeight, .outputBias, a.projections, into: &gradient))
    var (dQuery, dKey, dValue) = attention.backward(
      dAttended, q: a.query, k: a.key, v: a.value, spans: spans)
    rotary.backward(&dQuery)
    rotary.backward(&dKey)
    let inputNormed = normed(x, .inputNorm)
    let dInputNormed = inputGradient(
      configuration.hiddenSize,
      linearBackward(
        Operand(dQuery), inputNormed, .queryWeight, .queryBias, a.projections, into: &gradient),
      linearBackward(
        Operand(dKey), inputNormed, .keyWeight, .keyBias, a.projections, into: &gradient),
      linearBackward(
        Operand(dValue), inputNormed, .valueWeight, .valueBias, a.projections, into: &gradient))
    normBackward(dInputNormed, x, .inputNorm, adding: &d, into: &gradient)
  }

  private var attention: Attention {
    Attention(
      headCount: configuration.headCount, keyValueHeadCount: configuration.keyValueHeadCount,
      headSize: configuration.headSize)
  }

  private func normed(_ x: Matrix, _ role: BlockRole) -> Operand {
    Normalization.forward(
      x, weight: weights.vector(role), epsilon: configuration.normEpsilon, for: weights.precision)
  }

  private func linear(
    _ x: Operand, _ weight: BlockRole, _ bias: BlockRole, into y: inout Matrix,
    _ projections: inout [BlockRole: Matrix]
  ) {
    projections[weight] = Linear.forward(
      x, weight: weights.matrix(weight), bias: weights.bias(bias), into: &y)
  }

  private func linearBackward(
    _ dy: Operand, _ x: Operand, _ weight: BlockRole, _ bias: BlockRole,
    _ projections: [BlockRole: Matrix], into gradient: inout Gradient
  ) -> WeightMatrix.Pullback {
    Linear.backward(
      dy, x: x, projected: projections[weight], weight: weights.matrix(weight),
      slot: .block(layer: layer, weight), biasSlot: .block(layer: layer, bias), into: &gradient)
  }

  private func inputGradient(_ inputs: Int, _ parts: WeightMatrix.Pullback...) -> Matrix {
    WeightMatrix.inputGradient(parts, inputs: inputs)
  }

  private func normBackward(
    _ dy: Matrix, _ x: Matrix, _ role: BlockRole, adding dx: inout Matrix,
    into gradient: inout Gradient
  ) {
    let slot = ModelSlot.block(layer: layer, role)
    let dWeight = Normalization.backward(
      dy, x: x, weight: weights.vector(role), epsilon: configuration.normEpsilon, adding: &dx,
      wantsWeight: gradient.wants(slot))
    gradient.add(slot, dWeight.span)
  }

  private func add(_ x: Matrix, to y: inout Matrix) {
    y.updateParts { row, output in
      Vector.add(x.values.span.extracting(x.range(ofRows: row..<row + 1)), scale: 1, to: &output)
    }
  }
}

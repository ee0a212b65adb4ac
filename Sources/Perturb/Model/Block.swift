/// One decoder block: attention and a feed-forward layer, each on a normalised copy of the residual
/// stream and added back to it.
///
///     m = x + s · attention(norm(x))
///     y = m + s · feedForward(norm(m))
///
/// Some families normalise what is added, too or instead; s is 1 but in Granite.
struct Block {
  let layer: Int
  let configuration: ModelConfiguration
  let weights: BlockWeights

  /// What low-rank changes make of the inputs of their products.
  typealias Projections = [ModelSlot: Matrix]

  /// Matrices that every pass through a block overwrites; tokens × the width of each.
  struct Workspace {
    var query, key, value, attended: Matrix
    /// What attention adds, where that is normalised.
    var output: Matrix
    fileprivate var middle: Matrix
    fileprivate var gate, up: Matrix
    fileprivate var mixture: MixtureOfExperts.Pass?
    /// What the feed-forward layer adds, where that is normalised.
    fileprivate var down: Matrix
    var projections: Projections = [:]

    init(tokens: Int, configuration: ModelConfiguration) {
      let roles = configuration.architecture.roles
      func matrix(_ columns: Int, if isNeeded: Bool = true) -> Matrix {
        Matrix(unwrittenRows: isNeeded ? tokens : 0, columns: columns)
      }
      middle = matrix(configuration.hiddenSize)
      query = matrix(configuration.queryWidth)
      attended = matrix(configuration.queryWidth)
      key = matrix(configuration.keyValueWidth)
      value = matrix(configuration.keyValueWidth)
      output = matrix(configuration.hiddenSize, if: roles.contains(.outputNorm))
      let hasDense = configuration.layers.contains { !$0.isMixture }
      gate = matrix(configuration.feedForwardSize, if: hasDense)
      up = matrix(configuration.feedForwardSize, if: hasDense && roles.contains(.gateWeight))
      down = matrix(configuration.hiddenSize, if: roles.contains(.downNorm))
    }
  }

  /// What the backward pass needs of a forward pass, besides the input. What costs no product is
  /// computed again, and the widest is kept in the precision of products.
  struct Activations {
    let query, key, value: Matrix
    let attended: Operand
    let output: Matrix
    fileprivate let middle: Matrix
    fileprivate let gated: FeedForward.Pass?
    fileprivate let mixture: MixtureOfExperts.Pass?
    fileprivate let down: Matrix
    let projections: Projections

    /// Of the last pass through a block. The workspace gives its matrices away, and gets new ones:
    /// shared ones would be copied when the next block writes to them.
    init(taking workspace: inout Workspace, precision: Precision) {
      query = Self.taking(&workspace.query)
      key = Self.taking(&workspace.key)
      value = Self.taking(&workspace.value)
      output = Self.taking(&workspace.output)
      middle = Self.taking(&workspace.middle)
      down = Self.taking(&workspace.down)
      attended = Operand(workspace.attended, for: precision)
      mixture = workspace.mixture
      gated =
        mixture == nil
        ? FeedForward.Pass(
          gate: Operand(workspace.gate, for: precision),
          up: workspace.up.rows == 0 ? nil : Operand(workspace.up, for: precision)) : nil
      projections = workspace.projections
      (workspace.projections, workspace.mixture) = ([:], nil)
    }

    private static func taking(_ matrix: inout Matrix) -> Matrix {
      var taken = Matrix(unwrittenRows: matrix.rows, columns: matrix.columns)
      swap(&taken, &matrix)
      return taken
    }

    /// The memory that they take.
    static func byteCount(tokens: Int, _ sizes: ModelConfiguration, precision: Precision) -> Int {
      let roles = sizes.architecture.roles
      let normed = (roles.contains(.outputNorm) ? 1 : 0) + (roles.contains(.downNorm) ? 1 : 0)
      let exact = sizes.queryWidth + 2 * sizes.keyValueWidth + (1 + normed) * sizes.hiddenSize
      let rounded = sizes.queryWidth + 2 * sizes.innerWidth
      // Low-rank projections are too narrow to count.
      return tokens * (4 * exact + (precision == .bfloat16 ? 2 : 4) * rounded)
    }
  }

  /// Writes the block's output to y. With a cache, the new keys and values are appended to it and
  /// the tokens attend to all of it.
  func forward(
    _ x: Matrix, rotaries: [RotaryEmbedding], spans: [Attention.Span],
    cache: KeyValueCache? = nil, workspace a: inout Workspace, into y: inout Matrix
  ) {
    activate(x, rotaries: rotaries, spans: spans, cache: cache, workspace: &a)
    if has(.downNorm) {
      normalization(.downNorm).forward(a.down, into: &y)
    } else {
      feedForward(&a, into: &y)
    }
    addResidual(a.middle, to: &y)
  }

  /// Everything that the backward pass needs, without the output.
  func activate(
    _ x: Matrix, rotaries: [RotaryEmbedding], spans: [Attention.Span],
    cache: KeyValueCache? = nil, workspace a: inout Workspace
  ) {
    if has(.outputNorm) {
      attend(
        normed(x, .inputNorm), rotaries, spans, cache, &a.query, &a.key, &a.value, &a.attended,
        &a.projections, into: &a.output)
      normalization(.outputNorm).forward(a.output, into: &a.middle)
    } else {
      attend(
        normed(x, .inputNorm), rotaries, spans, cache, &a.query, &a.key, &a.value, &a.attended,
        &a.projections, into: &a.middle)
    }
    addResidual(x, to: &a.middle)

    let middleNormed = normed(a.middle, .feedForwardNorm)
    if let mixture {
      a.mixture = mixture.activate(middleNormed)
    } else {
      gated.activate(middleNormed, gate: &a.gate, up: &a.up, &a.projections)
    }
    if has(.downNorm) {
      var down = Matrix(rows: 0, columns: a.down.columns)
      swap(&down, &a.down)
      feedForward(&a, into: &down)
      swap(&down, &a.down)
    }
  }

  /// What each matrix of the block read in the last pass, of input x.
  func inputs(_ x: Matrix, workspace a: Workspace) -> [(
    places: [BlockWeights.Place], input: Operand
  )] {
    func places(_ roles: BlockRole...) -> [BlockWeights.Place] {
      roles.filter(has).map { .init(role: $0, expert: nil) }
    }
    let middleNormed = normed(a.middle, .feedForwardNorm)
    var inputs: [(places: [BlockWeights.Place], input: Operand)] = [
      (places(.queryWeight, .keyWeight, .valueWeight), normed(x, .inputNorm)),
      (places(.outputWeight), Operand(a.attended)),
    ]
    if let mixture, let pass = a.mixture {
      inputs += mixture.inputs(middleNormed, pass)
    } else {
      inputs.append((places(.gateWeight, .upWeight), middleNormed))
      inputs.append((places(.downWeight), gated.inner(pass(of: a))))
    }
    return inputs
  }

  /// Turns the gradient of the output into the gradient of the input, in place, and adds the
  /// gradients of the weights. `a` must hold the activations of the same input.
  func backward(
    _ d: inout Matrix, x: Matrix, rotaries: [RotaryEmbedding], spans: [Attention.Span],
    activations a: Activations, into gradient: inout Gradient
  ) {
    // y = m + s · norm(feedForward(norm(m)))
    let dDown = addedGradient(d, a.down, .downNorm, into: &gradient)
    let middleNormed = normed(a.middle, .feedForwardNorm)
    let dMiddleNormed =
      if let mixture, let pass = a.mixture {
        mixture.backward(dDown, x: middleNormed, pass, into: &gradient)
      } else if let pass = a.gated {
        gatedBackward(dDown, middleNormed, pass, a.projections, into: &gradient)
      } else {
        preconditionFailure("a block has experts or none")
      }
    normBackward(dMiddleNormed, a.middle, .feedForwardNorm, adding: &d, into: &gradient)

    // m = x + s · norm(attention(norm(x)))
    let dOutput = addedGradient(d, a.output, .outputNorm, into: &gradient)
    let dInputNormed = attendBackward(
      dOutput, normed(x, .inputNorm), rotaries, spans, a, into: &gradient)
    normBackward(dInputNormed, x, .inputNorm, adding: &d, into: &gradient)
  }

  // MARK: The feed-forward layer

  private var gated: FeedForward {
    FeedForward(block: self, roles: .usual(isGated: has(.gateWeight)))
  }

  private var mixture: MixtureOfExperts? {
    guard configuration.layers[layer].isMixture else { return nil }
    return configuration.mixture.map { MixtureOfExperts(block: self, sizes: $0) }
  }

  private func pass(of a: Workspace) -> FeedForward.Pass {
    FeedForward.Pass(gate: Operand(a.gate), up: a.up.rows == 0 ? nil : Operand(a.up))
  }

  /// Writes what the layer adds, before it is normalised.
  private func feedForward(_ a: inout Workspace, into y: inout Matrix) {
    if let mixture, var pass = a.mixture {
      a.mixture = nil
      mixture.output(&pass, into: &y)
      a.mixture = pass
    } else {
      gated.output(gated.inner(pass(of: a)), into: &y, &a.projections)
    }
  }

  private func gatedBackward(
    _ dDown: Matrix, _ x: Operand, _ pass: FeedForward.Pass, _ projections: Projections,
    into gradient: inout Gradient
  ) -> Matrix {
    let dInner = gated.innerGradient(
      Operand(dDown), inner: gated.inner(pass), projections, into: &gradient)
    return WeightMatrix.inputGradient(
      gated.backward(dInner, x, pass, projections, into: &gradient),
      inputs: configuration.hiddenSize)
  }

  // MARK: The residual stream

  /// `y = x + s · y`.
  private func addResidual(_ x: Matrix, to y: inout Matrix) {
    let scale = configuration.residualScale
    y.updateParts { row, output in
      if scale != 1 { for index in 0..<output.count { output[index] *= scale } }
      Vector.add(x.values.span.extracting(x.range(ofRows: row..<row + 1)), scale: 1, to: &output)
    }
  }

  /// The gradient of what a layer adds, given that of the stream behind it.
  private func addedGradient(
    _ d: Matrix, _ added: Matrix, _ norm: BlockRole, into gradient: inout Gradient
  ) -> Matrix {
    var d = d
    if configuration.residualScale != 1 { d.values.scale(by: configuration.residualScale) }
    guard has(norm) else { return d }
    var dAdded = Matrix(rows: d.rows, columns: d.columns)
    normBackward(d, added, norm, adding: &dAdded, into: &gradient)
    return dAdded
  }
}

// MARK: - What layers are made of

extension Block {
  /// Whether blocks of the family have this role.
  func has(_ role: BlockRole) -> Bool { configuration.architecture.roles.contains(role) }

  /// Writes `x · wᵀ`, plus the bias if there is one.
  func linear(
    _ x: Operand, _ slot: ModelSlot, into y: inout Matrix, _ projections: inout Projections
  ) {
    guard case .block(_, let role, let expert) = slot else { return }
    projections[slot] = Linear.forward(
      x, weight: weights.matrix(role, expert: expert), bias: role.bias.flatMap(weights.optional),
      into: &y)
  }

  /// Adds the gradients of weight and bias, and returns the part of the gradient of x.
  func linearBackward(
    _ dy: Operand, _ x: Operand, _ slot: ModelSlot, _ projections: Projections,
    into gradient: inout Gradient
  ) -> WeightMatrix.Pullback {
    guard case .block(_, let role, let expert) = slot else {
      preconditionFailure("\(slot) is in no block")
    }
    return Linear.backward(
      dy, x: x, projected: projections[slot], weight: weights.matrix(role, expert: expert),
      slot: slot, biasSlot: role.bias.map { .block(layer: layer, $0) }, into: &gradient)
  }

  /// A normalisation of this block; weights and bias as computed with.
  func normalization(_ role: BlockRole) -> Normalization {
    Normalization(
      form: configuration.architecture.normalization, weight: weights.vector(role),
      bias: role.bias.flatMap(weights.optional), epsilon: configuration.normEpsilon)
  }

  /// x normalised, where the family does so.
  private func normed(_ x: Matrix, _ role: BlockRole) -> Operand {
    has(role) ? normalization(role).forward(x, for: weights.precision) : Operand(x)
  }

  func normBackward(
    _ dy: Matrix, _ x: Matrix, _ role: BlockRole, adding dx: inout Matrix,
    into gradient: inout Gradient
  ) {
    guard has(role) else {
      dx.values.add(dy.values, scale: 1)
      return
    }
    let slot = ModelSlot.block(layer: layer, role)
    let biasSlot = role.bias.map { ModelSlot.block(layer: layer, $0) }
    let (dWeight, dBias) = normalization(role).backward(
      dy, x: x, adding: &dx,
      wantsWeight: gradient.wants(slot) || biasSlot.map(gradient.wants) == true)
    guard !dWeight.isEmpty else { return }
    gradient.add(slot, dWeight.span)
    if let biasSlot { gradient.add(biasSlot, dBias.span) }
  }
}

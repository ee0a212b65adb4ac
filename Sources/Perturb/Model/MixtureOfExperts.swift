import RealModule

/// A mixture of experts (Shazeer et al. 2017; Jiang et al. 2024, Mixtral): each token goes to the few experts
/// that the router finds likeliest.
///
///     p = softmax(x · Wrᵀ),   w = p of the k largest, made to sum to 1 where the family does so
///     y = Σ over the chosen of wᵢ · expertᵢ(x)  [ + σ(x · wsᵀ) · shared(x) ]
///
/// The gradient goes through the chosen experts and, by their weights, to the router.
struct MixtureOfExperts {
  let block: Block
  let sizes: ModelConfiguration.Mixture

  /// The tokens that one expert got.
  fileprivate struct Share {
    let expert: Int
    /// Their rows, and the weight of the expert for each.
    var rows: [Int] = []
    var weights: [Float] = []
    var pass: FeedForward.Pass?
    var projections: Block.Projections = [:]
  }

  /// What the backward pass needs besides the input.
  struct Pass {
    /// p, tokens × experts.
    fileprivate let probabilities: Matrix
    fileprivate var shares: [Share]
    fileprivate var shared: (pass: FeedForward.Pass, gate: [Float])?
    fileprivate var projections: Block.Projections = [:]
  }

  /// Routes x (tokens × channels) and computes what stands before the activations.
  func activate(_ x: Operand) -> Pass {
    let exact = x.expanded
    var pass = route(exact)
    for index in pass.shares.indices {
      let network = expert(pass.shares[index].expert)
      let tokens = Operand(exact.gathering(rows: pass.shares[index].rows))
      pass.shares[index].pass = activated(network, tokens, &pass.shares[index].projections)
    }
    if sizes.sharedSize != nil {
      let weight = block.weights.vector(.sharedRouterWeight)
      let gate = (0..<exact.rows).map { row in
        let z = Vector.dot(
          exact.values.span.extracting(exact.range(ofRows: row..<row + 1)), weight.span)
        return 1 / (1 + Float.exp(-z))
      }
      let network = activated(shared, x, &pass.projections)
      pass.shared = (network, gate)
    }
    return pass
  }

  /// Writes y, tokens × channels.
  func output(_ pass: inout Pass, into y: inout Matrix) {
    for index in y.values.indices { y.values[index] = 0 }
    for index in pass.shares.indices {
      guard let inner = inner(of: pass.shares[index]) else { continue }
      let share = pass.shares[index]
      var part = Matrix(rows: share.rows.count, columns: y.columns)
      expert(share.expert).output(
        inner.weighted, into: &part, &pass.shares[index].projections)
      y.add(part, toRows: share.rows)
    }
    guard let all = pass.shared else { return }
    var part = Matrix(rows: y.rows, columns: y.columns)
    shared.output(
      Operand(shared.inner(all.pass).expanded.scaling(rows: all.gate)), into: &part,
      &pass.projections)
    y.values.add(part.values, scale: 1)
  }

  /// The gradient of x, given that of y.
  func backward(_ dy: Matrix, x: Operand, _ pass: Pass, into gradient: inout Gradient) -> Matrix {
    let exact = x.expanded
    var dx = Matrix(rows: exact.rows, columns: exact.columns)
    // The gradient of the weights that the chosen experts got, tokens × experts.
    var dWeights = Matrix(rows: exact.rows, columns: sizes.expertCount)
    for share in pass.shares {
      guard let network = share.pass, let inner = inner(of: share) else { continue }
      let expert = expert(share.expert)
      let tokens = Operand(exact.gathering(rows: share.rows))
      var dInner = expert.innerGradient(
        Operand(dy.gathering(rows: share.rows)), inner: inner.weighted, share.projections,
        into: &gradient)
      for (index, row) in share.rows.enumerated() {
        dWeights[row, share.expert] = dInner.dot(inner.plain, row: index)
      }
      dInner = dInner.scaling(rows: share.weights)
      let parts = expert.backward(dInner, tokens, network, share.projections, into: &gradient)
      dx.add(
        WeightMatrix.inputGradient(parts, inputs: exact.columns), toRows: share.rows)
    }
    routeBackward(dWeights, exact, pass, adding: &dx, into: &gradient)
    if let all = pass.shared {
      sharedBackward(dy, x, exact, all, pass.projections, adding: &dx, into: &gradient)
    }
    return dx
  }

  /// What each matrix of the mixture read, for each expert that got tokens.
  func inputs(_ x: Operand, _ pass: Pass) -> [(places: [BlockWeights.Place], input: Operand)] {
    let exact = x.expanded
    var inputs: [(places: [BlockWeights.Place], input: Operand)] = []
    for share in pass.shares {
      guard let inner = inner(of: share) else { continue }
      inputs.append(
        (
          [
            .init(role: .gateWeight, expert: share.expert),
            .init(role: .upWeight, expert: share.expert),
          ],
          Operand(exact.gathering(rows: share.rows))
        ))
      inputs.append(([.init(role: .downWeight, expert: share.expert)], inner.weighted))
    }
    if let all = pass.shared {
      inputs.append(
        (
          [.init(role: .sharedGateWeight, expert: nil), .init(role: .sharedUpWeight, expert: nil)],
          x
        ))
      inputs.append(
        (
          [.init(role: .sharedDownWeight, expert: nil)],
          Operand(shared.inner(all.pass).expanded.scaling(rows: all.gate))
        ))
    }
    return inputs
  }

  private func expert(_ number: Int) -> FeedForward {
    FeedForward(block: block, roles: .usual(isGated: true), expert: number)
  }

  private var shared: FeedForward { FeedForward(block: block, roles: .shared) }

  private func activated(
    _ network: FeedForward, _ x: Operand, _ projections: inout Block.Projections
  ) -> FeedForward.Pass {
    var gate = Matrix(unwrittenRows: x.rows, columns: network.width)
    var up = gate
    network.activate(x, gate: &gate, up: &up, &projections)
    let precision = block.weights.precision
    return FeedForward.Pass(
      gate: Operand(gate, for: precision), up: Operand(up, for: precision))
  }

  /// The input of an expert's last matrix, and the same times the weight of each token: as that matrix is
  /// linear, its output is weighted with it.
  private func inner(of share: Share) -> (plain: Matrix, weighted: Operand)? {
    guard let pass = share.pass else { return nil }
    let plain = expert(share.expert).inner(pass).expanded
    return (plain, Operand(plain.scaling(rows: share.weights)))
  }

  // MARK: The router

  private var router: [Float] { block.weights.vector(.routerWeight) }

  /// Chooses experts, in single precision: a rounded product would choose others.
  private func route(_ x: Matrix) -> Pass {
    var probabilities = Matrix(rows: x.rows, columns: sizes.expertCount)
    BLAS.multiply(x, transposing: router, into: &probabilities)
    var shares = (0..<sizes.expertCount).map { Share(expert: $0) }
    for row in 0..<x.rows {
      let range = probabilities.range(ofRows: row..<row + 1)
      let normalizer = Vector.logSumExp(probabilities.values.span.extracting(range))
      for index in range {
        probabilities.values[index] = .exp(probabilities.values[index] - normalizer)
      }
      let chosen = chosen(probabilities.row(row))
      let sum = chosen.reduce(Float(0)) { $0 + probabilities[row, $1] }
      for expert in chosen {
        let weight = probabilities[row, expert]
        shares[expert].rows.append(row)
        shares[expert].weights.append(sizes.normalizesWeights ? weight / sum : weight)
      }
    }
    return Pass(probabilities: probabilities, shares: shares.filter { !$0.rows.isEmpty })
  }

  /// The k likeliest experts, the first ones in case of a tie.
  private func chosen(_ probabilities: [Float]) -> [Int] {
    let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    return Array(order.prefix(sizes.chosenCount))
  }

  /// Turns the gradient of the weights into those of the router and of x.
  ///
  ///     w = p / Σp over the chosen:   dp = (dw − Σ dw·w) / Σp,   otherwise dp = dw
  ///     dlogit = p ∘ (dp − Σ p·dp)
  private func routeBackward(
    _ dWeights: Matrix, _ x: Matrix, _ pass: Pass, adding dx: inout Matrix,
    into gradient: inout Gradient
  ) {
    let p = pass.probabilities
    var dLogits = Matrix(rows: x.rows, columns: sizes.expertCount)
    for row in 0..<x.rows {
      let chosen = chosen(p.row(row))
      let sum = sizes.normalizesWeights ? chosen.reduce(Float(0)) { $0 + p[row, $1] } : 1
      let mean =
        sizes.normalizesWeights
        ? chosen.reduce(Float(0)) { $0 + dWeights[row, $1] * p[row, $1] / sum } : 0
      var total: Float = 0
      for expert in chosen {
        dLogits[row, expert] = (dWeights[row, expert] - mean) / sum
        total += dLogits[row, expert] * p[row, expert]
      }
      for expert in 0..<sizes.expertCount {
        dLogits[row, expert] = p[row, expert] * (dLogits[row, expert] - total)
      }
    }
    let slot = ModelSlot.block(layer: block.layer, .routerWeight)
    gradient.add(slot, dy: Operand(dLogits), x: Operand(x), precision: .float32)
    BLAS.accumulate(dLogits, times: router, into: &dx)
  }

  // MARK: The expert that sees every token

  private func sharedBackward(
    _ dy: Matrix, _ x: Operand, _ exact: Matrix, _ all: (pass: FeedForward.Pass, gate: [Float]),
    _ projections: Block.Projections, adding dx: inout Matrix, into gradient: inout Gradient
  ) {
    let plain = shared.inner(all.pass).expanded
    let dInner = shared.innerGradient(
      Operand(dy), inner: Operand(plain.scaling(rows: all.gate)), projections, into: &gradient)
    let parts = shared.backward(
      dInner.scaling(rows: all.gate), x, all.pass, projections, into: &gradient)
    dx.values.add(WeightMatrix.inputGradient(parts, inputs: exact.columns).values, scale: 1)
    // σ′ = σ · (1 − σ).
    let slopes = (0..<exact.rows).map { row in
      dInner.dot(plain, row: row) * all.gate[row] * (1 - all.gate[row])
    }
    let weight = block.weights.vector(.sharedRouterWeight)
    var dWeight = [Float](repeating: 0, count: weight.count)
    for (row, slope) in slopes.enumerated() {
      for column in weight.indices {
        dWeight[column] += slope * exact[row, column]
        dx[row, column] += slope * weight[column]
      }
    }
    gradient.add(.block(layer: block.layer, .sharedRouterWeight), dWeight.span)
  }
}

extension Matrix {
  /// Each row times a number.
  fileprivate func scaling(rows factors: [Float]) -> Matrix {
    var scaled = self
    scaled.updateParts { row, values in
      for column in 0..<values.count { values[column] *= factors[row] }
    }
    return scaled
  }

  /// The scalar product of one row with that of another matrix.
  fileprivate func dot(_ other: Matrix, row: Int) -> Float {
    let range = range(ofRows: row..<row + 1)
    return Vector.dot(values.span.extracting(range), other.values.span.extracting(range))
  }
}

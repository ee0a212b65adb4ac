/// A feed-forward network: that of a block, of one expert, or of the expert that sees every token.
///
///     y = (f(x · Wgᵀ) ∘ (x · Wuᵀ)) · Wdᵀ,   or f(x · Wuᵀ) · Wdᵀ without a gate
struct FeedForward {
  /// Which roles its matrices have.
  struct Roles {
    let gate: BlockRole?
    let up, down: BlockRole
  }

  let block: Block
  let roles: Roles
  var expert: Int?

  /// What the backward pass needs besides the input. What costs no product is computed again.
  struct Pass {
    /// Before the activation; without a gate, `gate` is what it is applied to, and there is no `up`.
    fileprivate(set) var gate: Operand
    fileprivate(set) var up: Operand?

    init(gate: Operand, up: Operand?) { (self.gate, self.up) = (gate, up) }
  }

  /// Width of the inner layer.
  var width: Int { block.configuration.shape(of: slot(roles.up)).rows }

  /// Writes what stands before the activation; without a gate, only `gate` is written.
  func activate(
    _ x: Operand, gate: inout Matrix, up: inout Matrix, _ projections: inout Block.Projections
  ) {
    guard let gateRole = roles.gate else {
      block.linear(x, slot(roles.up), into: &gate, &projections)
      return
    }
    block.linear(x, slot(gateRole), into: &gate, &projections)
    block.linear(x, slot(roles.up), into: &up, &projections)
  }

  /// The input of the last matrix.
  func inner(_ pass: Pass) -> Operand {
    block.configuration.activation.forward(
      gate: pass.gate, up: pass.up, for: block.weights.precision)
  }

  /// Writes y, given `inner` of a pass.
  func output(_ inner: Operand, into y: inout Matrix, _ projections: inout Block.Projections) {
    block.linear(inner, slot(roles.down), into: &y, &projections)
  }

  /// The gradient of what `inner` returned, given that of y.
  func innerGradient(
    _ dy: Operand, inner: Operand, _ projections: Block.Projections, into gradient: inout Gradient
  ) -> Matrix {
    WeightMatrix.inputGradient(
      [block.linearBackward(dy, inner, slot(roles.down), projections, into: &gradient)],
      inputs: width)
  }

  /// The parts of the gradient of x, given the gradient of what `inner` returned.
  func backward(
    _ dInner: Matrix, _ x: Operand, _ pass: Pass, _ projections: Block.Projections,
    into gradient: inout Gradient
  ) -> [WeightMatrix.Pullback] {
    let (dGate, dUp) = block.configuration.activation.backward(
      dInner, gate: pass.gate, up: pass.up, for: block.weights.precision)
    guard let gateRole = roles.gate, let dUp else {
      return [block.linearBackward(dGate, x, slot(roles.up), projections, into: &gradient)]
    }
    return [
      block.linearBackward(dGate, x, slot(gateRole), projections, into: &gradient),
      block.linearBackward(dUp, x, slot(roles.up), projections, into: &gradient),
    ]
  }

  private func slot(_ role: BlockRole) -> ModelSlot {
    .block(layer: block.layer, role, expert: expert)
  }
}

extension FeedForward.Roles {
  /// Those of a block or an expert.
  static func usual(isGated: Bool) -> Self {
    .init(gate: isGated ? .gateWeight : nil, up: .upWeight, down: .downWeight)
  }

  /// Those of the expert that sees every token.
  static let shared = Self(gate: .sharedGateWeight, up: .sharedUpWeight, down: .sharedDownWeight)
}

/// Where a matrix or vector stands in the model: one of the outer ones, or a role in a block.
public enum ModelSlot: Hashable, Sendable {
  case embedding
  /// Learned positions.
  case positions
  /// In a block; `expert` is the number of the expert it belongs to, nil outside of experts.
  case block(layer: Int, BlockRole, expert: Int? = nil)
  case finalNorm
  case finalNormBias
  case head

  /// The number of the block, if it is in one.
  public var layer: Int? {
    if case .block(let layer, _, _) = self { layer } else { nil }
  }

  /// What it does in a block, if it is in one.
  public var role: BlockRole? {
    if case .block(_, let role, _) = self { role } else { nil }
  }

  /// True for the matrices inside the blocks.
  public var isBlockMatrix: Bool { role?.isMatrix == true }
}

/// What a matrix or vector does inside a decoder block.
public enum BlockRole: Int, CaseIterable, Sendable {
  case inputNorm, inputNormBias
  case queryWeight, queryBias, keyWeight, keyBias, valueWeight, valueBias
  case queryNorm, keyNorm
  case outputWeight, outputBias
  /// Of what attention adds to the stream.
  case outputNorm
  case feedForwardNorm, feedForwardNormBias
  /// Experts × channels: which experts a token is sent to.
  case routerWeight
  case gateWeight, gateBias, upWeight, upBias, downWeight, downBias
  /// Of the expert that sees every token.
  case sharedGateWeight, sharedUpWeight, sharedDownWeight
  /// One row: how much of the shared expert's output is used.
  case sharedRouterWeight
  /// Of what the feed-forward layer adds to the stream.
  case downNorm

  /// True for the matrices of the block, the ones that a patch moves by default. Routers are not among
  /// them: a small change there sends tokens elsewhere.
  public var isMatrix: Bool {
    switch self {
    case .queryWeight, .keyWeight, .valueWeight, .outputWeight, .gateWeight, .upWeight, .downWeight,
      .sharedGateWeight, .sharedUpWeight, .sharedDownWeight:
      true
    default: false
    }
  }

  /// The bias that goes with a weight.
  var bias: BlockRole? {
    switch self {
    case .inputNorm: .inputNormBias
    case .queryWeight: .queryBias
    case .keyWeight: .keyBias
    case .valueWeight: .valueBias
    case .outputWeight: .outputBias
    case .feedForwardNorm: .feedForwardNormBias
    case .gateWeight: .gateBias
    case .upWeight: .upBias
    case .downWeight: .downBias
    default: nil
    }
  }

  /// True for biases of matrices, which some checkpoints of a family lack.
  var isBias: Bool {
    switch self {
    case .queryBias, .keyBias, .valueBias, .outputBias, .gateBias, .upBias, .downBias: true
    default: false
    }
  }

  /// True for weights of normalisations, which some families store less 1.
  var isNormWeight: Bool {
    switch self {
    case .inputNorm, .queryNorm, .keyNorm, .outputNorm, .feedForwardNorm, .downNorm: true
    default: false
    }
  }
}

public import FormatIO

/// Where a kick moves the weights: the share of each tensor in its squared norm, ‖ε_i‖² / ‖ε‖².
///
/// The profile belongs to the point at which the kick is taken; it is not a property of the model.
public struct SafetyCoefficients: Sendable {
  /// How the squared norm of one change is spread over the blocks of a model.
  public struct Shares: Sendable {
    /// The part of one tensor.
    public struct Tensor: Sendable {
      /// Its name in the file.
      public let name: TensorName
      /// The block it is in.
      public let layer: Int
      /// What it does in the block.
      public let role: BlockRole
      /// Its share in the squared norm of all of them.
      public let share: Double
    }

    /// How many blocks the model has.
    public let layerCount: Int
    /// The tensors inside blocks that could change; their shares sum to 1, or are all 0.
    public let tensors: [Tensor]

    init(_ entries: [ParameterSpace.Entry], squaredNorms: [Double], layerCount: Int) {
      let inner = zip(entries, squaredNorms).compactMap { entry, norm -> Tensor? in
        guard case .block(let layer, let role, _) = entry.slot else { return nil }
        return Tensor(name: entry.name, layer: layer, role: role, share: norm)
      }
      let total = inner.reduce(0) { $0 + $1.share }
      self.init(
        layerCount: layerCount,
        tensors: total > 0 && total.isFinite
          ? inner.map {
            Tensor(name: $0.name, layer: $0.layer, role: $0.role, share: $0.share / total)
          } : inner.map { Tensor(name: $0.name, layer: $0.layer, role: $0.role, share: 0) })
    }

    init(layerCount: Int, tensors: [Tensor]) {
      self.layerCount = layerCount
      self.tensors = tensors
    }

    /// One share for each layer, first to last.
    public var layers: [Double] { sums(of: tensors) }

    /// The kinds of tensors among them, in model order, each with one share for each layer.
    public var kinds: [(role: BlockRole, layers: [Double])] {
      BlockRole.allCases.compactMap { role in
        let members = tensors.filter { $0.role == role }
        return members.isEmpty ? nil : (role, sums(of: members))
      }
    }

    private func sums(of tensors: [Tensor]) -> [Double] {
      var sums = [Double](repeating: 0, count: layerCount)
      for tensor in tensors { sums[tensor.layer] += tensor.share }
      return sums
    }
  }

  /// Of the kick's direction, whatever length was chosen in the end.
  public let kick: Shares
  /// Of the learned drift, for comparison.
  public let drift: Shares

  /// The kick's share of each layer, first to last; they sum to 1, or are all 0 without a kick.
  public var layers: [Double] { kick.layers }

  /// A kick of this relative size is short enough to be linear and long enough for single precision.
  private static let probe = 1e-4

  /// Measures the direction of the kick and the drift it starts from.
  public init(_ learned: LearnedChange, sizes: WeightChange) throws {
    let length = try sizes.length(
      along: learned.direction, at: learned.drift, relativeNorm: Self.probe)
    let entries = learned.drift.space.entries
    let layerCount = sizes.map.configuration.layerCount
    kick = Shares(
      entries,
      squaredNorms: sizes.squaredNorms(from: learned.drift, to: learned.kicked(by: length)),
      layerCount: layerCount)
    drift = Shares(
      entries, squaredNorms: sizes.squaredNorms(to: learned.drift), layerCount: layerCount)
  }

  init(kick: Shares, drift: Shares) {
    self.kick = kick
    self.drift = drift
  }
}

extension BlockRole {
  /// What the tensor is called in reports: `query`, `up`, `key bias`.
  public var kind: String {
    switch self {
    case .inputNorm: "input norm"
    case .inputNormBias: "input norm bias"
    case .queryWeight: "query"
    case .queryBias: "query bias"
    case .queryNorm: "query norm"
    case .keyWeight: "key"
    case .keyBias: "key bias"
    case .keyNorm: "key norm"
    case .valueWeight: "value"
    case .valueBias: "value bias"
    case .outputWeight: "output"
    case .outputBias: "output bias"
    case .outputNorm: "output norm"
    case .feedForwardNorm: "feed-forward norm"
    case .feedForwardNormBias: "feed-forward norm bias"
    case .routerWeight: "router"
    case .gateWeight: "gate"
    case .gateBias: "gate bias"
    case .upWeight: "up"
    case .upBias: "up bias"
    case .downWeight: "down"
    case .downBias: "down bias"
    case .sharedGateWeight: "shared gate"
    case .sharedUpWeight: "shared up"
    case .sharedDownWeight: "shared down"
    case .sharedRouterWeight: "shared router"
    case .downNorm: "down norm"
    }
  }
}

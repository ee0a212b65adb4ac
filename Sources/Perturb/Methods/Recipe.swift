import FormatIO
import RealModule

/// All settings of the Panacea method; see `Panacea` for what each letter does.
public struct Recipe: Sendable, Equatable {
  /// Which matrices may move.
  public enum Targets: Sendable, Equatable {
    /// Every matrix inside the blocks.
    case blockMatrices
    /// Only the query, key and value projections, as in the paper.
    case queryKeyValue
    /// Tensors whose name matches one of these patterns (`*` stands for anything).
    case matching([String])
  }

  /// How long the kick is.
  public enum KickLength: Sendable, Equatable {
    /// Searched for, under the damage budgets.
    case automatic
    /// ‖ε‖ relative to the norm of the target weights.
    case relative(Double)
    /// ‖ε‖ in the space of the parameters themselves (the paper's ρ, in LoRA factor space).
    case parameters(Double)

    /// True if there is no kick at all.
    var isZero: Bool {
      switch self {
      case .automatic: false
      case .relative(let rho): rho == 0
      case .parameters(let length): length == 0
      }
    }
  }

  /// Which loss the kick climbs, and where it is taken.
  public enum Kick: Sendable, Equatable {
    /// J = mean log-odds of opening with a refusal of a harmful request, on all rows, at w_T.
    case margin
    /// J = h − c·(r + task + benign), on all rows, at w_T.
    case anchored(weight: Float)
    /// J = h on the last minibatch, at the weights before the last step: the released code.
    case lastMinibatch
  }

  /// How the task is kept.
  public enum TaskTerm: String, Sendable {
    /// Cross-entropy of the given answers: the task is learned again.
    case likelihood
    /// KL divergence from the unpatched model where the given answers stand: its own answers stay,
    /// and the few rows are not learned by heart.
    case divergence
  }

  /// How many rows of each kind a step reads.
  public struct BatchRows: Sendable, Equatable {
    /// Harmful requests, and as many refusals of them.
    public var harmful: Int
    /// Benign requests with their answers.
    public var benign: Int
    /// Task rows.
    public var task: Int
    /// Benign requests that should not be refused.
    public var overRefusal: Int

    /// These many rows.
    public init(harmful: Int, benign: Int, task: Int, overRefusal: Int) {
      (self.harmful, self.benign) = (harmful, benign)
      (self.task, self.overRefusal) = (task, overRefusal)
    }

    /// The same number of each kind.
    public init(each rows: Int) {
      self.init(harmful: rows, benign: rows, task: rows, overRefusal: rows)
    }
  }

  /// M in ε = ρ·M⁻¹∇J / ‖M⁻¹∇J‖.
  public enum Metric: Sendable, Equatable {
    /// M = I, as in the paper.
    case identity
    /// Directions that change what the kick must not move are left out: so many for each kind, one for
    /// each group of rows. The margin may not move the answers to task and benign rows, nor
    /// refusals in the midst of these; the anchored kick may not move any refusals of benign requests.
    case benignProjection(groups: Int)
    /// M = diagonal Fisher information of benign rows, in as many groups, plus this share of its
    /// mean.
    case benignFisher(damping: Float, groups: Int)
  }

  /// The matrices that move.
  public var targets: Targets
  /// Full change, low-rank factors, or those of an adapter.
  public var parametrisation: ParameterSpace.Parametrisation
  /// T, the number of steps of the drift; 0 leaves only the kick.
  public var steps: Int
  /// How many more rounds of steps there may be while the rows kept for choosing ask for them.
  public var extraRounds: Int
  /// The number of steps in each of these.
  public var extraSteps: Int
  /// η of AdamW.
  public var learningRate: Float
  /// Weight decay of AdamW on the parameters.
  public var weightDecay: Float
  /// Longest gradient that is not shortened.
  public var clipNorm: Double?
  /// If true, η falls linearly to zero over a round, and later rounds start from half of it;
  /// otherwise it is constant.
  public var decaysLearningRate: Bool
  /// Over how many steps η rises at the start of a decaying round. Adam's first steps follow single
  /// batches; long ones would undo the task.
  public var warmUpSteps: Int
  /// Rows of each term in a step.
  public var batchRows: BatchRows
  /// The most tokens that one pass reads.
  public var batchTokens: Int
  /// a_T, weight of the task rows in g.
  public var taskWeight: Float
  /// What the task rows ask for.
  public var taskTerm: TaskTerm
  /// a_B, weight of the benign rows in g.
  public var benignWeight: Float
  /// a_R, weight of the refusals in g.
  public var refusalWeight: Float
  /// How much more the first tokens of a refusal weigh than the others.
  public var openingEmphasis: Float
  /// One in so many refusals is also learned after the compliant opening has been said, and benign
  /// answers are guarded against refusals in their midst; 0 for neither.
  public var deepRefusals: Int
  /// a_O, weight in g of −log(1 − p), p the probability that a benign request is refused.
  public var overRefusalWeight: Float
  /// β, weight in g of the KL divergence from the unpatched model on benign rows.
  public var beta: Float
  /// λ, weight of h(w + ε) − h(w).
  public var lambda: Float
  /// μ, weight of g(w + ε).
  public var mu: Float
  /// ρ.
  public var rho: KickLength
  /// What the kick climbs.
  public var kick: Kick
  /// The ball that the last kick is the longest step in.
  public var metric: Metric
  /// τ: harmful loss above which nothing is pushed.
  public var ceiling: Float
  /// If true τ applies to the mean of a batch, as in the paper, otherwise to each row.
  public var ceilingOnMean: Bool
  /// Whether the caller's rows are completed by built-in ones and by the task's format.
  public var completesRows: Bool
  /// Decides the order of rows and the start of the factors.
  public var seed: UInt64

  /// The recipe that repairs: learn refusals, also of requests whose answer has begun, and benign
  /// answers, stay close to the task's, guard benign requests against refusal, then a kick along
  /// the margin whose length is searched for. docs/ABLATIONS.md shows where the numbers come from.
  public static func standard(vocabularySize: Int) -> Recipe {
    Recipe(
      targets: .blockMatrices, parametrisation: .lowRank(rank: 16, scale: 2), steps: 120,
      extraRounds: 1, extraSteps: 40, learningRate: 1e-3, weightDecay: 0, clipNorm: 1,
      decaysLearningRate: true, warmUpSteps: 6,
      batchRows: BatchRows(harmful: 10, benign: 8, task: 4, overRefusal: 12),
      batchTokens: MemoryPlan().batchTokens, taskWeight: 4, taskTerm: .divergence,
      benignWeight: 3, refusalWeight: 2.5, openingEmphasis: 4, deepRefusals: 4,
      overRefusalWeight: 0.25, beta: 0, lambda: 0, mu: 0, rho: .automatic,
      kick: .margin, metric: .benignProjection(groups: 3),
      ceiling: ceiling(vocabularySize: vocabularySize), ceilingOnMean: false, completesRows: true,
      seed: 0)
  }

  /// The published algorithm with its published numbers (arXiv 2501.18100 and its code): LoRA on
  /// q, k, v, one pass over the rows, no refusals, ε of the last minibatch in factor space.
  ///
  /// - Parameter adapter: the factors of the fine-tune, which the paper's steps go on from; without them new
  ///   ones are made, as it makes them.
  public static func paper(vocabularySize: Int, rows: Int, adapter: AdapterFactors? = nil)
    -> Recipe
  {
    Recipe(
      targets: .queryKeyValue,
      parametrisation: adapter.map { .ofAdapter($0) } ?? .lowRank(rank: 32, scale: 4.0 / 32),
      steps: max(1, rows / 10), extraRounds: 0, extraSteps: 0, learningRate: 2e-5, weightDecay: 0.1,
      clipNorm: 1, decaysLearningRate: false, warmUpSteps: 0, batchRows: BatchRows(each: 10),
      batchTokens: MemoryPlan().batchTokens, taskWeight: 1, taskTerm: .likelihood, benignWeight: 1,
      refusalWeight: 0,
      openingEmphasis: 1, deepRefusals: 0, overRefusalWeight: 0, beta: 0, lambda: 0.001, mu: 0,
      rho: .parameters(1), kick: .lastMinibatch, metric: .identity,
      ceiling: ceiling(vocabularySize: vocabularySize), ceilingOnMean: true, completesRows: false,
      seed: 0)
  }

  /// The relative ρ used inside the steps while the final one is still to be searched for.
  static let learningRho = 6e-5

  /// True if a step needs ∇h: its terms are switched on, or the kick is taken from it.
  var needsHarmfulGradient: Bool { lambda != 0 || mu != 0 || kick == .lastMinibatch }

  /// What η is multiplied by in one step of a round; both count from 0.
  func rate(of step: Int, in count: Int, round: Int) -> Float {
    guard decaysLearningRate else { return 1 }
    let rise = min(1, Float(step + 1) / Float(warmUpSteps + 1))
    let fall = 1 - Float(step) / Float(count)
    return rise * fall * (round == 0 ? 1 : 0.5)
  }

  /// The tensors of a model that the recipe moves, and in what form.
  ///
  /// - Throws: `InputError` if a pattern matches nothing.
  public func space(over map: TensorMap) throws -> ParameterSpace {
    let tensors = map.slots.compactMap { slot in
      map.tensor(at: slot).map { (slot: slot, tensor: $0) }
    }
    var chosen = tensors.filter { slot, tensor in
      switch targets {
      case .blockMatrices: return slot.isBlockMatrix
      case .queryKeyValue:
        return [BlockRole.queryWeight, .keyWeight, .valueWeight].contains(slot.role)
      case .matching(let patterns):
        return patterns.contains { Glob.matches("\(tensor.name)", pattern: $0) }
      }
    }
    if case .matching(let patterns) = targets, chosen.isEmpty {
      throw InputError(
        .usage, file: map.checkpoint.path, expected: "--targets that match a tensor",
        found: "no match for " + patterns.joined(separator: ", "),
        fix: "list the tensors with: panacea-patch inspect")
    }
    if case .ofAdapter(let factors) = parametrisation {
      chosen = try factors.own(chosen, in: map)
    }
    return ParameterSpace(
      tensors: chosen.map { slot, tensor in
        let shape = map.configuration.shape(of: slot)
        return (slot: slot, name: tensor.name, outputs: shape.rows, inputs: shape.columns)
      }, parametrisation: parametrisation)
  }

  /// A small vocabulary saturates earlier: guessing costs ln V.
  private static func ceiling(vocabularySize: Int) -> Float {
    min(5, 0.8 * Float.log(Float(vocabularySize)))
  }
}

/// A way to repair a model: from weights and rows to a change of the weights.
///
/// To add a method, write one file with a type that conforms, and add it to the command's list.
public protocol RepairMethod: Sendable {
  /// How close the method is to its paper, in one sentence.
  static var fidelity: String { get }

  /// Learns the change.
  ///
  /// - Parameters:
  ///   - asksForMore: asked with the drift when a round of steps is over, whether it leaves too many
  ///     harmful requests answered. The next round leans to refusals; the method may have no more.
  ///   - progress: hears of each step, with the drift so far; it may throw to stop.
  func run(
    asksForMore: (Perturbation) throws -> Bool,
    progress: (LearningStep, Perturbation) throws -> Void
  ) throws -> LearnedChange
}

extension RepairMethod {
  /// Learns the change in one round.
  public func run(progress: (LearningStep, Perturbation) throws -> Void) throws -> LearnedChange {
    try run(asksForMore: { _ in false }, progress: progress)
  }
}

/// What a method learned: a drift, and a direction for one last kick of a length chosen later.
public struct LearnedChange: Sendable {
  /// w_T − w₀.
  public let drift: Perturbation
  /// The direction of ε in the parameters, of norm 1; all zero if there is nothing to climb.
  public let direction: ParameterVector
  /// Every step that was made.
  public let steps: [LearningStep]

  /// Joins what was learned.
  public init(drift: Perturbation, direction: ParameterVector, steps: [LearningStep]) {
    self.drift = drift
    self.direction = direction
    self.steps = steps
  }

  /// Drift plus a kick of this length in the parameters.
  public func kicked(by length: Double) -> Perturbation {
    var result = drift
    result.values.add(direction, scale: Float(length))
    return result
  }
}

/// What one step of learning did.
public struct LearningStep: Sendable {
  /// Steps done; the first is 1.
  public let number: Int
  /// Mean cross-entropy of the step's task answers; nil if they have no weight.
  public let task: Double?
  /// The same of its benign answers.
  public let benign: Double?
  /// The same of its refusals.
  public let refusal: Double?
  /// The same of its harmful answers, if they were needed.
  public let harmful: Double?
  /// Mean KL divergence from the unpatched model on benign answers; nil if it has no weight.
  public let divergence: Double?
  /// Norm of the gradient before it was shortened.
  public let gradientNorm: Double
  /// Tokens of the step's rows.
  public let tokens: Int
}

/// Learning produced a number that is not finite.
public struct DivergenceError: Error, Sendable, CustomStringConvertible {
  /// The step that failed.
  public let step: Int
  /// One line for people.
  public var description: String {
    "learning diverged at step \(step): the gradient is not finite; try a smaller --learning-rate"
  }
}

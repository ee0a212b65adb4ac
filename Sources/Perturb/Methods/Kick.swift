/// The last step of Panacea: the longest step inside a ball along ∇J.
///
///     ε = ρ · M⁻¹∇J / ‖M⁻¹∇J‖
///
/// The margin is what draws the line between requests that are refused and requests that are answered:
///
///     J = mean over harmful requests of log(p / (1 − p)), p the probability of opening with a refusal
///
/// All of them count the same, settled or not, so that the line moves as a whole. It moves for benign
/// requests too, and how far it may is for the search to say. What the answers say once they have begun
/// must not move: M leaves out the directions that would.
///
/// The anchored kick climbs the harmful loss, as the paper's (there c = 0 and M = I), and must not pay
/// with refusals, task or benign answers:
///
///     J = h − c·(r + task + benign), h below its ceiling
struct Kick {
  let map: TensorMap
  let data: EncodedSet
  let recipe: Recipe

  /// M⁻¹∇J of the margin at w, of any length.
  func margin(at w: Perturbation) throws -> ParameterVector {
    let direction = try gradient(
      of: [LossTerm(spread(data.refusalOpenings), likelihoodWeight: -1, saturation: .odds)], at: w)
    return try shaped(direction, sparing: [data.interruption, data.task, data.benign], at: w)
  }

  /// M⁻¹∇J of the anchored kick at w, of any length; c is the weight of the anchors.
  func anchored(_ c: Float, at w: Perturbation) throws -> ParameterVector {
    let direction = try gradient(
      of: [
        LossTerm(
          spread(data.harmful), likelihoodWeight: 1, saturation: .ceiling(recipe.ceiling)),
        LossTerm(spread(data.refusal), likelihoodWeight: -c),
        LossTerm(spread(data.task), likelihoodWeight: -c),
        LossTerm(spread(data.benign), likelihoodWeight: -c),
      ], at: w)
    return try shaped(direction, sparing: [data.overRefusal + data.interruption], at: w)
  }

  /// M⁻¹ of a direction; what rows of these kinds say is to stay as it is.
  private func shaped(_ direction: ParameterVector, sparing kinds: [[Example]], at w: Perturbation)
    throws
    -> ParameterVector
  {
    var direction = direction
    switch recipe.metric {
    case .identity: break
    case .benignProjection(let groups):
      // An orthonormal base of the forbidden directions (modified Gram-Schmidt); dependent ones fall
      // away.
      var base: [ParameterVector] = []
      try forEachGroup(of: kinds, groups: groups, at: w) { gradient in
        var rest = gradient
        for known in base { rest.add(known, scale: -Float(rest.dot(known))) }
        if rest.norm > 1e-4 * gradient.norm { base.append(rest.normalised) }
      }
      for forbidden in base {
        direction.add(forbidden, scale: -Float(direction.dot(forbidden)))
      }
    case .benignFisher(let damping, let groups):
      var fisher = w.space.zeros
      var total = 0.0
      try forEachGroup(of: kinds, groups: groups, at: w) { gradient in
        total += gradient.dot(gradient)
        fisher.update(with: gradient) { $0 += $1 * $1 }
      }
      let floor = damping * Float(total / Double(fisher.count))
      direction.update(with: fisher) { $0 /= $1 + floor }
    }
    return direction
  }

  /// Hands over the gradients of the losses of these rows, one for each group of each kind.
  private func forEachGroup(
    of kinds: [[Example]], groups: Int, at w: Perturbation, _ body: (ParameterVector) -> Void
  ) throws {
    // A full change of a large model gets fewer groups: each costs a pass over all that are kept.
    let affordable = max(1, map.memory.gradientBytes / max(4 * w.space.count * kinds.count, 1))
    for rows in kinds.map(spread) {
      let count = min(groups, affordable, rows.count)
      for group in 0..<count {
        let part = stride(from: group, to: rows.count, by: count).map { rows[$0] }
        body(try gradient(of: [LossTerm(part, likelihoodWeight: 1)], at: w))
      }
    }
  }

  /// More rows than this turn the direction by little and cost as much as learning.
  private static let rowLimit = 128

  /// At most so many rows, evenly spread over all.
  private func spread(_ rows: [Example]) -> [Example] {
    guard rows.count > Self.rowLimit else { return rows }
    return (0..<Self.rowLimit).map { rows[$0 * rows.count / Self.rowLimit] }
  }

  private func gradient(of terms: [LossTerm], at w: Perturbation) throws -> ParameterVector {
    var gradient = Gradient(at: w)
    let model = Transformer(weights: Weights(map: map, perturbation: w))
    // The gradients of groups that are kept take the room of half the activations.
    _ = try Objective(terms: terms, batchTokens: max(1, recipe.batchTokens / 2))
      .gradient(of: model, into: &gradient)
    return gradient.values.settled
  }
}

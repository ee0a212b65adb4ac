/// The last step of Panacea: the direction in which harmful answers become unlikely soonest while
/// nothing else does.
///
///     J = h − c·(r + task + benign), h below its ceiling
///     ε = ρ · M⁻¹∇J / ‖M⁻¹∇J‖
///
/// The paper has c = 0 and M = I. With c > 0 the kick is anchored: it may not pay with refusals, task
/// or benign answers. What it still pays with is refusing benign requests; M makes that dear.
struct Kick {
  let map: TensorMap
  let data: EncodedSet
  let recipe: Recipe

  /// M⁻¹∇J at w, of any length; c is the weight of the anchors.
  func direction(_ c: Float, at w: Perturbation) throws -> [Float] {
    var direction = try gradient(
      of: [
        LossTerm(
          spread(data.harmful), likelihoodWeight: 1, saturation: .ceiling(recipe.ceiling)),
        LossTerm(spread(data.refusal), likelihoodWeight: -c),
        LossTerm(spread(data.task), likelihoodWeight: -c),
        LossTerm(spread(data.benign), likelihoodWeight: -c),
      ], at: w)
    switch recipe.metric {
    case .identity: break
    case .benignProjection(let groups):
      for forbidden in try benignGradients(groups, at: w).orthonormalised {
        direction.add(forbidden, scale: -Vector.dot(direction.span, forbidden.span))
      }
    case .benignFisher(let damping, let groups):
      var fisher = [Float](repeating: 0, count: direction.count)
      for gradient in try benignGradients(groups, at: w) {
        for index in fisher.indices { fisher[index] += gradient[index] * gradient[index] }
      }
      let mean = Float(fisher.reduce(0) { $0 + Double($1) } / Double(fisher.count))
      for index in direction.indices { direction[index] /= fisher[index] + damping * mean }
    }
    return direction
  }

  /// At most so many numbers are kept for the gradients of groups: a full change of a large model
  /// gets fewer groups.
  private static let keptNumbers = 1 << 27

  /// The gradients of refusing benign requests, one for each group of rows.
  private func benignGradients(_ groups: Int, at w: Perturbation) throws -> [[Float]] {
    let affordable = max(1, Self.keptNumbers / max(w.space.count, 1))
    let requests = spread(data.overRefusal)
    let count = min(groups, affordable, requests.count)
    return try (0..<count).map { group in
      let rows = stride(from: group, to: requests.count, by: count).map { requests[$0] }
      return try gradient(of: [LossTerm(rows, likelihoodWeight: 1)], at: w)
    }
  }

  /// More rows than this turn the direction by little and cost as much as learning.
  private static let rowLimit = 128

  /// At most so many rows, evenly spread over all.
  private func spread(_ rows: [Example]) -> [Example] {
    guard rows.count > Self.rowLimit else { return rows }
    return (0..<Self.rowLimit).map { rows[$0 * rows.count / Self.rowLimit] }
  }

  private func gradient(of terms: [LossTerm], at w: Perturbation) throws -> [Float] {
    var gradient = Gradient(at: w)
    let model = Transformer(weights: Weights(map: map, perturbation: w))
    _ = try Objective(terms: terms, batchTokens: recipe.batchTokens)
      .gradient(of: model, into: &gradient)
    return gradient.values
  }
}

extension [[Float]] {
  /// The same span with an orthonormal base (modified Gram-Schmidt); dependent vectors fall away.
  fileprivate var orthonormalised: [[Float]] {
    var base: [[Float]] = []
    for vector in self {
      var rest = vector
      for known in base { rest.add(known, scale: -Vector.dot(rest.span, known.span)) }
      if rest.norm > 1e-4 * vector.norm { base.append(rest.normalised) }
    }
    return base
  }
}

import FormatIO
import Foundation
import Perturb

/// One step of learning, in the forms that are timed.
struct StepTask {
  let workload: Workload
  let recipe: Recipe

  /// The paper's step: the gradients of g (task, benign, refusals) and h (harmful) at w, and of h at
  /// w + ε. λ and ρ are far larger than usual, so that a mistake in the last term shows in the norm;
  /// η is 0, so that every repetition is the same step.
  static func paper(
    _ workload: Workload, _ parametrisation: ParameterSpace.Parametrisation, mu: Float = 0
  ) -> StepTask {
    var recipe = Recipe.paper(
      vocabularySize: workload.model.map.configuration.vocabularySize, rows: 1)
    recipe.targets = .blockMatrices
    recipe.parametrisation = parametrisation
    recipe.batchRows = .init(each: Workload.rowsOfAKind)
    recipe.refusalWeight = 1
    (recipe.lambda, recipe.mu) = (1, mu)
    recipe.rho = .parameters(parametrisation == .full ? 0.1 : 1)
    recipe.ceiling = .greatestFiniteMagnitude
    recipe.learningRate = 0
    return StepTask(workload: workload, recipe: recipe)
  }

  /// The step that `panacea-patch` makes unless told otherwise.
  static func standard(_ workload: Workload) -> StepTask {
    var recipe = Recipe.standard(
      vocabularySize: workload.model.map.configuration.vocabularySize)
    recipe.learningRate = 0
    return StepTask(workload: workload, recipe: recipe)
  }

  /// The usual form of the change.
  static let lowRank = ParameterSpace.Parametrisation.lowRank(rank: 16, scale: 2)

  /// The method over the rows of one step; every step reads all of them.
  func method(_ precision: Precision, steps: Int) throws -> Panacea {
    let map = workload.map(precision)
    var recipe = recipe
    (recipe.steps, recipe.extraRounds) = (steps, 0)
    var data = rows
    if recipe.taskTerm == .divergence {
      data.task = try data.task.withReference(
        Transformer(weights: Weights(map: map)), batchTokens: recipe.batchTokens)
    }
    return Panacea(map: map, data: data, recipe: recipe)
  }

  private var rows: EncodedSet {
    let (rows, counts) = (workload.rows, recipe.batchRows)
    var data = rows
    data.harmful = Array(rows.harmful.prefix(counts.harmful))
    data.refusal = Array(rows.refusal.prefix(counts.harmful))
    data.benign = Array(rows.benign.prefix(counts.benign))
    data.task = Array(rows.task.prefix(counts.task))
    data.overRefusal = Array(rows.overRefusal.prefix(counts.overRefusal))
    return data
  }

  /// The rows of g with the weight of each answer token, and those of h.
  private var terms: (g: [(Example, weight: Float)], h: [(Example, weight: Float)]) {
    func weighted(_ examples: [Example], _ weight: Float) -> [(Example, weight: Float)] {
      guard weight != 0 else { return [] }
      return examples.map { ($0, weight / Float(examples.count * $0.answer.count)) }
    }
    let rows = rows
    return (
      weighted(rows.task, recipe.taskWeight) + weighted(rows.benign, recipe.benignWeight)
        + weighted(rows.refusal, recipe.refusalWeight)
        + weighted(rows.overRefusal, recipe.overRefusalWeight),
      recipe.lambda != 0 ? weighted(rows.harmful, 1) : []
    )
  }

  /// How often the rows of g and of h are read.
  private var passes: (g: Int, h: Int) { (recipe.mu == 0 ? 1 : 2, recipe.lambda == 0 ? 1 : 2) }

  /// Tokens of all rows, as often as they are read; what rows share counts for each of them.
  var tokens: Int {
    func count(_ rows: [(Example, weight: Float)]) -> Int {
      rows.reduce(0) { $0 + $1.0.prompt.count + $1.0.answer.count - 1 }
    }
    return passes.g * count(terms.g) + passes.h * count(terms.h)
  }

  /// The same when each batch is padded to its longest row.
  var paddedTokens: Int {
    func count(_ rows: [(Example, weight: Float)]) -> Int {
      let longest = rows.map { $0.0.prompt.count + $0.0.answer.count - 1 }.max() ?? 0
      return longest * rows.count
    }
    return passes.g * count(terms.g) + passes.h * count(terms.h)
  }

  /// What the step has to compute; products for the reference of a divergence are left out.
  func operations() throws -> Workload.Operations {
    let space = try recipe.space(over: workload.model.map)
    func count(_ rows: [(Example, weight: Float)], _ passes: Int) -> Workload.Operations {
      (0..<passes).reduce(Workload.Operations()) { sum, _ in
        sum
          + workload.operations(
            of: rows.map { $0.0 }, over: space, batchTokens: recipe.batchTokens)
      }
    }
    return count(terms.g, passes.g) + count(terms.h, passes.h)
  }

  /// What `peer/peer.py` needs for the same step. The start of the factors goes into a file of
  /// floats.
  func request(start path: String) throws -> [JSON.Member] {
    let space = try recipe.space(over: workload.model.map)
    let start = space.initialValues(seed: recipe.seed).array
    try start.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
    var (rank, scale) = (0, Float(0))
    let entries = space.entries.map { entry in
      var offset = 0
      if case .lowRank(let r, let s, let a, _) = entry.form {
        (rank, scale, offset) = (r, s, a.lowerBound)
      }
      return JSON.object([
        .init("name", .string(entry.name.text)), .init("offset", JSON(offset)),
      ])
    }
    guard case .parameters(let rho) = recipe.rho else {
      preconditionFailure("the peer knows the paper's step only")
    }
    let terms = terms
    return [
      .init("task", .string("step")), .init("g", JSON.rows(terms.g)),
      .init("h", JSON.rows(terms.h)), .init("lambda", JSON(Double(recipe.lambda))),
      .init("rho", JSON(rho)), .init("rank", JSON(rank)), .init("scale", JSON(Double(scale))),
      .init("start", .string(path)), .init("entries", .array(entries)),
    ]
  }
}

extension JSON {
  /// Rows as the peer reads them: tokens, the length of the prompt, the weight of each answer token.
  static func rows(_ rows: [(Example, weight: Float)]) -> JSON {
    .array(
      rows.map { row, weight in
        .object([
          .init("tokens", tokens(row.prompt + row.answer)), .init("prompt", JSON(row.prompt.count)),
          .init("weight", JSON(Double(weight))),
        ])
      })
  }

  /// A list of tokens.
  static func tokens(_ list: [Int32]) -> JSON { .array(list.map { JSON(Int($0)) }) }
}

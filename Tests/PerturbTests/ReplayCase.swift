import FormatIO
import Testing

@testable import Perturb

/// A run of Panacea that fixtures/scripts/make_replay.py computed in float64.
struct ReplayCase {
  static let names = ["paper", "strong-lambda", "ceiling", "standard", "full"]

  let map: TensorMap
  let data: EncodedSet
  let recipe: Recipe
  let start: Perturbation
  let steps: [JSON]
  let effects: JSON
  private let tensors: Checkpoint

  init(_ name: String) throws {
    let folder = Fixtures.path("golden/grouped")
    map = try TensorMap(
      checkpoint: Checkpoint.open(folder), configuration: ModelConfiguration.load(folder: folder))
    let document = try Fixtures.json("replay/replay.json")
    let found = try #require(
      document["cases"]?.array?.first { $0["name"]?.string.map { $0 == name } ?? false })
    recipe = try Self.recipe(#require(found["recipe"]))
    steps = try #require(found["steps"]?.array)
    effects = try #require(found["effects"])
    data = try Self.rows(document["rows"], reference: Transformer(weights: Weights(map: map)))
    tensors = try Checkpoint.open(Fixtures.path("replay/\(name).safetensors"))
    let space = try recipe.space(over: map)
    start = Perturbation(
      space: space, values: try Self.flat("start", of: space, from: tensors))
  }

  /// θ_T − θ_0 ("change") or the unit kick ("direction") in the layout of our space.
  func expected(_ part: String) throws -> [Float] {
    try Self.flat(part, of: start.space, from: tensors)
  }

  private static func flat(_ part: String, of space: ParameterSpace, from file: Checkpoint) throws
    -> [Float]
  {
    var values = [Float](repeating: 0, count: space.count)
    for entry in space.entries {
      let pieces: [(String, Range<Int>)] =
        switch entry.form {
        case .full(let range): [("delta", range)]
        case .lowRank(_, _, let a, let b), .ofAdapter(_, let a, let b): [("a", a), ("b", b)]
        }
      for (kind, range) in pieces {
        let tensor = try #require(file.tensor(TensorName("\(part).\(kind).\(entry.name)")))
        try #require(tensor.elementCount == range.count)
        values.replaceSubrange(range, with: try file.readFloats(tensor))
      }
    }
    return values
  }

  private static func rows(_ rows: JSON?, reference: Transformer) throws -> EncodedSet {
    func role(_ name: String) throws -> [Example] {
      try #require(rows?[name]?.array).map { row in
        func tokens(_ key: String) throws -> [Int32] {
          try #require(row[key]?.array).map { Int32(try #require($0.integer)) }
        }
        var batch = PackedBatch()
        batch.append(prompt: try tokens("prompt"), answer: try tokens("answer"))
        return Example(
          prompt: try tokens("prompt"), answer: try tokens("answer"),
          reference: name == "benign" ? try reference.targetStates(batch) : nil)
      }
    }
    return EncodedSet(
      harmful: try role("harmful"), refusal: try role("refusal"), benign: try role("benign"),
      task: try role("task"))
  }

  /// The published recipe with everything set that the file sets. Packs are kept small, so that
  /// rows of one batch go through the model in several passes.
  private static func recipe(_ json: JSON) throws -> Recipe {
    func number(_ key: String) throws -> Double { try #require(json[key]?.double) }
    func flag(_ key: String) throws -> Bool { try #require(json[key]?.boolean as Bool?) }
    var recipe = Recipe.paper(vocabularySize: 48, rows: 40)
    recipe.targets = json["targets"]?.string == "block" ? .blockMatrices : .queryKeyValue
    recipe.parametrisation =
      if let rank = json["rank"]?.integer {
        .lowRank(rank: rank, scale: Float(try number("scale")))
      } else {
        .full
      }
    recipe.steps = try #require(json["steps"]?.integer)
    recipe.learningRate = Float(try number("learningRate"))
    recipe.weightDecay = Float(try number("weightDecay"))
    recipe.clipNorm = try number("clip")
    recipe.decaysLearningRate = try flag("decays")
    recipe.batchTokens = 24
    recipe.taskWeight = Float(try number("taskWeight"))
    recipe.benignWeight = Float(try number("benignWeight"))
    recipe.refusalWeight = Float(try number("refusalWeight"))
    recipe.beta = Float(try number("beta"))
    recipe.lambda = Float(try number("lambda"))
    recipe.mu = Float(try number("mu"))
    recipe.rho =
      if let relative = json["relativeRho"]?.double { .relative(relative) } else {
        .parameters(try number("rho"))
      }
    recipe.kick =
      if let weight = json["anchor"]?.double { .anchored(weight: Float(weight)) } else {
        .lastMinibatch
      }
    recipe.ceiling = Float(try number("ceiling"))
    recipe.ceilingOnMean = try flag("ceilingOnMean")
    return recipe
  }
}

/// ‖a − b‖ / ‖b‖.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  var difference = a
  difference.add(b, scale: -1)
  return difference.norm / b.norm
}

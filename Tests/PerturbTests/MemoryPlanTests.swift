import FormatIO
import Testing

@testable import Perturb

/// Does a plan stay below its limit, and does it change speed only?
struct MemoryPlanTests {
  private static func map() throws -> (map: TensorMap, space: ParameterSpace) {
    let map = try LoadedModel.open(Fixtures.path("demo/damaged")).map
    let recipe = Recipe.standard(vocabularySize: map.configuration.vocabularySize)
    return (map, try recipe.space(over: map))
  }

  private static func need(_ plan: MemoryPlan, _ map: TensorMap, _ space: ParameterSpace?) -> Int {
    plan.phases(map: map, space: space).map(\.bytes).max() ?? 0
  }

  @Test(arguments: [120, 200, 400, 4000])
  func everyPhaseFits(_ megabytes: Int) throws {
    let (map, space) = try Self.map()
    let plan = try MemoryPlan(limit: megabytes << 20, map: map, space: space)
    #expect(Self.need(plan, map, space) <= megabytes << 20)
    let measuring = try MemoryPlan(limit: megabytes << 20, map: map, space: nil)
    #expect(Self.need(measuring, map, nil) <= megabytes << 20)
  }

  @Test func moreMemoryIsUsed() throws {
    let (map, space) = try Self.map()
    let (small, large) = (
      try MemoryPlan(limit: 120 << 20, map: map, space: space),
      try MemoryPlan(limit: 4000 << 20, map: map, space: space)
    )
    #expect(large.batchTokens > small.batchTokens)
    #expect(large.activationBytes > small.activationBytes)
    #expect(large.residentBytes > 0 && !large.releasesPages)
  }

  /// The error names a size, and that size is enough.
  @Test func whatWouldFitIsSaid() throws {
    let (map, space) = try Self.map()
    let error = try #require(throws: InputError.self) {
      try MemoryPlan(limit: 20 << 20, map: map, space: space)
    }
    #expect(error.kind == .usage && error.found == "--memory 21M")
    let words = try #require(error.fix).split { " ,".contains($0) }
    let size = try #require(words.first { $0.hasSuffix("MB") }.flatMap { Int($0.dropLast(2)) })
    #expect(throws: Never.self) {
      try MemoryPlan(limit: size * 1_000_000, map: map, space: space)
    }
    #expect(throws: InputError.self) {
      try MemoryPlan(limit: (size - 1) * 1_000_000, map: map, space: space)
    }
  }

  /// Vectors over whole matrices lie in a file, so a plan need not hold them.
  @Test func longVectorsTakeOnlyAPart() {
    let long = 2 * ParameterVector.lengthInMemory
    func space(_ outputs: Int) -> ParameterSpace {
      let tensor = (
        slot: ModelSlot.block(layer: 0, .upWeight), name: TensorName("up"), outputs: outputs,
        inputs: 1024
      )
      return ParameterSpace(tensors: [tensor], parametrisation: .full)
    }
    #expect(space(1).residentVectorBytes == 4096)
    #expect(space(long / 1024).residentVectorBytes == 4 * long)
    let two = (0..<2).map { layer in
      (
        slot: ModelSlot.block(layer: layer, .upWeight), name: TensorName("up"),
        outputs: long / 2048, inputs: 1024
      )
    }
    let both = ParameterSpace(tensors: two, parametrisation: .full)
    #expect(both.count == long && both.residentVectorBytes == 2 * long)
  }

  /// Pages that were let go are read again, and hold the same.
  @Test func pagesThatAreLetGoComeBack() throws {
    var (map, space) = try Self.map()
    let point = Perturbation(space: space, values: space.initialValues(seed: 1))
    let rows = try Fixtures.demoRows()
    let encoder = try LoadedModel.open(Fixtures.path("demo/damaged")).encoder
    let examples = rows.harmful.prefix(4).map { row in
      Example(
        prompt: encoder.encodePrompt(row.prompt),
        answer: encoder.encodeAnswer(row.response ?? "", complete: true))
    }
    let gradients = try [false, true].map { releasesPages in
      map.memory.releasesPages = releasesPages
      var gradient = Gradient(at: point)
      _ = try Objective(
        terms: [LossTerm(examples, likelihoodWeight: 1)], batchTokens: 640
      ).gradient(
        of: Transformer(weights: Weights(map: map, perturbation: point)), into: &gradient)
      return gradient.values
    }
    #expect(gradients[0] == gradients[1] && gradients[0].norm > 0)
  }
}

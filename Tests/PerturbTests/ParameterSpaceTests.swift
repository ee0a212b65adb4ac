import FormatIO
import Testing

@testable import Perturb

/// Does the flat vector hold what its layout says, and is the low-rank form s·B·A?
@Suite struct ParameterSpaceTests {
  static let forms = [
    ParameterSpace.Parametrisation.full, .lowRank(rank: 1, scale: 2), .lowRank(rank: 3, scale: 0.5),
  ]

  @Test(arguments: forms)
  func partsCoverTheVectorWithoutGapsInOrder(_ form: ParameterSpace.Parametrisation) throws {
    let map = try ScratchModel(hasBiases: true).map()
    let space = map.space(nil, form)
    var end = 0
    for entry in space.entries {
      let shape = map.configuration.shape(of: entry.slot)
      #expect(entry.outputs == shape.rows && entry.inputs == shape.columns)
      #expect(space.entry(for: entry.slot)?.name == entry.name)
      switch entry.form {
      case .full(let range):
        #expect(range == end..<end + entry.outputs * entry.inputs)
        #expect(form == .full || !entry.slot.isBlockMatrix)
        end = range.upperBound
      case .lowRank(let rank, let scale, let a, let b):
        #expect(form == .lowRank(rank: rank, scale: scale) && entry.slot.isBlockMatrix)
        #expect(a == end..<end + rank * entry.inputs)
        #expect(b == a.upperBound..<a.upperBound + entry.outputs * rank)
        end = b.upperBound
      case .ofAdapter: Issue.record("no adapter was given")
      }
    }
    #expect(space.count == end)
    #expect(space.entries.count == map.slots.count)
  }

  @Test func theLowestLayerIsTheFirstThatCanMove() throws {
    let map = try ScratchModel(["num_hidden_layers": "3"]).map()
    #expect(map.space([.block(layer: 2, .keyWeight)]).lowestLayer == 2)
    #expect(
      map.space([.block(layer: 2, .keyWeight), .block(layer: 1, .inputNorm)]).lowestLayer == 1)
    #expect(map.space([.embedding, .block(layer: 2, .keyWeight)]).lowestLayer == 0)
    #expect(map.space([.head, .finalNorm]).lowestLayer == Int.max)
    #expect(map.space([.head]).entry(for: .embedding) == nil)
  }

  @Test(arguments: forms)
  func learningStartsAtNoChange(_ form: ParameterSpace.Parametrisation) throws {
    let map = try ScratchModel().map()
    let space = map.space(nil, form)
    let start = Perturbation(space: space, values: space.initialValues(seed: 4))
    for entry in space.entries {
      #expect(start.change(of: entry).allSatisfy { $0 == 0 })
      guard case .lowRank(_, _, let a, _) = entry.form else { continue }
      // Within a third: the smallest factor has ten numbers.
      let deviation = start.values[a].norm / Double(a.count).squareRoot()
      let expected = 1 / (3 * Double(entry.inputs)).squareRoot()
      #expect(deviation > 0.3 * expected && deviation < 2 * expected)
    }
    #expect(space.initialValues(seed: 4) == start.values)
    if form != .full { #expect(space.initialValues(seed: 5) != start.values) }
  }

  @Test func changesMatchExplicitProducts() throws {
    let map = try ScratchModel().map()
    let space = map.space(nil, .lowRank(rank: 3, scale: 0.5))
    let values = GradientCheck.normal(space.count, seed: 1)
    let point = Perturbation(space: space, values: values)
    for entry in space.entries {
      let change = point.change(of: entry)
      var expected: [Float] = []
      switch entry.form {
      case .full(let range): expected = Array(values[range])
      case .lowRank(let rank, let scale, let a, let b):
        for row in 0..<entry.outputs {
          for column in 0..<entry.inputs {
            expected.append(
              scale
                * (0..<rank).reduce(0) {
                  $0 + values[b.lowerBound + row * rank + $1]
                    * values[a.lowerBound + $1 * entry.inputs + column]
                })
          }
        }
      case .ofAdapter: Issue.record("no adapter was given")
      }
      #expect(relativeDistance(change, expected) < 1e-6, "\(entry.name)")

      // What the model computes with is the file's tensor plus the change, or minus it.
      let file = try Weights(map: map).values(at: entry.slot)
      let moved = try Weights(map: map, perturbation: point).values(at: entry.slot)
      #expect(relativeDistance(moved, zip(file, expected).map { $0 + $1 }) < 1e-6)
      var back = moved
      point.add(entry, scale: -1, to: &back)
      #expect(relativeDistance(back, file) < 1e-5)
    }
  }

  @Test(arguments: forms, [1e-4, 1e-2, 0.5])
  func kicksHaveTheRelativeLengthAskedFor(
    _ form: ParameterSpace.Parametrisation, relativeNorm: Double
  ) throws {
    let map = try ScratchModel().map()
    let space = map.space(map.slots.filter(\.isBlockMatrix), form)
    let measure = WeightChange(map: map)
    for deviation in [0, 0.2] as [Float] {
      var start = Perturbation(space: space, values: space.initialValues(seed: 3))
      start.values.add(
        ParameterVector(GradientCheck.normal(space.count, seed: 1)), scale: deviation)
      let direction = ParameterVector(GradientCheck.normal(space.count, seed: 2)).normalised
      let length = try measure.length(along: direction, at: start, relativeNorm: relativeNorm)
      var moved = start
      moved.values.add(direction, scale: Float(length))
      let squares = measure.squaredNorms(from: start, to: moved)
      #expect(squares.count == space.entries.count)
      let weights = try measure.squaredWeightNorm(of: space)
      let found = (squares.reduce(0, +) / weights).squareRoot()
      #expect(abs(found - relativeNorm) < 0.01 * relativeNorm, "found \(found)")
    }
  }

  @Test(arguments: [ParameterSpace.Parametrisation.full, .lowRank(rank: 3, scale: 0.5)])
  func squaredNormsAreThoseOfTheTensors(_ form: ParameterSpace.Parametrisation) throws {
    let map = try ScratchModel().map()
    let space = map.space([.block(layer: 0, .keyWeight), .finalNorm], form)
    let point = Perturbation(space: space, values: GradientCheck.normal(space.count, seed: 1))
    var near = point
    near.values.add(ParameterVector(GradientCheck.normal(space.count, seed: 2)), scale: 1e-3)
    let sizes = WeightChange(map: map)
    let (whole, moves) = (sizes.squaredNorms(to: point), sizes.squaredNorms(from: point, to: near))
    for (index, entry) in space.entries.enumerated() {
      let change = point.change(of: entry).map(Double.init)
      let square = change.reduce(0) { $0 + $1 * $1 }
      #expect(abs(whole[index] - square) < 1e-5 * square)
      let move = zip(near.change(of: entry), change).reduce(0) {
        $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
      }
      #expect(abs(moves[index] - move) < 1e-3 * move)
    }
    let expected = try space.entries.reduce(0.0) {
      try $0 + Weights(map: map).values(at: $1.slot).reduce(0.0) { $0 + Double($1 * $1) }
    }
    #expect(abs(try WeightChange(map: map).squaredWeightNorm(of: space) - expected) < 1e-3)
  }

  @Test func noDirectionHasNoLength() throws {
    let map = try ScratchModel().map()
    let space = map.space([.block(layer: 0, .keyWeight)])
    let zero = space.origin.values
    let length = try WeightChange(map: map).length(
      along: zero, at: space.origin, relativeNorm: 0.1)
    #expect(length == 0)
  }
}

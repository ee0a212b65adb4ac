import FormatIO
import Testing

@testable import Perturb

/// Do changed tensors get the types that were asked for, and a wider one only where that is allowed?
@Suite struct StoragePlanTests {
  private static func map(_ file: String) throws -> TensorMap {
    let checkpoint = try Checkpoint.open(Fixtures.path(file))
    return try TensorMap(
      checkpoint: checkpoint, configuration: ModelDescription(of: checkpoint).configuration())
  }

  private static func plan(
    _ map: TensorMap, _ type: ElementType? = nil, raises: Bool = true
  ) throws -> (plan: StoragePlan, types: (StoragePlan) -> Set<String>) {
    let space = try Recipe.standard(vocabularySize: map.configuration.vocabularySize)
      .space(over: map)
    let rounding = StorageRounding(
      elementType: type, onlyRaises: type != nil, rounding: .nearestEven)
    let plan = StoragePlan(rounding, raises: raises, space: space, map: map, examples: [])
    return (
      plan,
      { plan in
        Set(
          space.entries.compactMap { map.tensor(at: $0.slot) }
            .map { plan.storage.storedType(of: $0).name })
      }
    )
  }

  @Test(arguments: [
    ("gguf/demo-Q4_0.gguf", "Q4_0", "Q8_0"), ("gguf/demo-Q8_0.gguf", "Q8_0", "F16"),
  ])
  func quantisedTensorsHaveAWiderType(_ file: String, _ own: String, _ wider: String) throws {
    let map = try Self.map(file)
    let (plan, types) = try Self.plan(map)
    #expect(plan.wider?.name == wider && types(plan) == [own] && types(plan.raised) == [wider])
    #expect(plan.raised.wider == nil)
    let bits = wider == "F16" ? 16 - 8.5 : 8.5 - 4.5
    let matrices = map.slots.filter(\.isBlockMatrix).compactMap { map.tensor(at: $0)?.elementCount }
    #expect(Double(plan.bytesOfRaising) == Double(matrices.reduce(0, +)) * bits / 8)
    var settled = plan
    settled.settle()
    #expect(settled.wider == nil && types(settled) == [own])
  }

  @Test func nothingIsRaisedUnlessItMayBe() throws {
    let quantised = try Self.map("gguf/demo-Q4_0.gguf")
    #expect(try Self.plan(quantised, raises: false).plan.wider == nil)
    let (asked, types) = try Self.plan(quantised, .float16)
    #expect(asked.wider == nil && types(asked) == ["F16"])
    #expect(try Self.plan(Self.map("demo/damaged")).plan.wider == nil)
  }

  /// A type that is asked for raises only: what is as wide already stays.
  @Test func typesAreNeverLowered() throws {
    let (plan, types) = try Self.plan(Self.map("demo/damaged"), .q8)
    #expect(types(plan) == ["BF16"])
  }
}

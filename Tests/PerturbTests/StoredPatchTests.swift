import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Does the file hold the patch, and is the model in memory the model in the file?
struct StoredPatchTests {
  /// A change of about a thousandth of each weight of a checkpoint stored in BF16.
  private func patch(_ golden: GoldenModel) -> Perturbation {
    let space = golden.map.space(golden.map.slots.filter(\.isBlockMatrix), .full)
    var source = RandomSource(seed: 3)
    return Perturbation(space: space, values: source.normal(space.count, deviation: 3e-4))
  }

  private func write(
    _ storage: StorageRounding, _ golden: GoldenModel, _ change: Perturbation
  ) throws -> (patch: StoredPatch, map: TensorMap) {
    try write(storage, golden.map, change)
  }

  private func write(_ storage: StorageRounding, _ map: TensorMap, _ change: Perturbation) throws
    -> (patch: StoredPatch, map: TensorMap)
  {
    let parts = map.checkpoint.shards[0].file.path.split(separator: "/").last ?? ""
    let isGGUF = parts.hasSuffix(".gguf")
    let output = FileManager.default.temporaryDirectory.appending(path: "stored-\(UUID()).d")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: output) }
    let path = output.appending(path: isGGUF ? "\(parts)" : "model").path
    let patch = StoredPatch(map: map, perturbation: change, storage: storage)
    var writer = CheckpointWriter(map.checkpoint)
    writer.replacements = patch.replacements()
    try writer.write(to: path)
    let written = try Checkpoint.open(path)
    return (patch, try TensorMap(checkpoint: written, configuration: map.configuration))
  }

  /// Several places may lie in one tensor, which may be stored inputs × outputs.
  @Test(arguments: GoldenModel.names, [true, false])
  func everyFamilyIsWrittenAsItIsInMemory(_ name: String, isGGUF: Bool) throws {
    let map = isGGUF ? try GoldenModel.gguf(name) : try GoldenModel(name).map
    let space = map.space(
      map.slots.filter { $0.isBlockMatrix && $0.role != .upWeight }, .lowRank(rank: 2, scale: 1))
    let values = GradientCheck.normal(space.count, seed: 4, deviation: 0.1)
    let change = Perturbation(space: space, values: values)
    let storage = StorageRounding(elementType: .bfloat16, rounding: .stochastic(seed: 5))
    let stored = try write(storage, map, change)
    let inMemory = Weights(map: map, perturbation: change, storage: storage)
    let (written, before) = (Weights(map: stored.map), Weights(map: map))
    for slot in map.slots {
      let values = try written.values(at: slot)
      #expect(try inMemory.values(at: slot) == values, "\(slot)")
      // What lies in a changed tensor beside a change is stored in its type, too.
      let isStoredAnew = space.names.contains(try #require(map.tensor(at: slot)).name)
      let isChanged = try values != before.values(at: slot)
      #expect(isChanged == isStoredAnew, "\(slot)")
    }
  }

  @Test func randomRoundingKeepsWhatNearestLoses() throws {
    let golden = try GoldenModel("linear-rope")
    let change = patch(golden)
    let random = try write(StorageRounding(rounding: .stochastic(seed: 1)), golden, change).patch
    #expect(abs(random.weights.keep - 1) < 0.1)
    let nearest = try write(StorageRounding(rounding: .nearestEven), golden, change).patch
    #expect(nearest.weights.keep < random.weights.keep - 0.2)
    #expect(nearest.tensors.count == change.space.entries.count)
  }

  @Test func aWiderTypeKeepsEverything() throws {
    let golden = try GoldenModel("linear-rope")
    let wide = StorageRounding(elementType: .float32, rounding: .nearestEven)
    let stored = try write(wide, golden, patch(golden))
    #expect(abs(stored.patch.weights.keep - 1) < 1e-5 && stored.patch.weights.noise < 1e-3)
    let name = try #require(stored.patch.tensors.first?.name)
    #expect(stored.map.checkpoint.tensor(name)?.elementType == .float32)
  }

  @Test(arguments: [Rounding.nearestEven, .stochastic(seed: 9)])
  func theModelInMemoryIsTheModelInTheFile(_ rounding: Rounding) throws {
    let golden = try GoldenModel("linear-rope")
    let change = patch(golden)
    let storage = StorageRounding(rounding: rounding)
    let stored = try write(storage, golden, change)
    let inMemory = Weights(map: golden.map, perturbation: change, storage: storage)
    for slot in golden.map.slots {
      #expect(try inMemory.values(at: slot) == Weights(map: stored.map).values(at: slot))
    }
  }

  @Test func tensorsWithoutChangeAreNotTouched() throws {
    let golden = try GoldenModel("linear-rope")
    var change = patch(golden)
    let entry = try #require(change.space.entries.first)
    guard case .full(let range) = entry.form else {
      Issue.record("the space is not in full form")
      return
    }
    change.values.replace(range, with: [Float](repeating: 0, count: range.count))
    let patch = StoredPatch(
      map: golden.map, perturbation: change, storage: StorageRounding(rounding: .nearestEven))
    let names = patch.replacements().keys
    #expect(!names.contains(entry.name))
    #expect(names.count == change.space.entries.count - 1)
  }
}

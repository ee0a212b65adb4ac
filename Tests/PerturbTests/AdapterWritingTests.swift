import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Do written files hold fine-tune and patch?
@Suite struct AdapterWritingTests {
  /// A model with an adapter, and a patch of all matrices in its blocks.
  struct Patched {
    let golden: GoldenAdapter
    let map: TensorMap
    let patch: Perturbation

    init(_ name: String, rank: Int = 2) throws {
      golden = try GoldenAdapter(name)
      let folder = Fixtures.path(golden.baseName)
      map = try TensorMap(
        checkpoint: golden.adapter.applied(to: golden.base),
        configuration: ModelConfiguration.load(folder: folder))
      let space = map.space(
        map.slots.filter(\.isBlockMatrix), .lowRank(rank: rank, scale: 2))
      var source = RandomSource(seed: 5)
      patch = Perturbation(space: space, values: source.normal(space.count, deviation: 0.05))
    }
  }

  /// Numbers of base, adapter and patch, added up.
  private static func sums(_ map: TensorMap, _ patch: Perturbation) throws -> [ModelSlot: [Float]] {
    let weights = Weights(map: map, perturbation: patch)
    var sums: [ModelSlot: [Float]] = [:]
    for slot in map.slots { sums[slot] = try weights.values(at: slot) }
    return sums
  }

  @Test(arguments: ["lora", "half", "rslora", "patterns", "whole", "embeddings"])
  func aNewAdapterHoldsBoth(_ name: String) throws {
    let patched = try Patched(name)
    try CombinedAdapter.check(patched.golden.adapter, patched.patch.space, on: patched.map)
    let output = NSTemporaryDirectory() + "combined-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: output) }
    let combined = try CombinedAdapter(
      patched.golden.adapter, patched.patch, on: patched.map)
    try combined.stage(
      at: output, map: patched.map, adapter: patched.golden.adapter, provenance: [],
      source: patched.golden.base.contentDigest()
    ).commit()
    let adapter = try Adapter.open(output, on: patched.golden.base)
    #expect(adapter.scales == [1])
    let map = try TensorMap(
      checkpoint: adapter.applied(to: patched.golden.base),
      configuration: patched.map.configuration)
    let expected = try Self.sums(patched.map, patched.patch)
    for slot in map.slots {
      let values = try Weights(map: map).values(at: slot)
      let largest = (expected[slot] ?? []).map(abs).max() ?? 0
      let distance = zip(values, expected[slot] ?? []).map { abs($0 - $1) }.max() ?? .infinity
      #expect(distance <= 1e-6 * max(largest, 1), "\(slot)")
    }
  }

  @Test func aPatchAloneBecomesAnAdapter() throws {
    let golden = try GoldenModel("grouped")
    let space = golden.map.space(
      golden.map.slots.filter(\.isBlockMatrix), .lowRank(rank: 3, scale: 0.5))
    let patch = Perturbation(space: space, values: space.initialValues(seed: 1))
    let combined = try CombinedAdapter(nil, patch, on: golden.map)
    #expect(combined.matrices.count == space.entries.count)
    #expect(combined.matrices.allSatisfy { $0.rank == 3 })
  }

  /// What cannot be one adapter, and what is said of it.
  @Test func refusals() throws {
    let dora = try Patched("dora")
    var error = #expect(throws: InputError.self) {
      try CombinedAdapter.check(dora.golden.adapter, dora.patch.space, on: dora.map)
    }
    #expect(
      error?.description
        == "--output adapter: expected an adapter of plain factors, to which the patch can be"
        + " added, found DoRA. Fix: use --output model: lengths of outputs depend on the whole matrix, so a patch"
        + " changes all of them")
    let bias = try Patched("bias-of-b")
    error = #expect(throws: InputError.self) {
      try CombinedAdapter.check(bias.golden.adapter, bias.patch.space, on: bias.map)
    }
    #expect(error?.found == "an adapted bias")
    let lora = try Patched("lora")
    let whole = lora.map.space(lora.map.slots.filter(\.isBlockMatrix))
    error = #expect(throws: InputError.self) {
      try CombinedAdapter.check(lora.golden.adapter, whole, on: lora.map)
    }
    #expect(error?.fix == "use --rank N and --targets of matrices in the blocks, or --output model")
  }

  /// Adapted and patched tensors are rounded once; the rest keep their bytes.
  @Test(arguments: ["lora", "dora", "whole", "biases"])
  func aMergedModelIsTheModelInMemory(_ name: String) throws {
    let patched = try Patched(name)
    let none = patched.map.space([])
    let patch = Perturbation(space: none, values: none.zeros)
    for type in [ElementType?.none, .bfloat16] {
      let storage = StorageRounding(elementType: type, rounding: .nearestEven)
      let stored = StoredPatch(map: patched.map, perturbation: patch, storage: storage)
      let output = NSTemporaryDirectory() + "merged-\(UUID())"
      defer { try? FileManager.default.removeItem(atPath: output) }
      var writer = CheckpointWriter(patched.map.checkpoint)
      writer.replacements = stored.replacements()
      #expect(writer.replacements.keys.sorted() == patched.golden.adapter.names)
      try writer.write(to: output)
      let written = try Checkpoint.open(output)
      let map = try TensorMap(checkpoint: written, configuration: patched.map.configuration)
      let inMemory = Weights(map: patched.map, perturbation: patch, storage: storage)
      for slot in map.slots {
        #expect(try inMemory.values(at: slot) == Weights(map: map).values(at: slot), "\(slot)")
      }
      for tensor in patched.golden.base.tensors where writer.replacements[tensor.name] == nil {
        let copy = try #require(written.tensor(tensor.name))
        #expect(try written.digest(of: copy) == patched.golden.base.digest(of: tensor))
      }
    }
  }

  // MARK: GGUF

  /// A change of a GGUF model goes into a GGUF adapter and comes back.
  @Test(arguments: ["grouped", "qwen2", "tied"])
  func ggufAdapters(_ name: String) throws {
    let base = try Checkpoint.open(Fixtures.path("gguf/\(name).gguf"))
    let map = try TensorMap(
      checkpoint: base, configuration: ModelDescription(of: base).configuration())
    let space = map.space(map.slots.filter(\.isBlockMatrix), .lowRank(rank: 2, scale: 3))
    var source = RandomSource(seed: 6)
    let patch = Perturbation(space: space, values: source.normal(space.count, deviation: 0.1))
    let output = NSTemporaryDirectory() + "adapter-\(UUID()).gguf"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try CombinedAdapter(nil, patch, on: map).stage(
      at: output, map: map, adapter: nil, provenance: [(key: "panacea.version", value: "0")],
      source: base.contentDigest()
    ).commit()
    let adapter = try Adapter.open(output, on: base)
    #expect(adapter.isGGUF && adapter.ranks.map(\.rank) == [2] && adapter.scales == [1])
    let read = try TensorMap(
      checkpoint: adapter.applied(to: base), configuration: map.configuration)
    let expected = try Self.sums(map, patch)
    for slot in map.slots {
      let values = try Weights(map: read).values(at: slot)
      let distance = zip(values, expected[slot] ?? []).map { abs($0 - $1) }.max() ?? .infinity
      #expect(distance <= 1e-6, "\(slot)")
    }
    // Once more on top: ranks add up.
    let both = try CombinedAdapter(adapter, patch, on: read)
    #expect(both.matrices.allSatisfy { $0.rank == 4 })
  }

  @Test(arguments: [
    ("general.type", "model", "expected adapter, found model"),
    ("adapter.type", "control_vector", "expected lora, found control_vector"),
    ("general.architecture", "gemma", "expected llama, as the model has, found gemma"),
  ])
  func metadataOfOtherFiles(_ key: String, _ value: String, _ message: String) throws {
    let pairs: [(String, ScratchGGUF.Value)] = [
      ("general.type", .text("adapter")), ("adapter.type", .text("lora")),
      ("general.architecture", .text("llama")), ("adapter.lora.alpha", .real(2)),
    ]
    let base = try Checkpoint.open(Fixtures.path("gguf/tied.gguf"))
    try ScratchGGUF(pairs).changing(key, .text(value)).metadata { _, file in
      let error = #expect(throws: InputError.self) { try Adapter.open(file.path, on: base) }
      #expect(error?.description.contains("key \"\(key)\": \(message)") == true)
    }
    try ScratchGGUF(pairs).metadata { _, file in
      let error = #expect(throws: InputError.self) { try Adapter.open(file.path, on: base) }
      #expect(error?.expected == "a name that ends in .lora_a or .lora_b")
    }
  }

  // MARK: Destinations

  @Test func destinationsThatWouldLoseSomething() throws {
    let folder = NSTemporaryDirectory() + "adapters-\(UUID())"
    try FileManager.default.createDirectory(
      atPath: folder + "/taken", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(filePath: folder + "/taken/notes.txt"))
    func found(_ name: String, overwrite: Bool = false, files: [String]? = ["a"]) -> String? {
      #expect(throws: InputError.self) {
        try NewTensorFile.checkDestination(
          folder + "/" + name, files: files, inputs: [folder], overwrite: overwrite)
      }?.found
    }
    #expect(found("taken") == "something")
    #expect(found("taken", overwrite: true) == "\"notes.txt\", which would be lost")
    #expect(found("", overwrite: true) == "an input itself")
    #expect(found("out.gguf") == "another name")
    #expect(found("out", files: nil) == "another one")
    #expect(found("no/such/out") == "none that can be written to")
    #expect(found("taken", overwrite: true, files: nil) == "another one")
    try NewTensorFile.checkDestination(
      folder + "/new", files: ["a"], inputs: [folder], overwrite: false)
  }
}

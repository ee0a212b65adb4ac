import Foundation
import Testing

@testable import FormatIO

private let folder = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../fixtures/delta").standardized.path

/// The test vector of docs/PATCH_FORMAT.md, so that the format cannot change by accident.
///
/// `WRITE_PATCH=1 swift test --filter GoldenPatchTests` makes it anew.
@Suite("The patch file of the specification")
struct GoldenPatchTests {
  /// Two checkpoints with one tensor of every kind of change.
  private func write() throws {
    var random = SplitMix64(state: 2026)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in 0.02 * random.normal() } }
    func tensor(
      _ name: String, _ type: ElementType, _ shape: [Int], _ values: [Float]
    ) -> SyntheticCheckpoint.Tensor {
      .init(
        name: name, type: type, shape: shape, bytes: SyntheticCheckpoint.bytes(values, type))
    }
    let values = numbers(400)
    var base = SyntheticCheckpoint(using: &random)
    base.tensors = [
      tensor("same", .bfloat16, [4, 5], numbers(20)),
      tensor("sparse", .bfloat16, [20, 20], values),
      tensor("dense", .float32, [20, 20], values),
      tensor("old name", .float16, [3], numbers(3)),
      tensor("converted", .bfloat16, [20, 20], values),
      tensor("longer", .bfloat16, [10, 20], Array(values[..<200])),
      tensor("shorter", .bfloat16, [20, 20], values),
      tensor("removed", .float64, [7], numbers(7)),
      .init(name: "replaced", type: .bfloat16, shape: [2, 3], bytes: Array(0..<12)),
    ]
    var target = base
    target.metadata += ",\"note\":\"patched\""
    target.tensors[1].bytes[10] ^= 1
    target.tensors[1].bytes[700] ^= 1
    target.tensors[2] = tensor(
      "dense", .float32, [20, 20], values.map { $0 + 1e-4 * random.normal() })
    target.tensors[3].name = "new name"
    target.tensors[4] = tensor(
      "converted", .float32, [20, 20], values.map { $0 + 1e-3 * random.normal() })
    target.tensors[5] = tensor("longer", .bfloat16, [20, 20], values)
    target.tensors[6] = tensor("shorter", .bfloat16, [10, 20], Array(values[..<200]))
    target.tensors[8] = .init(name: "replaced", type: .float32, shape: [5], bytes: Array(0..<20))
    target.tensors.remove(at: 7)
    target.tensors.append(tensor("added", .bfloat16, [30, 4], numbers(120)))
    for (name, checkpoint) in [("base", base), ("target", target)] {
      let bytes = checkpoint.file(Array(checkpoint.tensors.indices))
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name).safetensors"))
    }
    _ = try DeltaMaker(
      base: Checkpoint.open("\(folder)/base.safetensors"),
      target: Checkpoint.open("\(folder)/target.safetensors"), tool: "panacea-patch", threads: 2
    ).make("\(folder)/base-to-target.ppd")
  }

  /// Two GGUF files whose tensors have other types.
  private func writeTypes() throws {
    var random = SplitMix64(state: 2027)
    let names = Dictionary(uniqueKeysWithValues: ElementType.gguf.values.map { ($0.name, $0) })
    let changes = [
      ("Q4_0", "Q8_0"), ("Q4_1", "Q8_0"), ("Q5_0", "Q8_0"), ("Q5_1", "BF16"), ("Q8_0", "F16"),
      ("Q2_K", "Q8_0"), ("Q3_K", "F32"), ("Q4_K", "Q8_0"), ("Q5_K", "F16"), ("Q6_K", "Q8_0"),
      ("F32", "Q6_K"), ("F16", "Q5_1"), ("BF16", "Q4_0"), ("Q8_0", "Q4_1"), ("IQ4_NL", "Q8_0"),
    ].compactMap { from, to in names[from].flatMap { from in names[to].map { (from, $0) } } }
    var base = SyntheticCheckpoint(using: &random)
    base.metadata = "the test vector for changes of types"
    base.tensors = changes.enumerated().map { number, change in
      let values = (0..<1024).map { _ in 0.02 * random.normal() }
      return .init(
        name: "\(number) \(change.0) to \(change.1)", type: change.0, shape: [4, 256],
        bytes: SyntheticCheckpoint.bytes(values, change.0))
    }
    // Scales that are no numbers, infinite, zero.
    base.tensors[0].bytes[0..<2] = [0x01, 0xFE]
    base.tensors[1].bytes[22..<24] = [0x00, 0xFC]
    base.tensors[7].bytes[0..<2] = [0, 0]
    var target = base
    for (index, change) in changes.enumerated() {
      let values = SyntheticCheckpoint.values(base.tensors[index])
      target.tensors[index].type = change.1
      target.tensors[index].bytes = SyntheticCheckpoint.bytes(
        values.map { $0.isFinite ? $0 + 2e-4 * random.normal() : 0 }, change.1)
    }
    // Nothing but what the conversion foretells.
    let last = base.tensors.count - 2
    let converted = base.tensors[last].bytes.withUnsafeBytes { source in
      [UInt8](unsafeUninitializedCapacity: target.tensors[last].bytes.count) { buffer, filled in
        filled = buffer.count
        try? ConvertedFrame.decode(
          .init(start: nil, count: 0), source: source, changes[last].0, changes[last].1,
          into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    target.tensors[last].bytes = converted
    for (name, checkpoint) in [("base", base), ("target", target)] {
      try Data(checkpoint.gguf()).write(to: URL(filePath: "\(folder)/\(name).gguf"))
    }
    _ = try DeltaMaker(
      base: Checkpoint.open("\(folder)/base.gguf"),
      target: Checkpoint.open("\(folder)/target.gguf"),
      tool: "panacea-patch", threads: 2
    ).make("\(folder)/types.ppd")
  }

  @Test(
    "gives the target from the base, and the base from the target",
    arguments: [("base-to-target", "safetensors"), ("types", "gguf")])
  func bothWays(name: String, format: String) throws {
    if ProcessInfo.processInfo.environment["WRITE_PATCH"] != nil {
      format == "gguf" ? try writeTypes() : try write()
    }
    let scratch = try ScratchFolder()
    let patch = try DeltaFile("\(folder)/\(name).ppd")
    for (direction, from, to) in [
      (DeltaApplier.Direction.apply, "base", "target"), (.revert, "target", "base"),
    ] {
      let source = try Checkpoint.open("\(folder)/\(from).\(format)")
      let output = scratch.path("\(to).\(format)")
      try DeltaApplier(patch, direction, source: source, threads: 2).write(to: output)
      let (made, wanted) = (
        try Data(contentsOf: URL(filePath: output)),
        try Data(contentsOf: URL(filePath: "\(folder)/\(to).\(format)"))
      )
      #expect(made == wanted)
    }
    let kinds = patch.index.counts
    if format == "gguf" {
      #expect(kinds == [.converted: 14, .replaced: 1])
    } else {
      #expect(DeltaIndex.Kind.allCases.allSatisfy { kinds[$0, default: 0] > 0 })
    }
  }
}

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

  @Test("gives the target from the base, and the base from the target")
  func bothWays() throws {
    if ProcessInfo.processInfo.environment["WRITE_PATCH"] != nil { try write() }
    let scratch = try ScratchFolder()
    let patch = try DeltaFile("\(folder)/base-to-target.ppd")
    for (direction, from, to) in [
      (DeltaApplier.Direction.apply, "base", "target"), (.revert, "target", "base"),
    ] {
      let source = try Checkpoint.open("\(folder)/\(from).safetensors")
      let output = scratch.path("\(to).safetensors")
      try DeltaApplier(patch, direction, source: source, threads: 2).write(to: output)
      let (made, wanted) = (
        try Data(contentsOf: URL(filePath: output)),
        try Data(contentsOf: URL(filePath: "\(folder)/\(to).safetensors"))
      )
      #expect(made == wanted)
    }
    let kinds = patch.index.counts
    #expect(DeltaIndex.Kind.allCases.allSatisfy { kinds[$0, default: 0] > 0 })
  }
}

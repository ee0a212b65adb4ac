import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Are base and adapter together what PEFT merges?
@Suite struct AdapterTests {
  static let names = [
    "lora", "half", "rslora", "dora", "patterns", "whole", "embeddings", "biases", "bias-of-b",
    "conv1d", "conv1d-dora",
  ]

  @Test(arguments: names)
  func numbersAreThoseOfPEFT(_ name: String) throws {
    let golden = try GoldenAdapter(name)
    let merged = golden.adapter.applied(to: golden.base)
    #expect(golden.adapter.names == golden.merged.tensors.map(\.name).sorted())
    for expected in golden.merged.tensors {
      let found = try #require(merged.tensor(expected.name))
      let (values, wanted) = (
        try merged.readFloats(found), try golden.merged.readFloats(expected)
      )
      let before = try golden.terms(of: found)
      #expect(Self.distance(values, wanted, from: before) <= 2, "\(expected.name)")
    }
    for tensor in golden.base.tensors where golden.merged.tensor(tensor.name) == nil {
      let (values, wanted) = (try merged.readFloats(tensor), try golden.base.readFloats(tensor))
      #expect(values == wanted, "\(tensor.name)")
    }
  }

  /// Rounding once to BF16 gives what rounding PEFT's sum gives, up to a neighbour.
  @Test(arguments: names)
  func bitsAreRoundedOnce(_ name: String) throws {
    let golden = try GoldenAdapter(name)
    for expected in golden.merged.tensors {
      let tensor = try #require(golden.base.tensor(expected.name))
      let merged = golden.adapter.applied(to: golden.base)
      let values = try merged.readFloats(tensor)
      let wanted = try golden.merged.readFloats(expected)
      let encoding = FloatEncoding(.bfloat16, rounding: .nearestEven, tensor: tensor.name)
      let differences = zip(encoding.encode(values.span).bits, encoding.encode(wanted.span).bits)
        .map { abs(Int($0) - Int($1)) }
      #expect(differences.max() ?? 0 <= 1)
    }
  }

  @Test(arguments: names.filter { !$0.hasPrefix("conv1d") })
  func theModelComputesWithBoth(_ name: String) throws {
    let golden = try GoldenAdapter(name)
    let model = try GoldenModel(String(golden.baseName.dropFirst(7)))
    let map = try TensorMap(
      checkpoint: golden.adapter.applied(to: golden.base), configuration: model.map.configuration)
    let targets = model.targets(likelihood: 1)
    let scores = try Transformer(weights: Weights(map: map)).scores(model.batch, targets: targets)
    let loss = zip(scores.likelihood, targets).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1.likelihoodWeight)
    }
    let expected = try #require(golden.settings["loss"]?.double)
    #expect(abs(loss - expected) <= 1e-5 * expected)
  }

  @Test func partsAreReadAsTheWhole() throws {
    for name in ["lora", "conv1d-dora", "embeddings"] {
      let golden = try GoldenAdapter(name)
      let merged = golden.adapter.applied(to: golden.base)
      for tensor in golden.base.tensors where golden.adapter.changes[tensor.name] != nil {
        let whole = try merged.readFloats(tensor)
        for part in [0..<1, 3..<whole.count - 2, whole.count - 1..<whole.count, 5..<5] {
          var values = [Float](repeating: 0, count: part.count)
          var target = values.mutableSpan
          try merged.readFloats(tensor, elements: part, into: &target)
          let before = Array(try golden.terms(of: tensor)[part])
          #expect(Self.distance(values, Array(whole[part]), from: before) <= 2)
        }
      }
    }
  }

  @Test func bytesAndDigestsStayThoseOfTheFile() throws {
    let golden = try GoldenAdapter("lora")
    let merged = golden.adapter.applied(to: golden.base)
    #expect(try merged.contentDigest() == golden.base.contentDigest())
    #expect(merged.isOverlaid("model.layers.0.self_attn.q_proj.weight"))
    #expect(!merged.isOverlaid("model.layers.0.self_attn.k_proj.weight"))
  }

  @Test func ranksAndScalesFollowTheFirstPattern() throws {
    let adapter = try GoldenAdapter("patterns").adapter
    func scale(_ name: String) -> Float? {
      adapter.changes[TensorName("model.layers.\(name).weight")]?.product?.scale
    }
    #expect(scale("0.self_attn.q_proj") == 3)
    #expect(scale("1.self_attn.q_proj") == 6)
    #expect(scale("0.self_attn.k_proj") == 2.25)
    #expect(scale("1.self_attn.k_proj") == 1.5)
    #expect(scale("0.self_attn.v_proj") == 1.5)
    #expect(scale("0.mlp.gate_proj") == 2)
    #expect(adapter.ranks.map(\.rank) == [1, 2, 3, 4])
    #expect(adapter.ranks.map(\.count) == [1, 6, 1, 2])
  }

  /// The largest distance in units in the last place: of a number or, where terms cancel, of the largest of
  /// them.
  static func distance(_ a: [Float], _ b: [Float], from base: [Float]? = nil) -> Float {
    guard a.count == b.count else { return .infinity }
    return a.indices.map { index in
      let size = max(abs(a[index]), abs(b[index]), abs(base?[index] ?? 0), 0x1p-100)
      return abs(a[index] - b[index]) / size.ulp
    }.max() ?? 0
  }
}

/// An adapter that PEFT saved, and what PEFT merged; see fixtures/scripts/make_adapters.py.
struct GoldenAdapter {
  let baseName: String
  let base: Checkpoint
  let adapter: Adapter
  let merged: Checkpoint
  let settings: JSON

  init(_ name: String) throws {
    settings = try Fixtures.json("adapters/\(name)/case.json")
    baseName = try #require(settings["base"]?.string)
    base = try Checkpoint.open(Fixtures.path(baseName))
    adapter = try Adapter.open(Fixtures.path("adapters/\(name)"), on: base)
    merged = try Checkpoint.open(Fixtures.path("adapters/\(name)/merged.safetensors"))
  }

  /// The largest of the terms that make up each number of a tensor: that of the base, or one of the
  /// product.
  func terms(of tensor: TensorInfo) throws -> [Float] {
    var terms = try base.readFloats(tensor)
    guard let product = adapter.changes[tensor.name]?.product else { return terms }
    for index in terms.indices {
      let (row, column) = (index / product.columns, index % product.columns)
      for number in 0..<product.rank {
        let term =
          product.scale * product.left[row * product.rank + number]
          * product.right[number * product.columns + column]
        terms[index] = max(abs(terms[index]), abs(term))
      }
    }
    return terms
  }
}

extension [UInt8] {
  /// Numbers of two bytes.
  fileprivate var bits: [UInt16] {
    stride(from: 0, to: count, by: 2).map { UInt16(self[$0]) | UInt16(self[$0 + 1]) << 8 }
  }
}

import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Are the figures of the report what numpy computes of the same files?
///
/// `fixtures/scripts/make_lossy.py` reads and writes the blocks itself; nothing here is rounded at random.
@Suite struct LossyGoldenTests {
  private struct Golden: Decodable {
    struct Share: Decodable {
      let keep, noise: Double
    }
    struct Total: Decodable {
      let raised, own: Share
    }
    struct Tensor: Decodable {
      let name: String
      let norm, relative, cosine: Double
      let bytesBefore, bytesRaised: Int
      let raised, own: Share
    }
    let total: Total
    let tensors: [Tensor]

    init() throws {
      let file = try Data(contentsOf: URL(filePath: Fixtures.path("lossy/golden.json")))
      self = try JSONDecoder().decode(Golden.self, from: file)
    }

    private enum CodingKeys: CodingKey { case total, tensors }
  }

  private static func demo() throws -> LossyCase {
    func map(_ name: String) throws -> TensorMap {
      try LossyCase.map(Checkpoint.open(Fixtures.path("demo/\(name)")))
    }
    return try LossyCase(map("damaged"), to: map("aligned"))
  }

  /// Figures of single precision against those of double precision.
  private func isNear(_ value: Double, _ golden: Double, _ tolerance: Double = 1e-4) -> Bool {
    abs(value - golden) <= tolerance * max(1, abs(golden))
  }

  @Test func aWiderTypeKeepsWhatNumpySays() throws {
    let (golden, test) = (try Golden(), try Self.demo())
    let model = try Checkpoint.open(Fixtures.path("gguf/demo-Q4_0.gguf"))
    let report = try test.apply(to: model) {
      $0.raisesTypes = false
      $0.storage = StorageRounding(
        elementType: .q8, onlyRaises: true, rounding: .stochastic(seed: 1))
    }.report
    let raised = report.tensors.filter { $0.storage.elementType == .q8 }
    #expect(raised.map(\.storage.name.text).sorted() == golden.tensors.map(\.name).sorted())
    for wanted in golden.tensors {
      let found = raised.first { $0.storage.name.text == wanted.name }
      let tensor = try #require(found)
      #expect(isNear(tensor.norm, wanted.norm), "\(wanted.name)")
      #expect(isNear(tensor.distance.relative, wanted.relative), "\(wanted.name)")
      #expect(isNear(tensor.distance.cosine, wanted.cosine), "\(wanted.name)")
      #expect(isNear(tensor.storage.weights.keep, wanted.raised.keep), "\(wanted.name)")
      #expect(isNear(tensor.storage.weights.noise, wanted.raised.noise, 1e-3), "\(wanted.name)")
      #expect(tensor.storage.effect == nil)
      #expect(tensor.bytesBefore == wanted.bytesBefore && tensor.bytesAfter == wanted.bytesRaised)
    }
    let total = raised.reduce(into: PatchShare()) { $0 += $1.storage.weights }
    #expect(isNear(total.keep, golden.total.raised.keep))
    #expect(isNear(total.noise, golden.total.raised.noise, 1e-3))
  }

  /// Where no text can be read, every input counts the same: the nearest codes are taken, and outputs are judged
  /// as weights are.
  @Test func withoutATokenizerTheNearestCodesAreTaken() throws {
    let (golden, test) = (try Golden(), try Self.demo())
    let model = try test.withoutTokenizer("gguf/demo-Q4_0.gguf")
    var notes: [String] = []
    var settings = LossyDelta.Settings(seed: 7)
    settings.raisesTypes = false
    let output = test.folder + "/bare-out.gguf"
    let report = try LossyDelta(
      test.patch, .apply, original: test.base.checkpoint, to: model, settings: settings
    ).run(output: output) { event in
      if case .noted(let note) = event { notes.append(note) }
      if case .readingInputs = event { notes.append("reading") }
    }
    #expect(notes.count == 1 && notes[0].hasPrefix("codes move without regard to inputs"))
    #expect(report.rows == nil && report.isWritten && report.raised == nil)
    for wanted in golden.tensors {
      let found = report.tensors.first { $0.storage.name.text == wanted.name }
      let tensor = try #require(found)
      let effect = try #require(tensor.storage.effect)
      for share in [effect, tensor.storage.weights] {
        #expect(isNear(share.keep, wanted.own.keep, 1e-3), "\(wanted.name) \(share.keep)")
        #expect(isNear(share.noise, wanted.own.noise, 1e-3), "\(wanted.name) \(share.noise)")
      }
      #expect(
        tensor.storage.elementType == tensor.before && tensor.bytesAfter == tensor.bytesBefore)
    }
    let effect = try #require(report.effect)
    #expect(isNear(effect.keep, golden.total.own.keep, 1e-3))
    #expect(isNear(effect.noise, golden.total.own.noise, 1e-3))
    let metadata = try Checkpoint.open(output).shards[0].header.metadata ?? []
    #expect(metadata.contains { $0.key == "panacea.patch" })
    #expect(!metadata.contains { $0.key == "panacea.calibration" || $0.key == "panacea.kernel" })
  }

  /// Noise that no inputs make up for is judged too, so that types are raised.
  @Test func withoutATokenizerNoisyTypesAreRaised() throws {
    let test = try Self.demo()
    let (report, written) = try test.apply(to: test.withoutTokenizer("gguf/demo-Q4_0.gguf"))
    #expect(report.raised == .q8 && report.isKept && written != nil)
    #expect(
      report.tensors.allSatisfy { $0.before.elementsPerBlock == 1 || $0.storage.elementType == .q8 }
    )
  }
}

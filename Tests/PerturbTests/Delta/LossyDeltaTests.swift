import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Does a patch do in another file of its model what it does in its own?
@Suite struct LossyDeltaTests {
  /// Where nothing is rounded, the result is the target in the other format: the same outputs, the same numbers.
  @Test(arguments: GoldenModel.names, [true, false])
  func theResultIsTheTargetInTheOtherFormat(_ name: String, toGGUF: Bool) throws {
    let golden = try GoldenModel(name)
    let maps = (try LossyCase.map(golden.map.checkpoint), try GoldenModel.gguf(name))
    let (base, model) = toGGUF ? maps : (maps.1, maps.0)
    let test = try LossyCase(base)
    let (report, written) = try test.apply(to: model.checkpoint)
    let map = try LossyCase.map(#require(written))
    for slot in test.target.slots {
      let distance = try WeightDistance(from: test.target, to: map, at: slot)
      // Vectors of a GGUF file are F32, and BF16 in the other.
      let type = try #require(model.tensor(at: slot)?.elementType)
      let isRounded = test.target.tensor(at: slot)?.elementType != type && type == .bfloat16
      #expect(distance.relative < (isRounded ? 4e-3 : 1e-6), "\(slot)")
      let before = try WeightDistance(from: test.target, to: model, at: slot)
      #expect(before.relative > 1e-3, "\(slot)")
    }
    // Both formats are computed with by rules of their own.
    func states(_ map: TensorMap) throws -> [Float] {
      try Transformer(weights: Weights(map: map)).targetStates(golden.batch).values
    }
    let (found, expected) = (try states(map), try states(test.target))
    let tolerance: Float = name == "linear-rope" && !toGGUF ? 0.05 : 1e-4
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance })
    let unpatched = try states(model)
    #expect(zip(unpatched, expected).contains { abs($0 - $1) > 0.05 })
    #expect(abs(report.keep - 1) < 1e-5 && report.raised == nil)
    #expect(report.distance.relative < 1e-6 && report.distance.cosine > 0.999999)
    #expect(report.original == test.patch.index.base.content)
    #expect(report.output == (try map.checkpoint.contentDigest()))
  }

  @Test(arguments: [ElementType.float16, .bfloat16])
  func plainTypesStayAndHoldTheChange(_ type: ElementType) throws {
    let test = try LossyCase(
      LossyCase.map(GoldenModel("grouped").map.checkpoint), deviation: 1e-3,
      slots: { $0.role == .queryWeight || $0.role == .downWeight })
    let map = try GoldenModel.gguf("grouped")
    let model = try test.converted(map, to: type)
    let (report, result) = try test.apply(to: model)
    let written = try #require(result)
    #expect(abs(report.keep - 1) < 0.15)
    #expect(report.distance.relative < (type == .bfloat16 ? 4e-3 : 5e-4))
    let touched = try LossyCase.differing(model, written)
    #expect(touched == Set(report.tensors.map(\.storage.name)) && !touched.isEmpty)
    #expect(touched.allSatisfy { $0.text.contains("attn_q.") || $0.text.contains("ffn_down.") })
    #expect(report.tensors.allSatisfy { $0.storage.elementType == type })
    #expect(report.groups.map(\.kind).sorted() == ["down", "query"])
    #expect(report.groups.reduce(0) { $0 + $1.count } == report.tensors.count)
  }

  /// Base and target may be quantised, each in types of its own: what counts is what they stand for.
  @Test(
    arguments: [
      ("gguf/demo-Q8_0.gguf", nil, "demo/damaged"),
      ("gguf/demo-Q8_0.gguf", .float16, "demo/damaged"),
      ("gguf/demo-Q4_0.gguf", .q8, "demo/damaged"),
      ("golden/fp8-block", nil, "gguf/grouped.gguf"), ("golden/fp8-row", nil, "golden/grouped"),
    ] as [(String, ElementType?, String)])
  func quantisedBasesGiveTheChangeOfWhatTheyStandFor(
    _ base: String, _ type: ElementType?, _ file: String
  ) throws {
    let model = try LossyCase.map(Checkpoint.open(Fixtures.path(file)))
    let test = try LossyCase(
      LossyCase.map(Checkpoint.open(Fixtures.path(base))), storedAs: type,
      slots: { $0.isBlockMatrix })
    let (report, result) = try test.apply(to: model.checkpoint)
    let written = try LossyCase.map(#require(result))
    #expect(abs(report.keep - 1) < 0.01 && report.distance.relative > 1e-3)
    func change(_ before: TensorMap, _ after: TensorMap, _ slot: ModelSlot) throws -> [Float] {
      var values = try Weights(map: after).values(at: slot)
      values.add(try Weights(map: before).values(at: slot), scale: -1)
      return values
    }
    let role = BlockRole.downWeight  // Its rows are in the same order in all formats.
    for slot in model.slots where slot.role == role {
      let wanted = try change(test.base, test.target, slot)
      var found = try change(model, written, slot)
      found.add(wanted, scale: -1)
      #expect(wanted.norm > 0.1 && found.norm < 0.05 * wanted.norm, "\(slot)")
    }
  }

  /// A fine-tune of the same model passes, and is told apart by its distance.
  @Test func anotherFineTuneIsTold() throws {
    let golden = try LossyCase.map(GoldenModel("grouped").map.checkpoint)
    let test = try LossyCase(golden, slots: { $0.role == .upWeight })
    let other = try LossyCase(try GoldenModel.gguf("grouped"), deviation: 0.01)
    let near = try test.apply(to: GoldenModel.gguf("grouped").checkpoint).report
    let far = try test.apply(to: other.target.checkpoint, as: "far").report
    #expect(near.tensors.allSatisfy { !$0.isFar } && far.tensors.allSatisfy(\.isFar))
    let half = try test.apply(
      to: test.converted(try GoldenModel.gguf("grouped"), to: .bfloat16), as: "half"
    ).report
    #expect(half.distance.relative > 1e-4 && half.tensors.allSatisfy { !$0.isFar })
  }

  /// Blocks keep their types where the change is as large as a fine-tune.
  @Test(arguments: ["Q8_0", "Q4_0"])
  func movedCodesHoldAFineTune(_ type: String) throws {
    let (test, target) = try Self.demo()
    let model = try Checkpoint.open(Fixtures.path("gguf/demo-\(type).gguf"))
    let (report, written) = try test.apply(to: model) { $0.raisesTypes = false }
    #expect(report.keep > 0.9 && report.raised == nil && report.rows != nil)
    #expect(report.tensors.allSatisfy { $0.before == $0.storage.elementType })
    #expect(report.tensors.contains { $0.storage.elementType.name == type })
    #expect(report.tensors.allSatisfy { !$0.isFar })
    // Noise of single weights is larger than this: what counts is how little of it arrives.
    let noise = report.groups.compactMap(\.effect).map(\.noise)
    #expect(noise.allSatisfy { $0 < (type == "Q8_0" ? 0.25 : 0.45) }, "\(noise)")
    let map = try LossyCase.map(#require(written))
    let batch = try Self.batch(map)
    func states(_ map: TensorMap) throws -> [Float] {
      try Transformer(weights: Weights(map: map)).targetStates(batch).values
    }
    var (wanted, left) = (try states(target), try states(map))
    left.add(wanted, scale: -1)
    wanted.add(try states(LossyCase.map(model)), scale: -1)
    #expect(left.norm < 0.5 * wanted.norm, "\(left.norm / wanted.norm)")
  }

  /// A text of the demo model.
  private static func batch(_ map: TensorMap) throws -> PackedBatch {
    var batch = PackedBatch()
    let tokens = (0..<64).map { Int32($0 * 37 % map.configuration.vocabularySize) }
    batch.append(prompt: Array(tokens[..<8]), answer: Array(tokens[8...]))
    return batch
  }

  /// The damaged demo model, and a patch to the aligned one.
  private static func demo() throws -> (test: LossyCase, target: TensorMap) {
    let base = try LossyCase.map(Checkpoint.open(Fixtures.path("demo/damaged")))
    let target = try LossyCase.map(Checkpoint.open(Fixtures.path("demo/aligned")))
    return (try LossyCase(base, to: target), target)
  }

  /// A change far below the steps of the blocks, where no inputs tell which codes count.
  private static func small() throws -> (test: LossyCase, model: Checkpoint) {
    let base = try LossyCase.map(Checkpoint.open(Fixtures.path("demo/damaged")))
    let test = try LossyCase(base, deviation: 4e-4, slots: { $0 == .embedding })
    return (test, try Checkpoint.open(Fixtures.path("gguf/demo-Q4_0.gguf")))
  }

  @Test func typesAreRaisedWhereTheirOwnLoseTheChange() throws {
    let (test, model) = try Self.small()
    let (kept, nothing) = try test.apply(to: model) { $0.raisesTypes = false }
    #expect(!kept.isKept && !kept.isWritten && nothing == nil && kept.keep < 0.2)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: test.folder).sorted() == [
        "p.ppd", "target",
      ])
    let (forced, written) = try test.apply(to: model, as: "forced") {
      ($0.raisesTypes, $0.isForced) = (false, true)
    }
    #expect(!forced.isKept && forced.isWritten && written != nil)
    let (raised, wide) = try test.apply(to: model, as: "raised")
    #expect(raised.raised == .q8 && raised.keep > kept.keep)
    #expect(raised.tensors.map(\.storage.elementType) == [.q8])
    #expect(raised.isWritten == raised.isKept && (wide != nil) == raised.isKept)
    let (asked, file) = try test.apply(to: model, as: "f16") {
      $0.raisesTypes = false
      $0.storage = StorageRounding(
        elementType: .float16, onlyRaises: true, rounding: .stochastic(seed: 1))
    }
    #expect(asked.keep > 0.95 && asked.tensors.map(\.storage.elementType) == [.float16])
    #expect(try LossyCase.differing(model, #require(file)) == ["token_embd.weight"])
  }

  /// Codes of 4 bits add noise to every output, which nothing here measures on answers.
  @Test func noisyCodesGiveWayToAWiderType() throws {
    let base = try LossyCase.map(Checkpoint.open(Fixtures.path("demo/damaged")))
    let test = try LossyCase(base, deviation: 6e-3, slots: \.isBlockMatrix)
    let model = try Checkpoint.open(Fixtures.path("gguf/demo-Q4_0.gguf"))
    let kept = try test.apply(to: model) { $0.raisesTypes = false }.report
    #expect(kept.isKept && kept.raised == nil)
    #expect(try #require(kept.effect).noise > 0.3)
    let raised = try test.apply(to: model, as: "raised").report
    #expect(raised.raised == .q8 && raised.isKept && raised.isWritten)
    let wide = raised.tensors.filter { $0.storage.elementType == .q8 }.map(\.storage.name)
    #expect(wide == Self.noisy(kept) && wide.count > kept.tensors.count / 2)
  }

  /// The tensors that leave more noise than is left to them.
  private static func noisy(_ report: LossyDeltaReport) -> [TensorName] {
    report.tensors.filter { ($0.storage.effect?.noise ?? 0) > 0.2 }.map(\.storage.name)
  }

  /// Each tensor is judged by itself: few noisy ones neither raise the others nor hide behind them.
  @Test func onlyNoisyTensorsAreRaised() throws {
    let (test, _) = try Self.demo()
    let model = try Checkpoint.open(Fixtures.path("gguf/demo-Q4_0.gguf"))
    let kept = try test.apply(to: model) { $0.raisesTypes = false }.report
    let noisy = Self.noisy(kept)
    let quiet = kept.tensors.filter { $0.before.elementsPerBlock > 1 }.map(\.storage.name)
      .filter { !noisy.contains($0) }
    #expect(!noisy.isEmpty && !quiet.isEmpty)
    var raised: [(tensors: Int, bytes: Int)] = []
    let output = test.folder + "/some.gguf"
    let report = try LossyDelta(
      test.patch, .apply, original: test.base.checkpoint, to: model,
      settings: LossyDelta.Settings(seed: 7)
    ).run(output: output) { event in
      switch event {
      case .raised(let type, let tensors, let bytes):
        #expect(type == .q8)
        raised.append((tensors, bytes))
      case .writing(let done, let total): #expect(done < total + 4096)  // The header grows too.
      default: break
      }
    }
    #expect(report.raised == .q8 && Self.noisy(report).isEmpty)
    let names = Dictionary(grouping: report.tensors) { $0.storage.elementType.name }
      .mapValues { $0.map(\.storage.name) }
    #expect(names["Q8_0"] == noisy && names["Q4_0"] == quiet)
    // Four bits more for each number.
    let numbers = noisy.compactMap(model.tensor).reduce(0) { $0 + $1.elementCount }
    #expect(raised.map(\.tensors) == [noisy.count] && raised.map(\.bytes) == [numbers / 2])
    let written = try Checkpoint.open(output)
    #expect(try LossyCase.differing(model, written) == Set(report.tensors.map(\.storage.name)))
  }

  @Test func sameInputsGiveTheSameBytes() throws {
    let (test, _) = try Self.demo()
    let model = try Checkpoint.open(Fixtures.path("gguf/demo-Q8_0.gguf"))
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    let files = try [1, 4, 4].enumerated().map { number, threads in
      Parallel.threads = threads
      let written = try test.apply(to: model, as: "out\(number)").written
      return try ContentDigest(file: #require(written).path)
    }
    #expect(Set(files).count == 1)
  }

  @Test func aRevertedPatchIsTakenBack() throws {
    let golden = try GoldenModel("grouped")
    let test = try LossyCase(LossyCase.map(golden.map.checkpoint))
    let model = try GoldenModel.gguf("grouped")
    let patched = try #require(try test.apply(to: model.checkpoint).written)
    let (report, written) = try test.apply(to: patched, as: "back", .revert)
    #expect(report.original == test.patch.index.target.content && report.keep > 0.999)
    let map = try LossyCase.map(#require(written))
    for slot in map.slots {
      #expect(try WeightDistance(from: model, to: map, at: slot).relative < 1e-6, "\(slot)")
    }
  }

  @Test func theFileSaysHowItWasMade() throws {
    let test = try LossyCase(
      LossyCase.map(GoldenModel("tied").map.checkpoint), slots: { $0.role == .upWeight })
    let model = try GoldenModel.gguf("tied").checkpoint
    let written = try #require(try test.apply(to: model).written)
    let metadata = written.shards[0].header.metadata ?? []
    func value(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
    #expect(value("panacea.input") == (try model.contentDigest().description))
    #expect(value("panacea.original") == (try test.base.checkpoint.contentDigest().description))
    #expect(value("panacea.patch") == (try ContentDigest(file: test.patch.path).description))
    #expect(value("panacea.settings")?.contains(#""seed":7"#) == true)
    let plain = try #require(
      try test.apply(to: model, as: "plain") { $0.recordsProvenance = false }.written)
    #expect(plain.shards[0].header.metadata?.contains { $0.key.hasPrefix("panacea") } != true)
    #expect(plain.tensors.map(\.name) == model.tensors.map(\.name))
  }
}

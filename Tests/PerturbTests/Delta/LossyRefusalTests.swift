import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Is what cannot be brought to another file named, and nothing written?
@Suite struct LossyRefusalTests {
  private func error(
    _ test: LossyCase, _ model: Checkpoint, original: Checkpoint? = nil
  ) -> InputError? {
    let path = LossyCase.path(test.folder, "refused", like: model)
    let run = LossyDelta(
      test.patch, .apply, original: original ?? test.base.checkpoint, to: model,
      settings: LossyDelta.Settings(seed: 1))
    let error = #expect(throws: InputError.self) { try run.run(output: path) { _ in } }
    #expect(!FileManager.default.fileExists(atPath: path))
    return error
  }

  private func grouped() throws -> LossyCase {
    try LossyCase(LossyCase.map(GoldenModel("grouped").map.checkpoint))
  }

  @Test func anotherModelIsRefused() throws {
    let layers = error(try grouped(), try GoldenModel.gguf("odd-head").checkpoint)
    #expect(layers?.expected.hasPrefix("2 layers, as ") == true && layers?.found == "3")
    let biases = error(try grouped(), try GoldenModel.gguf("tied").checkpoint)
    #expect(biases?.found == "none in its place", "\(biases?.description ?? "")")
    let test = try LossyCase(LossyCase.map(GoldenModel("tied").map.checkpoint))
    let heads = error(test, try GoldenModel.gguf("llama3-rope").checkpoint)
    #expect(heads?.kind == .malformed, "\(heads?.description ?? "")")
    #expect(heads?.fix == "name a file of the model that the patch was made from")
  }

  /// The same shapes, other numbers.
  @Test func aModelOfOtherNumbersIsRefused() throws {
    let test = try LossyCase(
      LossyCase.map(GoldenModel("grouped").map.checkpoint), slots: \.isBlockMatrix)
    let map = try GoldenModel.gguf("grouped")
    let other = try LossyCase(map, deviation: 1, slots: { $0.role == .keyWeight })
    let error = error(test, other.target.checkpoint)
    #expect(error?.place == #"tensor "blk.0.attn_k.weight""#)
    #expect(error?.expected.hasSuffix("at most 50 % of their norm away") == true)
    #expect(error?.found.contains("%, cosine ") == true)
  }

  @Test func anotherOriginalIsRefused() throws {
    let test = try grouped()
    let model = try GoldenModel.gguf("grouped").checkpoint
    let error = error(test, model, original: test.target.checkpoint)
    #expect(error?.expected.hasPrefix("data of digest ") == true)
  }

  @Test func inputsAreNeverWrittenOver() throws {
    let test = try LossyCase(try GoldenModel.gguf("grouped"))
    var settings = LossyDelta.Settings(seed: 1)
    settings.overwrites = true
    let original = test.target.checkpoint
    let run = LossyDelta(
      test.patch, .revert, original: original, to: try GoldenModel.gguf("grouped").checkpoint,
      settings: settings)
    let error = #expect(throws: InputError.self) { try run.run(output: original.path) { _ in } }
    #expect(error?.kind == .cannotCreate && error?.found == "the input itself")
    let patch = #expect(throws: InputError.self) { try run.run(output: test.patch.path) { _ in } }
    #expect(patch?.kind == .cannotCreate && patch?.found == "the patch file")
  }

  /// What a patch does to tensors, and the error.
  struct Change: CustomTestStringConvertible {
    let testDescription: String
    let found: String
    let edit: @Sendable (inout [ScratchModel.Tensor]) -> Void
  }

  @Test(arguments: [
    Change(
      testDescription: "a tensor outside the model",
      found: "one that changes a tensor with no place in it"
    ) {
      $0[$0.count - 1].bytes[3] = 0x40
    },
    Change(testDescription: "added", found: "one that is added") {
      $0.append(.init("another", shape: [1], values: [1]))
    },
    Change(testDescription: "removed", found: "one that is removed") { $0.removeLast() },
    Change(testDescription: "renamed", found: "one that is renamed") {
      $0[$0.count - 1].name = "y"
    },
    Change(testDescription: "of another shape", found: "one that is of another shape") {
      $0[$0.count - 1] = .init("vision", shape: [3], values: [1, 2, 3])
    },
  ])
  func changesThatHaveNoPlaceAreNamed(_ change: Change) throws {
    let extra = ScratchModel.Tensor("vision", shape: [2], values: [1, 2])
    let edits: [(inout [ScratchModel.Tensor]) -> Void] = [{ _ in }, change.edit]
    let models = try edits.map { edit in
      let model = try ScratchModel {
        $0.append(extra)
        edit(&$0)
      }
      try Data(ScratchModel.json([:]).utf8).write(
        to: URL(filePath: model.folder + "/config.json"))
      return model
    }
    let base = try Checkpoint.open(models[0].folder)
    let test = try LossyCase(
      LossyCase.map(base), to: LossyCase.map(Checkpoint.open(models[1].folder)))
    let error = withExtendedLifetime(models) { self.error(test, base) }
    #expect(error?.found == change.found, "\(error?.description ?? "")")
    #expect(error?.fix?.contains("convert the result") == true)
  }

  /// A small model in a folder, with a changed copy of itself.
  private func scratch(
    _ settings: [String: String?] = [:], hasBiases: Bool = false,
    edit: (inout [ScratchModel.Tensor]) -> Void = { _ in }
  ) throws -> ScratchModel {
    let model = try ScratchModel(settings, hasBiases: hasBiases, edit: edit)
    try Data(ScratchModel.json(settings).utf8).write(
      to: URL(filePath: model.folder + "/config.json"))
    return model
  }

  private func patch(_ base: ScratchModel, _ target: ScratchModel) throws -> LossyCase {
    func map(_ model: ScratchModel) throws -> TensorMap {
      try LossyCase.map(Checkpoint.open(model.folder))
    }
    return try LossyCase(map(base), to: map(target))
  }

  /// Sets the first number of some tensors.
  private func shift(_ tensors: inout [ScratchModel.Tensor], _ name: String, to value: Float) {
    for index in tensors.indices where tensors[index].name.contains(name) {
      withUnsafeBytes(of: value.bitPattern.littleEndian) {
        tensors[index].bytes.replaceSubrange(0..<4, with: $0)
      }
    }
  }

  @Test func tensorsOfOneFileOnlyAreNamed() throws {
    let (base, target) = (try scratch(), try scratch { shift(&$0, "up_proj", to: 0.5) })
    let test = try patch(base, target)
    let biased = try scratch(
      ["attention_bias": "true", "mlp_bias": "true"], hasBiases: true)
    let more = error(test, try Checkpoint.open(biased.folder))
    #expect(more?.expected.hasPrefix("nothing, as ") == true, "\(more?.description ?? "")")
    #expect(more?.found == "a tensor in this place" && more?.place.contains("bias") == true)
  }

  @Test func matricesOfOtherShapesAreNamed() throws {
    let (base, target) = (try scratch(), try scratch { shift(&$0, "up_proj", to: 0.5) })
    let wide = try scratch(["intermediate_size": "16"])
    let error = error(try patch(base, target), try Checkpoint.open(wide.folder))
    #expect(error?.expected.contains(" × 10 numbers") == true || error?.found == "10 × 16")
    #expect(error?.place.contains("mlp.") == true, "\(error?.description ?? "")")
  }

  /// One matrix cannot be changed as an embedding and stay as a head.
  @Test(arguments: [true, false])
  func aTiedEmbeddingNeedsTheSameInBoth(_ isTied: Bool) throws {
    // The same numbers, with a head of its own or without.
    func model(_ isTied: Bool, edit: (inout [ScratchModel.Tensor]) -> Void) throws -> ScratchModel {
      let model = try scratch {
        if isTied { $0.removeAll { $0.name == "lm_head.weight" } }
        edit(&$0)
      }
      try Data(ScratchModel.json(["tie_word_embeddings": "\(isTied)"]).utf8).write(
        to: URL(filePath: model.folder + "/config.json"))
      return model
    }
    let base = try model(isTied) { _ in }
    let changed = try model(isTied) { shift(&$0, "embed_tokens", to: 0.5) }
    let other = try model(!isTied) { _ in }
    let error = error(try patch(base, changed), try Checkpoint.open(other.folder))
    #expect(error?.found == (isTied ? "one" : "none"), "\(error?.description ?? "")")
    #expect(error?.expected.contains("head of its own") == true)
    // Elsewhere it makes no difference.
    let inside = try model(isTied) { shift(&$0, "up_proj", to: 0.5) }
    let written = try patch(base, inside).apply(to: Checkpoint.open(other.folder)).written
    #expect(written != nil)
  }

  @Test(arguments: [Float.nan, .infinity])
  func aChangeToNoNumberIsNamed(_ value: Float) throws {
    let (base, target) = (try scratch(), try scratch { shift(&$0, "up_proj", to: value) })
    let error = error(try patch(base, target), try Checkpoint.open(base.folder))
    #expect(error?.found == "a NaN or an infinity", "\(error?.description ?? "")")
    #expect(error?.fix == "the patch can only be applied exactly")
  }
}

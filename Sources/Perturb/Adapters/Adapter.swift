public import FormatIO
import Foundation

/// An adapter on its base: tensor names and what becomes of their numbers.
///
/// It works on the tensors of the file, below the places of the model: whatever is computed, compared or written
/// reads base and adapter as one through the overlay of the checkpoint.
public struct Adapter: Sendable {
  /// What the adapter is.
  public enum Kind: String, Sendable {
    case lowRank = "LoRA"
    /// s = alpha / √rank.
    case rankStabilised = "rsLoRA"
    /// Outputs have a learned length.
    case magnitudes = "DoRA"
  }

  /// The path it was opened by.
  public let path: String
  /// What it is.
  public let kind: Kind
  /// What it calls its base; nil if it does not say.
  public let baseName: String?
  /// True for a GGUF file.
  public let isGGUF: Bool
  /// The digest of its tensors and of what they are multiplied by.
  public let digest: ContentDigest
  /// The file with its tensors.
  let files: Checkpoint
  /// What becomes of the tensors of the base.
  let changes: [TensorName: TensorChange]
  /// Whether embedding and head share what was learned.
  let tiesWeights: Bool

  /// Opens an adapter and fits it to its base.
  ///
  /// - Parameters:
  ///   - path: a folder that PEFT saved, or a .gguf file.
  ///   - base: the checkpoint that it was trained on, without an overlay.
  /// - Throws: `InputError` naming what is missing or malformed, does not fit the base, or cannot become
  ///   part of the weights.
  public static func open(_ path: String, on base: Checkpoint) throws -> Adapter {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw InputError(
        .missing, file: path, expected: "an adapter, a folder of PEFT or a .gguf file",
        found: "no such file or folder")
    }
    let isGGUF = !isFolder.boolValue
    switch (base.shards[0].header, isGGUF) {
    case (.safetensors, false): return try Adapter(folder: path, base: base)
    case (.gguf, true): return try Adapter(gguf: path, base: base)
    case (.safetensors, true):
      throw InputError(
        file: path, expected: "a folder that PEFT saved, as the model is in safetensors",
        found: "a file",
        fix: path.hasSuffix(".gguf")
          ? "name the folder that it was converted from" : "name the folder of the file")
    case (.gguf, false):
      throw InputError(
        file: path, expected: "an adapter in GGUF, as the model is",
        found: "a folder",
        fix: "convert it with llama.cpp: convert_lora_to_gguf.py --base BASE-FOLDER \(path)")
    }
  }

  /// Puts the parts together, after a look at every number.
  init(
    path: String, kind: Kind, baseName: String?, isGGUF: Bool, files: Checkpoint,
    changes: [TensorName: TensorChange], tiesWeights: Bool = false
  ) throws {
    guard !changes.isEmpty else {
      throw InputError(file: files.path, expected: "tensors of an adapter", found: "none")
    }
    (self.path, self.kind, self.baseName, self.isGGUF) = (path, kind, baseName, isGGUF)
    (self.files, self.changes, self.tiesWeights) = (files, changes, tiesWeights)
    let scales = changes.sorted { $0.key < $1.key }.compactMap { name, change in
      change.product.map { "\(name) \($0.rank) \($0.scale)" }
    }
    let text = ([try files.contentDigest().description] + scales).joined(separator: "\n")
    digest = Array(text.utf8).withUnsafeBytes { ContentDigest($0) }
  }

  /// The base read together with the adapter.
  public func applied(to base: Checkpoint) -> Checkpoint {
    base.overlaid(
      by: TensorOverlay(names: Set(changes.keys)) { [changes, files] tensor, elements, values in
        try changes[tensor.name]?.apply(to: &values, tensor, elements, from: files)
      })
  }
}

// MARK: - What it consists of

extension Adapter {
  /// The tensors of the base that change, sorted by name.
  public var names: [TensorName] { changes.keys.sorted() }

  /// How many matrices have factors of each rank, by rank.
  public var ranks: [(rank: Int, count: Int)] {
    let ranks = Dictionary(grouping: changes.values.compactMap { $0.product?.rank }) { $0 }
    return ranks.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count) }
  }

  /// What products of factors are multiplied by, each value once, ascending.
  public var scales: [Float] {
    Set(changes.values.compactMap { $0.product?.scale }).sorted()
  }

  /// How many tensors of the base are replaced as a whole.
  public var replacementCount: Int {
    changes.values.count { $0.replacement != nil }
  }
}

// MARK: - Checks that both formats need

extension Adapter {
  /// Checks that what was learned for the embedding alone does not become part of the head.
  ///
  /// While an adapter is apart, a head that is tied to the embedding stays as it was; in one file both are
  /// the same tensor.
  ///
  /// - Throws: `InputError` that says how to keep them apart.
  func requireFit(_ map: TensorMap) throws {
    guard map.configuration.tiesHead, !tiesWeights, let tensor = map.tensor(at: .embedding),
      changes[tensor.name] != nil
    else { return }
    throw InputError(
      file: path, place: "tensor \(tensor.name.quoted)",
      expected: "no change of the embedding, which is the head of this model, too",
      found: "one of the embedding alone",
      fix:
        "save the base with a head of its own (tie_word_embeddings false), or train the adapter with"
        + " ensure_weight_tying")
  }

  /// Reads a tensor of an adapter.
  ///
  /// - Throws: `InputError` naming the tensor if it has another shape or a number that is not finite.
  static func values(
    of tensor: TensorInfo, in files: Checkpoint, shape: [Int], because reason: String
  ) throws -> [Float] {
    guard tensor.shape == shape else {
      throw InputError(
        file: files.path, place: "tensor \(tensor.name.quoted)",
        expected: "shape \(shape), as \(reason)", found: "\(tensor.shape)",
        fix: "name the base that the adapter was trained on")
    }
    let values = try files.readFloats(tensor)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        file: files.path, place: "tensor \(tensor.name.quoted), element \(index)",
        expected: "finite numbers", found: "\(values[index])",
        fix: "the training diverged or the file is damaged; go back to an earlier adapter")
    }
    return values
  }
}

public import FormatIO
import Foundation

/// What a checkpoint holds, and whether it can be patched; no weight is read for it.
///
/// Nothing but the checkpoint itself has to be there. A missing or unusable `config.json` or
/// `tokenizer.json` is a reason why the model cannot be patched, never an error.
public struct Inspection: Sendable {
  /// One tensor as the report shows it.
  public struct Tensor: Sendable {
    /// The name, compared by bytes.
    public let name: TensorName
    /// The element type as the format names it: `BF16`.
    public let elementType: String
    /// The dimensions as the file has them: slowest first in safetensors, fastest first in GGUF.
    public let shape: [Int]
    /// The product of the dimensions.
    public let elementCount: Int
    /// Bytes in the file.
    public let byteCount: Int
    /// The SHA-256 of those bytes in hexadecimal; nil until `addDigests` was called.
    public fileprivate(set) var sha256: String?
  }

  /// The file format: `safetensors` or `gguf`.
  public let format: String
  /// `model_type` of config.json, `general.architecture` of a GGUF file; nil if there is none.
  public let family: String?
  /// The metadata of the file. Of shards that disagree about a key, the first one counts.
  public let metadata: [JSON.Member]
  /// The tensors, shard by shard, in the order of the data.
  public private(set) var tensors: [Tensor]
  /// How many tokens the tokenizer knows; nil if it cannot be used.
  public let tokenCount: Int?
  /// The prompt format that the model asks for and why; nil if `--template` has to name one.
  public let promptFormat: String?
  /// Why no prompt format was found; nil if one was.
  public let promptFormatFault: String?
  /// The adapter that was looked at with it; nil if there is none.
  public let adapter: Adapter?
  /// Why the model cannot be patched, one sentence each; empty if it can.
  public let reasons: [String]

  /// The number of elements of all tensors.
  public var parameters: Int { tensors.reduce(0) { $0 + $1.elementCount } }
  /// True if nothing speaks against a patch. Weights that are not finite show only when read.
  public var isPatchable: Bool { reasons.isEmpty }

  /// Looks at the headers of a checkpoint and at the files beside it; of an adapter on top of it, at
  /// everything.
  public init(_ checkpoint: Checkpoint, adapter: Adapter? = nil) {
    self.adapter = adapter
    let header = checkpoint.shards[0].header
    format = header.format
    tensors = checkpoint.tensors.map {
      Tensor(
        name: $0.name, elementType: $0.elementType.name,
        shape: header.format == "gguf" ? $0.shape.reversed() : $0.shape,
        elementCount: $0.elementCount, byteCount: $0.byteCount)
    }
    let description = ModelDescription(of: checkpoint)
    family = description.family
    do {
      let (template, reason) = try description.template()
      (promptFormat, promptFormatFault) = ("\(template.name): \(reason)", nil)
    } catch {
      (promptFormat, promptFormatFault) = (nil, "\(error)")
    }
    metadata = Inspection.metadata(of: checkpoint)
    var reasons: [String] = []
    do {
      let map = try TensorMap(
        checkpoint: checkpoint, configuration: description.configuration())
      try adapter?.requireFit(map)
    } catch {
      reasons.append("\(error)")
    }
    do {
      tokenCount = try description.tokenizer().vocabularySize
    } catch {
      tokenCount = nil
      reasons.append("\(error)")
    }
    self.reasons = reasons
  }

  /// Computes the SHA-256 of every tensor of the same checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: the one this inspection was made from.
  ///   - notify: called with the number of tensors done so far.
  /// - Throws: `InputError` if a file changed since it was opened.
  public mutating func addDigests(
    from checkpoint: Checkpoint, notify: (_ done: Int) -> Void = { _ in }
  ) throws {
    for (index, tensor) in checkpoint.tensors.enumerated() {
      tensors[index].sha256 = try checkpoint.digest(of: tensor).description
      notify(index + 1)
    }
  }

  private static func metadata(of checkpoint: Checkpoint) -> [JSON.Member] {
    var seen: Set<[UInt8]> = []
    return checkpoint.shards.flatMap { shard in
      switch shard.header {
      case .safetensors(let header):
        (header.metadata ?? []).map { JSON.Member($0.key, .string($0.value)) }
      case .gguf(let header): header.metadata.map { JSON.Member($0.key, $0.value.json) }
      }
    }.filter { seen.insert(Array($0.key.utf8)).inserted }
  }
}

// MARK: - JSON

extension Inspection {
  /// The document of schema `panacea-patch/inspection/1`.
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("schema", "panacea-patch/inspection/1"),
      .init("version", .string(RepairReport.version)),
      .init("format", .string(format)),
      .init("family", family.map(JSON.string) ?? .null),
      .init("parameters", JSON(parameters)),
      .init("metadata", .object(metadata)),
      .init("tensors", .array(tensors.map(\.json))),
      .init("patchable", .boolean(isPatchable)),
      .init("reasons", .array(reasons.map(JSON.string))),
    ]
    if let adapter { members.append(.init("adapter", adapter.json)) }
    return .object(members)
  }
}

extension Inspection.Tensor {
  /// One element of `tensors`; `sha256` only where it was computed.
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init("name", .string(name.text)),
      .init("dtype", .string(elementType)),
      .init("shape", .array(shape.map { JSON($0) })),
      .init("bytes", JSON(byteCount)),
    ]
    if let sha256 { members.append(.init("sha256", .string(sha256))) }
    return .object(members)
  }
}

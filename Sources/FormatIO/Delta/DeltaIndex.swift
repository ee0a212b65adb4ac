/// What a patch file says about itself: two checkpoints, and how each tensor of one becomes that of the other.
///
/// docs/PATCH_FORMAT.md is the specification.
public struct DeltaIndex: Sendable {
  /// One of the two checkpoints.
  public struct Side: Sendable {
    /// How it lies on the disk.
    public enum Form: String, Sendable, CaseIterable {
      /// One file, which may have any name.
      case file
      /// A GGUF model in parts.
      case parts
      /// A folder in Hugging Face layout.
      case folder
    }

    /// How it lies on the disk.
    public let form: Form
    /// The format of its tensors: `safetensors` or `gguf`.
    public let format: String
    /// The digest of names, types, shapes and data.
    public let content: ContentDigest
    /// Its files: those with tensors first, then the others by name.
    public let files: [File]

    /// Bytes of all files.
    public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
  }

  /// One file of a checkpoint: tensors, and the bytes around them.
  public struct File: Sendable {
    /// Its name, without folders.
    public let name: String
    /// Its length.
    public let byteCount: Int
    /// Its digest, as `sha256sum` prints it; nil if the patch was made without.
    public let digest: ContentDigest?
    /// Its tensors by where they begin.
    public let tensors: [Placement]
    /// Everything that is in no tensor: header, padding; the whole file if it has no tensors.
    let rest: Rest
  }

  /// Where a tensor lies in a file.
  public struct Placement: Sendable {
    /// The position in `DeltaIndex.tensors`.
    public let tensor: Int
    /// Its first byte in the file.
    public let offset: Int
  }

  /// The bytes of a file that are in no tensor.
  struct Rest: Sendable, Equatable {
    /// How the patch tells them.
    enum Form: Equatable {
      /// They are those of a file of the other side.
      case same(file: Int)
      /// One Zstandard frame in the patch; with `prefix`, made with those of a file of the other side in front.
      case stored(Blob, prefix: Int?)
    }

    let byteCount: Int
    let digest: ContentDigest
    let form: Form
  }

  /// Bytes in the patch file.
  struct Blob: Sendable, Equatable {
    let offset: Int
    let length: Int
    let check: DeltaCheck
  }

  /// One tensor as a side holds it.
  public struct Stored: Sendable, Equatable {
    /// Its name.
    public let name: TensorName
    /// How its elements are stored.
    public let elementType: ElementType
    /// The dimensions, slowest first.
    public let shape: [Int]
    /// The product of the dimensions.
    public let elementCount: Int
    /// The digest of its bytes.
    public let digest: ContentDigest

    /// Its size.
    public var byteCount: Int { elementType.byteCount(elements: elementCount) ?? 0 }
  }

  /// One tensor, on one side or on both.
  public struct Tensor: Sendable {
    /// How it is before; nil if the patch adds it.
    public let base: Stored?
    /// How it is after; nil if the patch removes it.
    public let target: Stored?
    /// How one becomes the other.
    let change: Change
  }

  /// How a tensor becomes another one.
  enum Change: Sendable {
    /// The bytes are the same; the name or the shape may be another one.
    case same
    /// Frames over the elements that both have, then what only one has at its end.
    case residual(Stream, baseTail: Stream?, targetTail: Stream?)
    /// Each side from the other, converted to its type.
    case converted(forward: Stream, backward: Stream)
    /// The bytes of each side that has it.
    case stored(base: Stream?, target: Stream?)
  }

  /// The frames of a tensor, one after the other in the patch file.
  struct Stream: Sendable, Equatable {
    /// Where the first one begins.
    let offset: Int
    /// Their lengths; 0 for a piece that stays as it is.
    var lengths: [Int] = []
    /// The check of each.
    var checks: [DeltaCheck] = []

    var byteCount: Int { lengths.reduce(0, +) }

    /// Where each frame lies.
    var blobs: [Blob] {
      var end = offset
      return zip(lengths, checks).map { length, check in
        defer { end += length }
        return Blob(offset: end, length: length, check: check)
      }
    }
  }

  /// The program that made it.
  public let tool: String
  /// The checkpoint that it applies to.
  public let base: Side
  /// The checkpoint that comes out.
  public let target: Side
  /// The tensors of the target in its order, then those that only the base has.
  public let tensors: [Tensor]
}

extension DeltaIndex {
  /// The side that is read, and the one that is made.
  public func sides(_ direction: DeltaApplier.Direction) -> (source: Side, result: Side) {
    direction == .apply ? (base, target) : (target, base)
  }
}

extension DeltaIndex {
  /// The digest of all tensors of a side.
  static func content(of tensors: [Stored?]) -> ContentDigest {
    // Positions are sorted: there may be hundreds of thousands of tensors.
    let order = tensors.indices.filter { tensors[$0] != nil }.sorted {
      guard let left = tensors[$0]?.name, let right = tensors[$1]?.name else { return false }
      return left < right
    }
    return ContentDigest(
      sorted: order.lazy.compactMap { position in
        tensors[position].map {
          .init(name: $0.name, elementType: $0.elementType, shape: $0.shape, data: $0.digest)
        }
      })
  }
}

extension DeltaIndex.Tensor {
  func source(_ direction: DeltaApplier.Direction) -> DeltaIndex.Stored? {
    direction == .apply ? base : target
  }

  func result(_ direction: DeltaApplier.Direction) -> DeltaIndex.Stored? {
    direction == .apply ? target : base
  }
}

extension DeltaIndex.Change {
  /// All frames, in the order of the file.
  var streams: [DeltaIndex.Stream] {
    switch self {
    case .same: []
    case .residual(let common, let baseTail, let targetTail):
      [common] + [baseTail, targetTail].compactMap { $0 }
    case .converted(let forward, let backward): [forward, backward]
    case .stored(let base, let target): [base, target].compactMap { $0 }
    }
  }
}

/// Where one tensor lies and what its bytes mean.
///
/// All numbers were checked against the length of the file before this value was made.
public struct TensorInfo: Sendable {
  /// The name in the header.
  public let name: TensorName
  /// How an element is stored.
  public let elementType: ElementType
  /// The dimensions, slowest first (row-major). Empty for a single number; zeros are legal.
  public let shape: [Int]
  /// The product of the dimensions.
  public let elementCount: Int
  /// The position of its file in `Checkpoint.shards`.
  public let shard: Int
  /// The bytes of the tensor, counted from the start of its file. The start need not be aligned.
  public let byteRange: Range<Int>

  /// Bytes of the whole tensor.
  public var byteCount: Int { byteRange.count }
}

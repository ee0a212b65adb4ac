/// Changes of numbers that are made whenever tensors of a checkpoint are read as numbers.
///
/// The files stay as they are, and so do bytes and digests of tensors. An adapter on top of its base is one.
public struct TensorOverlay: Sendable {
  /// Changes consecutive elements of a tensor, which come as the file has them.
  public typealias Change =
    @Sendable (_ tensor: TensorInfo, _ elements: Range<Int>, _ values: inout MutableSpan<Float>)
    throws -> Void

  /// The tensors that change.
  public let names: Set<TensorName>
  /// What is done to elements of one of them.
  let change: Change

  /// An overlay over these tensors.
  public init(names: Set<TensorName>, change: @escaping Change) {
    (self.names, self.change) = (names, change)
  }
}

extension Checkpoint {
  /// True if an overlay changes the numbers of this tensor.
  public func isOverlaid(_ name: TensorName) -> Bool {
    overlay?.names.contains(name) ?? false
  }

  /// Reads elements as bits of the tensor's own type, an overlay included: rounded to nearest even.
  func readRoundedBits(
    _ tensor: TensorInfo, elements: Range<Int>, into output: inout MutableSpan<UInt16>
  ) throws {
    let encoding = FloatEncoding(tensor.elementType, rounding: .nearestEven, tensor: tensor.name)
    var values = [Float](repeating: 0, count: elements.count)
    var target = values.mutableSpan
    try readFloats(tensor, elements: elements, into: &target)
    let bytes = encoding.encode(values.span, from: elements.lowerBound)
    bytes.withUnsafeBytes { source in
      for index in 0..<elements.count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        output[index] = UInt16(littleEndian: bits)
      }
    }
  }
}

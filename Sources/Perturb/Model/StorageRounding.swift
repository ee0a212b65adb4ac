public import FormatIO

/// How perturbed tensors are stored, so that the model can be measured as its file will hold it.
public struct StorageRounding: Sendable {
  /// The type of perturbed tensors; nil keeps each tensor's own.
  public let elementType: ElementType?
  /// The rule for values between two stored ones.
  public let rounding: Rounding

  /// Storage in this type, or each tensor's own.
  public init(elementType: ElementType? = nil, rounding: Rounding) {
    self.elementType = elementType
    self.rounding = rounding
  }

  /// The type in which this tensor is stored once it is perturbed.
  public func storedType(of tensor: TensorInfo) -> ElementType {
    elementType ?? tensor.elementType
  }

  /// The stored bytes of some elements of a tensor.
  func encode(_ values: Span<Float>, from firstElement: Int, of tensor: TensorInfo) -> [UInt8] {
    FloatEncoding(storedType(of: tensor), rounding: rounding, tensor: tensor.name)
      .encode(values, from: firstElement)
  }

  /// Replaces the values of a whole tensor by what its file will hold.
  func roundTrip(_ values: inout [Float], of tensor: TensorInfo) {
    values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forEachRange(buffer.count, size: 1 << 16) { range in
        var part = buffer.extracting(range).mutableSpan
        roundTrip(&part, from: range.lowerBound, of: tensor)
      }
    }
  }

  /// The same for some consecutive elements of a tensor.
  func roundTrip(_ values: inout MutableSpan<Float>, from first: Int, of tensor: TensorInfo) {
    let bytes = encode(values.span, from: first, of: tensor)
    let type = storedType(of: tensor)
    bytes.withUnsafeBytes { FloatDecoding.decode($0, type, into: &values) }
  }
}

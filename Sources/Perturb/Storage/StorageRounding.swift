public import FormatIO

/// How perturbed tensors are stored, so that the model can be measured as its file will hold it.
public struct StorageRounding: Sendable {
  /// The type of perturbed tensors; nil keeps each tensor's own.
  public let elementType: ElementType?
  /// Whether tensors of as many bits or more keep their own type all the same.
  public let onlyRaises: Bool
  /// The rule for values between two stored ones.
  public let rounding: Rounding
  /// The tensors that get `elementType`, while the others keep their own; nil for all.
  var tensors: Set<TensorName>?
  /// What a change became that is stored in blocks; see `encoding`.
  private(set) var encoded: EncodedTensors?

  /// Storage in this type, or each tensor's own.
  public init(elementType: ElementType? = nil, onlyRaises: Bool = false, rounding: Rounding) {
    self.elementType = elementType
    self.onlyRaises = onlyRaises
    self.rounding = rounding
  }

  /// The type in which this tensor is stored once it is perturbed.
  public func storedType(of tensor: TensorInfo) -> ElementType {
    guard let elementType, tensors?.contains(tensor.name) != false else {
      return tensor.elementType
    }
    let hasAsMany = tensor.elementType.bitsWithScales >= elementType.bitsWithScales
    return onlyRaises && hasAsMany ? tensor.elementType : elementType
  }

  /// The same rules with the blocks of one change made out, where tensors are stored in blocks. Only that
  /// change can be stored with them.
  ///
  /// - Parameter inputs: what matrices read, which decides which codes move.
  /// - Throws: `InputError` if there is no room for a scratch file or the model's file changed.
  func encoding(_ change: Perturbation, of map: TensorMap, inputs: SampledInputs) throws
    -> StorageRounding
  {
    var storage = self
    storage.encoded = try EncodedTensors(change, of: map, storedAs: self, inputs: inputs)
    return storage
  }

  /// The stored bytes of some elements of a tensor. Those in blocks are known already.
  func encode(_ values: Span<Float>, from first: Int, of tensor: TensorInfo) throws -> [UInt8] {
    try encoded?.bytes(of: tensor.name, first..<first + values.count)
      ?? rounded(values, from: first, of: tensor)
  }

  private func rounded(_ values: Span<Float>, from first: Int, of tensor: TensorInfo) -> [UInt8] {
    FloatEncoding(storedType(of: tensor), rounding: rounding, tensor: tensor.name)
      .encode(values, from: first)
  }

  /// Replaces the values of a tensor from element `first` on by what its file will hold, on all threads.
  func roundTrip(_ values: inout [Float], from first: Int, of tensor: TensorInfo) throws {
    guard encoded?.entries[tensor.name] == nil else {
      var all = values.mutableSpan
      return try roundTrip(&all, from: first, of: tensor)
    }
    let type = storedType(of: tensor)
    values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forEachRange(buffer.count, size: 1 << 16) { range in
        var part = buffer.extracting(range).mutableSpan
        let bytes = rounded(part.span, from: first + range.lowerBound, of: tensor)
        bytes.withUnsafeBytes { FloatDecoding.decode($0, type, into: &part) }
      }
    }
  }

  /// The same for some consecutive elements of a tensor.
  func roundTrip(_ values: inout MutableSpan<Float>, from first: Int, of tensor: TensorInfo) throws
  {
    let bytes = try encode(values.span, from: first, of: tensor)
    decode(bytes, from: first, of: tensor, into: &values)
  }

  /// What stored bytes of some elements of a tensor stand for.
  func decode(
    _ bytes: [UInt8], from first: Int, of tensor: TensorInfo, into values: inout MutableSpan<Float>
  ) {
    let (type, scales) = (storedType(of: tensor), encoded?.entries[tensor.name]?.scales)
    bytes.withUnsafeBytes {
      TensorScales.decode($0, type, from: first, scales: scales, into: &values)
    }
  }

  /// Checks that tensors whose scales are in other tensors keep their type: in another one their readers would
  /// not apply the scales, or apply them twice.
  ///
  /// - Throws: `InputError` naming the first tensor that would not.
  func requireOwnTypes(_ space: ParameterSpace, of map: TensorMap) throws {
    for tensor in map.changedTensors(space).map(\.info)
    where map.checkpoint.scales[tensor.name] != nil && storedType(of: tensor) != tensor.elementType
    {
      throw InputError(
        .usage, file: map.checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: "its own type, \(tensor.elementType), which goes with its scales",
        found: "\(storedType(of: tensor)) asked for",
        fix: "leave --dtype and --touched-type out")
    }
  }
}

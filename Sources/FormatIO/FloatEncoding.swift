/// How a `Float` that the stored type cannot hold is rounded.
public enum Rounding: Hashable, Sendable {
  /// To the nearest neighbour, ties to the one with an even last bit (IEEE 754).
  case nearestEven
  /// Up or down at random, up with a probability equal to the distance from the lower neighbour.
  ///
  /// The mean over many elements is exact, so a change far below the step of the type survives.
  /// The random number of an element depends on the seed, the name of the tensor and the position
  /// of the element only: neither threads nor chunks change the result.
  case stochastic(seed: UInt64)
}

/// Conversion of single-precision values to the stored elements of one tensor.
///
/// Blocks are packed as their codec says; the rule of rounding is for the other types.
/// Too large values become infinity as IEEE 754 has it. Not-a-number stays so and is made quiet.
/// F32 and F64 hold every `Float` exactly.
public struct FloatEncoding: Sendable {
  /// How the elements are stored.
  public let elementType: ElementType
  /// How values are rounded.
  public let rounding: Rounding
  private let stream: UInt64

  /// Prepares to encode elements of a tensor.
  ///
  /// - Parameters:
  ///   - elementType: a writable type.
  ///   - rounding: the rule for values between two stored ones.
  ///   - tensor: the name that selects the random numbers of stochastic rounding.
  public init(_ elementType: ElementType, rounding: Rounding, tensor: TensorName) {
    precondition(elementType.isWritable)
    self.elementType = elementType
    self.rounding = rounding
    if case .stochastic(let seed) = rounding {
      // FNV-1a over the name, then mixed with the seed.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in tensor.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      stream = FloatEncoding.mix(hash ^ FloatEncoding.mix(seed))
    } else {
      stream = 0
    }
  }

  /// The stored bytes of `values`, little endian.
  ///
  /// - Parameters:
  ///   - values: consecutive elements of the tensor, whole blocks.
  ///   - firstElement: the position of the first one in the tensor, in row-major order.
  public func encode(_ values: Span<Float>, from firstElement: Int = 0) -> [UInt8] {
    guard let byteCount = elementType.byteCount(elements: values.count) else {
      preconditionFailure("\(values.count) numbers are no whole blocks of \(elementType)")
    }
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      encode(values, from: firstElement, into: UnsafeMutableRawBufferPointer(buffer))
      count = byteCount
    }
  }

  private func encode(
    _ values: Span<Float>, from first: Int, into bytes: UnsafeMutableRawBufferPointer
  ) {
    if let codec = elementType.blockCodec as? any BlockEncoder.Type {
      return codec.encode(values, into: bytes)
    }
    switch (elementType, rounding) {
    case (.bfloat16, .nearestEven):
      convert(values, first, bytes) { value, _ in FloatEncoding.bfloat16(value) }
    case (.bfloat16, .stochastic):
      convert(values, first, bytes) { value, index in
        FloatEncoding.bfloat16(value, random: random(index))
      }
    case (.float16, .nearestEven):
      convert(values, first, bytes) { value, _ in Float16(value).bitPattern }
    case (.float16, .stochastic):
      convert(values, first, bytes) { value, index in
        FloatEncoding.float16(value, random: random(index))
      }
    case (.float32, _):
      convert(values, first, bytes) { value, _ in value.bitPattern }
    default:
      convert(values, first, bytes) { value, _ in Double(value).bitPattern }
    }
  }

  @inline(__always)
  private func convert<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ values: Span<Float>, _ first: Int, _ bytes: UnsafeMutableRawBufferPointer,
    _ bits: (Float, UInt64) -> Bits
  ) {
    guard let target = bytes.baseAddress else { return }
    for index in 0..<values.count {
      let stored = bits(values[index], UInt64(truncatingIfNeeded: first &+ index))
      target.storeBytes(
        of: stored.littleEndian, toByteOffset: index &* MemoryLayout<Bits>.stride, as: Bits.self)
    }
  }

  /// 32 random bits for an element: SplitMix64 with the position as its counter.
  @inline(__always)
  private func random(_ index: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: FloatEncoding.mix(stream &+ index &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }

  /// The output function of SplitMix64 (Steele, Lea, Flood 2014).
  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// MARK: - One element

extension FloatEncoding {
  @inline(__always)
  private static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    return bfloat16(bits, rounded)
  }

  /// Adds noise below the last kept bit and cuts: the carry comes with the right probability.
  @inline(__always)
  private static func bfloat16(_ value: Float, random: UInt32) -> UInt16 {
    let bits = value.bitPattern
    return bfloat16(bits, bits &+ random >> 16)
  }

  /// The upper half of `rounded`, unless `bits` is not a number: the carry could make that infinity.
  @inline(__always)
  private static func bfloat16(_ bits: UInt32, _ rounded: UInt32) -> UInt16 {
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    return UInt16(truncatingIfNeeded: (isNaN ? bits | 0x40_0000 : rounded) >> 16)
  }

  /// Rounds in units of the last place, which below 2^-14 (the subnormal numbers) is always 2^-24.
  @inline(__always)
  private static func float16(_ value: Float, random: UInt32) -> UInt16 {
    guard value.isFinite else { return Float16(value).bitPattern }
    let exponent = max(Int(value.bitPattern >> 23 & 0xFF) - 127, -14)
    let unit = Double(sign: .plus, exponent: exponent - 10, significand: 1)
    let units = Double(value.magnitude) / unit + Double(random) * 0x1p-32
    let magnitude = Float16(units.rounded(.towardZero) * unit)
    return magnitude.bitPattern | UInt16(value.bitPattern >> 16 & 0x8000)
  }
}

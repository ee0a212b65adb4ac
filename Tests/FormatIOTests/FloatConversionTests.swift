import FormatIO
import Testing

private func encode(
  _ values: [Float], _ type: ElementType, _ rounding: Rounding = .nearestEven,
  _ name: TensorName = "t", from first: Int = 0
) -> [UInt8] {
  FloatEncoding(type, rounding: rounding, tensor: name).encode(values.span, from: first)
}

private func decode(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
  var values = [Float](repeating: 0, count: bytes.count * 8 / type.bits)
  var span = values.mutableSpan
  bytes.withUnsafeBytes { FloatDecoding.decode($0, type, into: &span) }
  return values
}

/// Half precision by its definition: sign, exponent, fraction.
private func half(_ bits: UInt16) -> Double {
  let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
  let magnitude =
    switch exponent {
    case 0: Double(sign: .plus, exponent: -24, significand: fraction)
    case 31: fraction == 0 ? Double.infinity : Double.nan
    default: Double(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
    }
  return bits >> 15 == 1 ? -magnitude : magnitude
}

private let patterns = Array(UInt16.min ... .max)

@Suite("Conversion of elements")
struct FloatConversionTests {
  @Test("all 65,536 F16 patterns decode by definition and come back")
  func float16() {
    let bytes = patterns.flatMap { littleEndian($0) }
    let values = decode(bytes, .float16)
    let wrong = zip(patterns, values).filter { bits, value in
      let expected = half(bits)
      return expected.isNaN
        ? !value.isNaN : Double(value) != expected || value.sign != expected.sign
    }
    #expect(wrong.isEmpty)
    for rounding in [Rounding.nearestEven, .stochastic(seed: 1)] {
      let stored = encode(values, .float16, rounding)
      let changed = patterns.filter { bits in
        let back = UInt16(stored[2 * Int(bits)]) | UInt16(stored[2 * Int(bits) + 1]) << 8
        return half(bits).isNaN ? !half(back).isNaN || back & 0x200 == 0 : back != bits
      }
      #expect(changed.isEmpty)
    }
  }

  @Test("all 65,536 BF16 patterns decode by definition and come back")
  func bfloat16() {
    let bytes = patterns.flatMap { littleEndian($0) }
    let values = decode(bytes, .bfloat16)
    #expect(zip(patterns, values).allSatisfy { $1.bitPattern == UInt32($0) << 16 })
    for rounding in [Rounding.nearestEven, .stochastic(seed: 1)] {
      let stored = encode(values, .bfloat16, rounding)
      let changed = patterns.filter { bits in
        let back = UInt16(stored[2 * Int(bits)]) | UInt16(stored[2 * Int(bits) + 1]) << 8
        // A signalling not-a-number comes back quiet.
        return back != (bits & 0x7FFF > 0x7F80 ? bits | 0x40 : bits)
      }
      #expect(changed.isEmpty)
    }
  }

  @Test(
    "rounding to nearest even",
    arguments: [
      // Ties between two neighbours go to the even one; just beyond a tie goes up.
      (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81), (0x3F80_7FFF, 0x3F80),
      (0xBF81_8000, 0xBF82), (0x0000_8000, 0x0000), (0x0000_8001, 0x0001), (0x7F7F_7FFF, 0x7F7F),
      (0x7F7F_8000, 0x7F80), (0xFF7F_FFFF, 0xFF80), (0x7F80_0001, 0x7FC0), (0xFFFF_FFFF, 0xFFFF),
    ] as [(UInt32, UInt16)])
  func ties(_ bits: UInt32, _ expected: UInt16) {
    #expect(encode([Float(bitPattern: bits)], .bfloat16) == littleEndian(expected))
  }

  @Test(
    "half precision rounds, overflows and underflows as IEEE 754 has it",
    arguments: [
      (1.00048828125, 0x3C00), (1.00146484375, 0x3C02), (65519.996, 0x7BFF), (65520, 0x7C00),
      (1e9, 0x7C00), (-1e9, 0xFC00), (0x1p-24, 0x0001), (0x1p-25, 0x0000), (0x1.8p-25, 0x0001),
      (-0.0, 0x8000),
    ] as [(Float, UInt16)])
  func halfTies(_ value: Float, _ expected: UInt16) {
    #expect(encode([value], .float16) == littleEndian(expected))
  }

  @Test("F32 and F64 hold every float")
  func exactTypes() {
    let values: [Float] = [0.1, -0.0, .infinity, 0x1p-149, .greatestFiniteMagnitude]
    for type in [ElementType.float32, .float64] {
      #expect(
        decode(encode(values, type, .stochastic(seed: 5)), type).map(\.bitPattern)
          == values.map(\.bitPattern))
    }
    #expect(decode(encode([.nan], .float64), .float64)[0].isNaN)
  }

  @Test(
    "stochastic rounding is unbiased and stays between the neighbours",
    arguments: [
      (ElementType.bfloat16, 1.001, 0x1p-7), (.bfloat16, -0.7003, 0x1p-8),
      (.bfloat16, 0x1.1p-133, 0x1p-133),
      (.float16, 1.0003, 0x1p-10), (.float16, -0.30009, 0x1p-12), (.float16, 3.3e-7, 0x1p-24),
    ] as [(ElementType, Float, Double)])
  func unbiased(_ type: ElementType, _ value: Float, _ step: Double) {
    let count = 100_000
    let stored = decode(
      encode(.init(repeating: value, count: count), type, .stochastic(seed: 3)), type)
    #expect(stored.allSatisfy { abs(Double($0) - Double(value)) < step })
    #expect(Set(stored.map(\.bitPattern)).count == 2)
    let mean = stored.reduce(0.0) { $0 + Double($1) } / Double(count)
    // Five standard deviations of a mean of 100,000 draws are at most 0.008 steps.
    #expect(abs(mean - Double(value)) < 0.008 * step)
  }

  @Test("random numbers depend on seed, name and position, not on chunks")
  func chunks() {
    let values = (0..<10_000).map { Float($0) * 0.0123 - 50 }
    for type in [ElementType.bfloat16, .float16] {
      let whole = encode(values, type, .stochastic(seed: 9))
      let pieces = stride(from: 0, to: values.count, by: 77).flatMap { start in
        encode(
          Array(values[start..<min(start + 77, values.count)]), type, .stochastic(seed: 9),
          from: start)
      }
      #expect(pieces == whole)
      #expect(encode(values, type, .stochastic(seed: 10)) != whole)
      #expect(encode(values, type, .stochastic(seed: 9), "u") != whole)
    }
  }
}

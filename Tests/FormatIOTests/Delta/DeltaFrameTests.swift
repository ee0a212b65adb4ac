import Testing

@testable import FormatIO

@Suite("Frames of patches")
struct DeltaFrameTests {
  /// Every type of both formats.
  static let types =
    ElementType.safetensors + ElementType.gguf.sorted { $0.key < $1.key }.map(\.value)

  @Test("a frame of any type and size leads both ways", arguments: types)
  func roundTrips(type: ElementType) throws {
    var noise = FrameNoise(seed: UInt64(type.bytesPerBlock))
    for blocks in [0, 1, 2, 3, 63, 64, 65, 129, 300, 5000] {
      let count = blocks * type.bytesPerBlock
      let base = noise.bytes(count)
      var pairs = [FramePair(base, base, type), FramePair(base, noise.bytes(count), type)]
      for part in [Float(0.001), 0.05, 0.5] {
        pairs.append(.init(base, base.map { noise.uniform() < part ? $0 ^ 1 : $0 }, type))
        pairs.append(.init(base, base.map { noise.uniform() < part ? $0 &+ 3 : $0 }, type))
      }
      // One piece of the middle is new.
      var piece = base
      for place in count / 3..<count / 2 { piece[place] = UInt8(truncatingIfNeeded: noise.next()) }
      pairs.append(.init(base, piece, type))
      pairs.append(.init([UInt8](repeating: 7, count: count), base, type))
      for pair in pairs {
        let payload = pair.payload
        #expect(payload.count <= count + 1)
        #expect(payload.isEmpty == (pair.base == pair.target))
        #expect(try pair.isMet(by: payload))
      }
    }
  }

  @Test("numbers that are special lead both ways")
  func specialNumbers() throws {
    let specials: [Float] = [
      .nan, .signalingNaN, .infinity, -.infinity, 0, -0, .leastNonzeroMagnitude,
      -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1, -1,
    ]
    var noise = FrameNoise(seed: 5)
    for count in [1, 12, 64, 1000, 20_000] {
      let pick = { (noise: inout FrameNoise) in specials[noise.below(specials.count)] }
      let base = (0..<count).map { _ in pick(&noise) }
      let target = base.map { noise.uniform() < 0.5 ? $0 : pick(&noise) }
      let pairs = [
        FramePair(FramePair.bytes(base), FramePair.bytes(target), .float32),
        FramePair(
          FramePair.bytes(base.map { Float16($0) }), FramePair.bytes(target.map { Float16($0) }),
          .float16),
        FramePair(
          FramePair.bytes(base.map { Double($0) }), FramePair.bytes(target.map { Double($0) }),
          .float64),
        FramePair(
          FramePair.bytes(base.map { UInt16($0.bitPattern >> 16) }),
          FramePair.bytes(target.map { UInt16($0.bitPattern >> 16) }), .bfloat16),
      ]
      for pair in pairs { #expect(try pair.isMet(by: pair.payload)) }
    }
  }

  @Test("bytes at odd addresses are read and written")
  func oddAddresses() throws {
    let pair = FramePair.bfloat16(3000) { $0 + 1e-3 * $1.normal() }
    let payload = pair.payload
    var result = [UInt8](repeating: 0, count: pair.base.count + 1)
    let (base, target) = ([0] + pair.base, [0, 0, 0] + pair.target)
    try base.withUnsafeBytes { base in
      let base = UnsafeRawBufferPointer(rebasing: base[1...])
      target.withUnsafeBytes { target in
        let target = UnsafeRawBufferPointer(rebasing: target[3...])
        #expect(DeltaFrame.encode(base: base, target: target, type: .bfloat16) == payload)
      }
      try payload.withUnsafeBytes { payload in
        try result.withUnsafeMutableBytes { result in
          try DeltaFrame.decode(
            payload, source: base, type: .bfloat16, direction: .apply,
            into: UnsafeMutableRawBufferPointer(rebasing: result[1...]))
        }
      }
    }
    #expect(Array(result[1...]) == pair.target)
  }

  /// What is to be at most the part of the frame's bytes: the best of the known layouts, see docs/PATCH_FORMAT.md.
  @Test(
    "dense changes take less than the best of known layouts",
    arguments: [
      (1e-5, 0.035, 0.070), (1e-4, 0.196, 0.269), (3e-4, 0.305, 0.345), (1e-3, 0.434, 0.459),
      (3e-3, 0.540, 0.578),
    ] as [(Float, Double, Double)])
  func denseSizes(deviation: Float, measured: Double, best: Double) throws {
    let pair = FramePair.bfloat16(1 << 18) { $0 + deviation * $1.normal() }
    let payload = pair.payload
    let part = Double(payload.count) / Double(pair.base.count)
    #expect(part < measured && measured < best)
    #expect(payload[0] == DeltaFrame.Method.dense.rawValue)
    #expect(try pair.isMet(by: payload))
  }

  @Test(
    "few turned bits take less than the best of known layouts",
    arguments: [
      (0.001, 0.00085, 0.0011, .sparse), (0.01, 0.0053, 0.0055, .sparse),
      (0.05, 0.0182, 0.0182, .sparse), (0.2, 0.046, 0.052, .dense),
    ] as [(Float, Double, Double, DeltaFrame.Method)])
  func sparseSizes(
    part: Float, measured: Double, best: Double, method: DeltaFrame.Method
  ) throws {
    let pair = FramePair.flips(1 << 18, part: part)
    let payload = pair.payload
    #expect(Double(payload.count) / Double(pair.base.count) < measured)
    #expect(measured <= best)
    #expect(payload[0] == method.rawValue)
    #expect(try pair.isMet(by: payload))
  }

  @Test("a frame in which only some rows change takes no more than these rows")
  func rows() throws {
    var row = 0
    let pair = FramePair.bfloat16(1 << 18) { weight, noise in
      row += 1
      return row / 4096 % 16 == 3 ? weight + 1e-4 * noise.normal() : weight
    }
    let payload = pair.payload
    #expect(payload[0] == DeltaFrame.Method.dense.rawValue)
    #expect(Double(payload.count) / Double(pair.base.count) < 0.215 / 16)
    #expect(try pair.isMet(by: payload))
  }

  @Test("bits that never change cost nothing, as in numbers that once were shorter")
  func lowBits() throws {
    let short = FramePair.bfloat16(1 << 16) { $0 + 1e-4 * $1.normal() }
    func widened(_ bytes: [UInt8]) -> [UInt8] {
      stride(from: 0, to: bytes.count, by: 2).flatMap { [0, 0, bytes[$0], bytes[$0 + 1]] }
    }
    let wide = FramePair(widened(short.base), widened(short.target), .float32)
    #expect(wide.payload.count <= short.payload.count + 64)
    #expect(try wide.isMet(by: wide.payload))
  }

  @Test("sides with nothing in common are kept as their xor")
  func xor() throws {
    var noise = FrameNoise(seed: 3)
    let pair = FramePair(noise.bytes(100_000), noise.bytes(100_000), .int8)
    #expect(pair.payload.count == 100_001)
    #expect(pair.payload[0] == DeltaFrame.Method.xor.rawValue)
    #expect(try pair.isMet(by: pair.payload))
  }

  @Test("blocks of Q8_0 made anew take much less than they have")
  func blocks() throws {
    var noise = FrameNoise(seed: 4)
    let base = noise.bytes(34 * 4096)
    let target = base.enumerated().map { place, byte in
      place % 34 == 0 ? byte ^ 1 : noise.uniform() < 0.2 ? byte &+ 1 : byte
    }
    let pair = FramePair(base, target, .q8)
    #expect(Double(pair.payload.count) / Double(base.count) < 0.1)
    #expect(try pair.isMet(by: pair.payload))
  }
}

@Suite("Damaged frames of patches")
struct DamagedFrameTests {
  /// Payloads of all methods and forms.
  static let pairs: [FramePair] = {
    var noise = FrameNoise(seed: 9)
    let bytes = noise.bytes(4000)
    var row = 0
    return [
      .flips(2000, part: 0.01), .flips(2000, part: 0.4),
      .bfloat16(2000) { $0 + 1e-4 * $1.normal() }, .bfloat16(5000) { $0 + 1e-2 * $1.normal() },
      .bfloat16(5000) { weight, noise in
        row += 1
        return row / 256 % 3 == 1 ? weight + 1e-3 * noise.normal() : weight
      },
      .init(
        FramePair.bytes((0..<1000).map { Double($0) }),
        FramePair.bytes((0..<1000).map { Double($0) * 1.0001 }), .float64),
      .init(
        FramePair.bytes((0..<1000).map { Float($0) }),
        FramePair.bytes((0..<1000).map { Float($0) * 1.01 }), .float32),
      .init(bytes, noise.bytes(4000), .int8),
      .init(
        Array(bytes[..<3400]), bytes[..<3400].map { noise.uniform() < 0.3 ? $0 &- 2 : $0 }, .q8),
    ]
  }()

  @Test("a damaged frame is refused or gives some bytes", arguments: pairs.indices)
  func fuzz(index: Int) throws {
    let pair = DamagedFrameTests.pairs[index]
    let payload = pair.payload
    var noise = FrameNoise(seed: UInt64(index))
    var refused = 0
    for round in 0..<3000 {
      var damaged = payload
      switch round % 4 {
      case 0: damaged = Array(damaged[..<noise.below(damaged.count)])
      case 1: damaged += noise.bytes(1 + noise.below(4))
      default:
        // The first bytes, which hold counts and tables, are hit as often as all others.
        let end = round % 8 < 6 ? min(64, damaged.count) : damaged.count
        for _ in 0...noise.below(4) {
          damaged[noise.below(end)] = UInt8(truncatingIfNeeded: noise.next())
        }
      }
      let direction: DeltaApplier.Direction = round & 16 == 0 ? .apply : .revert
      do { _ = try pair.decode(damaged, direction) } catch { refused += 1 }
    }
    #expect(refused >= 1400)
  }

  @Test("every cut and every further byte is refused", arguments: pairs.indices)
  func cuts(index: Int) throws {
    let pair = DamagedFrameTests.pairs[index]
    let payload = pair.payload
    for end in 1..<payload.count {
      #expect(throws: DeltaFrameFault.self) { try pair.decode(Array(payload[..<end]), .apply) }
    }
    for byte in [UInt8(0), 255] {
      #expect(throws: DeltaFrameFault.self) { try pair.decode(payload + [byte], .apply) }
      #expect(throws: DeltaFrameFault.self) { try pair.decode(payload + [byte, 0], .apply) }
    }
  }

  @Test("a fault says what should be there")
  func faults() throws {
    let pair = DamagedFrameTests.pairs[2]
    func fault(_ payload: [UInt8]) -> DeltaFrameFault? {
      do throws(DeltaFrameFault) { _ = try pair.decode(payload, .apply) } catch { return error }
      return nil
    }
    #expect(fault([9]) == .init(expected: "a method from 1 to 3", found: "9"))
    #expect(fault([1, 2]) == .init(expected: "4000 bytes", found: "1"))
    #expect(fault([2, 3, 0]) == .init(expected: "a kind of residual from 0 to 2", found: "3"))
    #expect(fault([2, 0, 16]) == .init(expected: "a shift below 16", found: "16"))
    #expect(
      fault([2, 0, 0, 255, 255, 3])
        == .init(expected: "changed words up to 2000", found: "65535"))
    #expect(fault([3]) == .init(expected: "a kind of residual", found: "the end"))
  }
}

@Suite("Frames of one side")
struct StoredFrameTests {
  private func decode(
    _ payload: [UInt8], _ count: Int, _ type: ElementType
  ) throws -> [UInt8] {
    var result = [UInt8](repeating: 0xA5, count: count)
    try payload.withUnsafeBytes { payload in
      try result.withUnsafeMutableBytes {
        try DeltaFrame.decodeStored(payload, type: type, into: $0)
      }
    }
    return result
  }

  private func encode(_ bytes: [UInt8], _ type: ElementType) -> [UInt8] {
    bytes.withUnsafeBytes { DeltaFrame.encodeStored($0, type: type) }
  }

  @Test("bytes of any type come back", arguments: DeltaFrameTests.types)
  func roundTrips(type: ElementType) throws {
    var noise = FrameNoise(seed: 8)
    for blocks in [0, 1, 2, 65, 1000] {
      let count = blocks * type.bytesPerBlock
      for bytes in [
        noise.bytes(count), [UInt8](repeating: 0, count: count),
        (0..<count).map { UInt8($0 / 8 & 3) },
      ] {
        let payload = encode(bytes, type)
        #expect(payload.count <= count + 1)
        #expect(try decode(payload, count, type) == bytes)
      }
    }
  }

  @Test("exponents of weights are coded, repetition is left to Zstandard, noise is kept")
  func methods() throws {
    let weights = FramePair.bfloat16(1 << 16) { weight, _ in weight }.base
    let payload = encode(weights, .bfloat16)
    #expect(payload[0] == StoredFrame.Method.planes.rawValue)
    #expect(Double(payload.count) / Double(weights.count) < 0.67)
    var noise = FrameNoise(seed: 7)
    let page = noise.bytes(1000)
    let pages = (0..<20).flatMap { _ in page }
    #expect(encode(pages, .int8)[0] == StoredFrame.Method.zstd.rawValue)
    #expect(encode(pages, .int8).count < 1100)
    #expect(encode(page, .int8)[0] == StoredFrame.Method.raw.rawValue)
  }

  @Test("a damaged frame is refused or gives some bytes")
  func fuzz() throws {
    var noise = FrameNoise(seed: 6)
    let page = noise.bytes(500)
    let cases: [([UInt8], ElementType)] = [
      (FramePair.bfloat16(2000) { weight, _ in weight }.base, .bfloat16),
      ((0..<8).flatMap { _ in page }, .int16), (page, .int8),
    ]
    for (bytes, type) in cases {
      let payload = encode(bytes, type)
      for end in 0..<payload.count {
        #expect(throws: DeltaFrameFault.self) {
          try decode(Array(payload[..<end]), bytes.count, type)
        }
      }
      #expect(throws: DeltaFrameFault.self) { try decode(payload + [0], bytes.count, type) }
      for _ in 0..<3000 {
        var damaged = payload
        for _ in 0...noise.below(3) {
          damaged[noise.below(damaged.count)] = UInt8(truncatingIfNeeded: noise.next())
        }
        _ = try? decode(damaged, bytes.count, type)
      }
    }
  }
}

import Testing

@testable import FormatIO

private let quantised = [
  "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
]
private let floats: [ElementType] = [.float64, .float32, .float16, .bfloat16]

private func type(_ name: String) throws -> ElementType {
  try #require(ElementType.gguf.values.first { $0.name == name })
}

private func numbers(_ count: Int, using random: inout SplitMix64) -> [Float] {
  (0..<count).map { _ in 0.02 * random.normal() }
}

private func convert(
  _ source: [UInt8], _ from: ElementType, _ result: [UInt8], _ type: ElementType
) -> [UInt8] {
  source.withUnsafeBytes { source in
    result.withUnsafeBytes { ConvertedFrame.encode(source, from, $0, type) }
  }
}

private func read(
  _ payload: [UInt8], _ source: [UInt8], _ from: ElementType, _ count: Int, _ type: ElementType
) throws -> [UInt8] {
  try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    try payload.withUnsafeBytes { payload in
      try source.withUnsafeBytes {
        try ConvertedFrame.decode(
          payload, source: $0, from, type, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    filled = count
  }
}

@Suite("Frames between element types")
struct ConvertedFrameTests {
  @Test("each type from each other one, whatever the bytes", arguments: quantised)
  func anyBytes(_ name: String) throws {
    var random = SplitMix64(state: 4)
    let blocks = try type(name)
    for other in try floats + quantised.map(type) where other != blocks {
      #expect(ConvertedFrame.exists(blocks, other) && ConvertedFrame.exists(other, blocks))
      // Scales of random bytes are infinite or no number now and then.
      for count in [0, 256, 256 * 37] {
        func bytes(_ type: ElementType) -> [UInt8] {
          (0..<(type.byteCount(elements: count) ?? 0)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
        }
        for (from, to) in [(blocks, other), (other, blocks)] {
          let (source, result) = (bytes(from), bytes(to))
          let payload = convert(source, from, result, to)
          #expect(payload.count <= result.count + 1)
          let made = try read(payload, source, from, result.count, to)
          #expect(made == result, "\(from) to \(to), \(count) numbers")
        }
      }
    }
    #expect(!ConvertedFrame.exists(blocks, blocks))
  }

  @Test("a small change of numbers takes a part of the bytes, both ways", arguments: quantised)
  func smallChange(_ name: String) throws {
    var random = SplitMix64(state: 5)
    let narrow = try type(name)
    let count = narrow.elementsPerBlock * (narrow.elementsPerBlock == 32 ? 1003 : 117)
    let before = numbers(count, using: &random)
    let base = SyntheticCheckpoint.bytes(before, narrow)
    let stored = SyntheticCheckpoint.values(
      .init(name: "", type: narrow, shape: [count], bytes: base))
    for (wide, forward, backward) in [
      (ElementType.q8, 0.3, 0.3), (.float16, 0.6, 0.3), (.float32, 0.9, 0.3),
    ] where wide != narrow {
      let target = SyntheticCheckpoint.bytes(stored.map { $0 + 2e-4 * random.normal() }, wide)
      let (there, back) = (
        convert(base, narrow, target, wide), convert(target, wide, base, narrow)
      )
      #expect(Double(there.count) < forward * Double(target.count), "\(narrow) to \(wide)")
      #expect(Double(back.count) < backward * Double(base.count), "\(wide) to \(narrow)")
      let (made, again) = (
        try read(there, base, narrow, target.count, wide),
        try read(back, target, wide, base.count, narrow)
      )
      #expect(made == target && again == base)
    }
  }

  @Test("grids give what unpacking gives, to the bit", arguments: quantised)
  func grids(_ name: String) throws {
    var random = SplitMix64(state: 6)
    let type = try type(name)
    let codec = try #require(type.scaledCodes)
    let bytes = (0..<500 * codec.bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    let values = SyntheticCheckpoint.values(.init(name: "", type: type, shape: [], bytes: bytes))
    let parts = BlockParts(codec)
    let codes = [UInt8](unsafeUninitializedCapacity: values.count) { buffer, filled in
      bytes.withUnsafeBytes { bytes in
        if let start = buffer.baseAddress { parts.readCodes(bytes, into: start) }
      }
      filled = values.count
    }
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      for (index, value) in values.enumerated() {
        let (block, place) = (index / codec.elements, index % codec.elements)
        let grid = codec.grid(start + block * codec.bytes, place / codec.groupSize)
        let product = grid.scale * Float(Int(codes[index]) - codec.zero)
        let number = product + grid.offset
        // The sum with an offset of zero loses the sign of −0.
        #expect(
          number.bitPattern == value.bitPattern || number == value || number.isNaN && value.isNaN,
          "number \(index)")
      }
    }
    // Taken apart and put together again.
    let scales = bytes.withUnsafeBytes { parts.scales(of: $0) }
    var whole = [UInt8](repeating: 0xAA, count: bytes.count)
    whole.withUnsafeMutableBytes {
      parts.put(scales, into: $0)
      parts.writeCodes(codes, into: $0)
    }
    #expect(whole == bytes)
  }

  @Test("the nearest code, ties to even, within the codes; what is no number counts as 0")
  func codes() throws {
    let places: [(number: Float, code: UInt8, isFar: Bool, isAbove: Bool)] = [
      (0, 128, false, false), (0.5, 128, true, false), (1.5, 130, true, true),
      (-0.5, 128, true, true), (-1.5, 126, true, false), (0.24, 128, false, false),
      (0.25, 128, true, false), (0.75, 129, true, true), (0.76, 129, false, true),
      (126.4, 254, true, false), (127.4, 255, false, false), (1e9, 255, false, false),
      (.infinity, 255, false, false), (-128.2, 0, false, false), (-.infinity, 0, false, false),
      (.nan, 128, false, false),
    ]
    let values = places.map(\.number) + [Float](repeating: 0, count: 16)
    func predict(_ scale: [UInt8], _ values: [Float]) -> PredictedCodes {
      let block = scale + [UInt8](repeating: 0xEE, count: 32)
      return block.withUnsafeBytes { PredictedCodes(values, $0, Q8_0.self) }
    }
    let one = predict([0x00, 0x3C], values)
    for (index, place) in places.enumerated() {
      #expect(one.codes[index] == place.code, "\(place.number)")
      let flags =
        (place.isFar ? PredictedCodes.isFar : 0) | (place.isAbove ? PredictedCodes.isAbove : 0)
      #expect(one.flags[index] == flags, "\(place.number)")
    }
    // A scale of 0, infinity, none, −1.
    let small: [Float] = [0, 1, -1, .nan] + [Float](repeating: 0, count: 28)
    #expect(predict([0, 0], small).codes.prefix(4) == [128, 255, 0, 128])
    #expect(predict([0x00, 0x7C], small).codes.prefix(4) == [128, 128, 128, 128])
    #expect(predict([0x01, 0x7E], small).codes.prefix(4) == [128, 128, 128, 128])
    #expect(predict([0x00, 0xBC], small).codes.prefix(4) == [128, 127, 129, 128])
  }

  @Test("scales that numbers suggest")
  func scales() throws {
    func halves(_ name: String, _ values: [Float]) throws -> [UInt16] {
      let codec = try #require(type(name).scaledCodes)
      let values = values + [Float](repeating: 0.5, count: codec.elements - values.count)
      let bytes = BlockParts(codec).predictedScales(values)
      return stride(from: 0, to: bytes.count, by: 2).map {
        UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
      }
    }
    // −8 / −8; the first of two extremes; 127.05 / 127 is rounded to 1.
    #expect(try halves("Q4_0", [1, -8, 3]) == [0x3C00])
    #expect(try halves("Q4_0", [8, -8]) == [0xBC00])
    #expect(try halves("Q4_0", [-8, 8]) == [0x3C00])
    #expect(try halves("Q5_0", [.nan, -16]) == [0x3C00])
    #expect(try halves("Q8_0", [-127.05]) == [0x3C00])
    #expect(try halves("Q8_0", [-.infinity]) == [0x7C00])
    #expect(try halves("Q4_1", [-1, 14]) == [0x3C00, 0xBC00])
    #expect(try halves("Q5_1", [30, -1]) == [0x3C00, 0xBC00])
    // Infinity less infinity, and a first number that is none.
    #expect(try halves("Q4_1", [Float](repeating: .infinity, count: 32)) == [0x7E00, 0x7C00])
    #expect(try halves("Q5_1", [-.nan, 1]) == [0x7E00, 0x7E00])
    #expect(try halves("Q4_K", [1, -8]) == [UInt16](repeating: 0, count: 8))
  }

  @Test("a damaged payload is an error or another result, never a trap")
  func damage() throws {
    var random = SplitMix64(state: 8)
    let (from, to) = (ElementType.q8, try type("Q4_K"))
    let values = numbers(256 * 24, using: &random)
    let source = SyntheticCheckpoint.bytes(values.map { $0 + 1e-3 * random.normal() }, from)
    let result = SyntheticCheckpoint.bytes(values, to)
    let payload = convert(source, from, result, to)
    #expect(payload[0] == 1)
    for count in 1..<payload.count {
      #expect(throws: DeltaFrameFault.self) {
        try read(Array(payload.prefix(count)), source, from, result.count, to)
      }
    }
    #expect(throws: DeltaFrameFault.self) {
      try read(payload + [0], source, from, result.count, to)
    }
    #expect(throws: DeltaFrameFault(expected: "a form from 0 to 1", found: "2")) {
      try read([2] + payload.dropFirst(), source, from, result.count, to)
    }
    #expect(throws: DeltaFrameFault(expected: "\(result.count) bytes", found: "1")) {
      try read([0, 7], source, from, result.count, to)
    }
    for _ in 0..<400 {
      var damaged = payload
      damaged[Int.random(in: damaged.indices, using: &random)] ^=
        1
        << UInt8.random(
          in: 0...7, using: &random)
      _ = try? read(damaged, source, from, result.count, to)
    }
  }
}

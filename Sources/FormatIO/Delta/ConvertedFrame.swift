/// A piece of a tensor from the same piece in another element type.
///
/// Floating-point types get a frame upon the converted numbers. Blocks are made in two steps: first their scales,
/// then every code as the nearest one on the grid that these scales span, and a residual. The form of a block
/// frame: 0 and the bytes of the piece; or 1, the number of bytes of the frame of scales, that frame, and
/// tokens: the class of each unit (context 0), then the residuals (contexts 1 to 8). docs/PATCH_FORMAT.md has the
/// formulas.
enum ConvertedFrame {
  /// The first byte of a payload for blocks.
  private enum Form: UInt8 {
    case raw = 0
    case predicted = 1
  }

  /// Numbers that share a class: what size their residuals have.
  static let unit = 256
  private static let classes = 4
  /// A context for the classes, and two for each of them.
  private static let contexts = 1 + 2 * classes

  /// True if numbers of one type foretell those of the other.
  static func exists(_ from: ElementType, _ to: ElementType) -> Bool {
    func isKnown(_ type: ElementType) -> Bool { type.isPatchable || type.scaledCodes != nil }
    return from != to && isKnown(from) && isKnown(to)
  }

  /// The payload for a piece; empty if it is what is foretold.
  ///
  /// - Parameters:
  ///   - source: the piece of the side at hand.
  ///   - from: its type.
  ///   - result: as many elements of the other side.
  ///   - type: their type.
  static func encode(
    _ source: UnsafeRawBufferPointer, _ from: ElementType, _ result: UnsafeRawBufferPointer,
    _ type: ElementType
  ) -> [UInt8] {
    let values = numbers(source, from)
    guard let codec = type.scaledCodes else {
      return floats(values, type).withUnsafeBytes {
        DeltaFrame.encode(base: $0, target: result, type: type)
      }
    }
    let payload = encode(values, result, BlockParts(codec))
    return payload.count <= result.count + 1 ? payload : [Form.raw.rawValue] + result
  }

  /// Gives the piece back.
  ///
  /// - Throws: `DeltaFrameFault` if the payload breaks a rule. What `result` holds then means nothing.
  static func decode(
    _ payload: UnsafeRawBufferPointer, source: UnsafeRawBufferPointer, _ from: ElementType,
    _ type: ElementType, into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    let values = numbers(source, from)
    guard let codec = type.scaledCodes else {
      let expected = floats(values, type)
      try expected.withUnsafeBufferPointer { expected throws(DeltaFrameFault) in
        try DeltaFrame.decode(
          payload, source: UnsafeRawBufferPointer(expected), type: type, direction: .apply,
          into: result)
      }
      return
    }
    try decode(payload, values, BlockParts(codec), into: result)
  }

  /// The numbers of a piece. What is none after unpacking blocks is the quiet one: processors differ in its bits.
  private static func numbers(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> [Float] {
    let count = type.elementCount(bytes: bytes.count)
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      var output = buffer.mutableSpan
      FloatDecoding.decode(bytes, type, into: &output)
      if type.scaledCodes != nil {
        for index in 0..<count where buffer[index].isNaN { buffer[index] = .nan }
      }
      filled = count
    }
  }

  private static func floats(_ values: [Float], _ type: ElementType) -> [UInt8] {
    FloatEncoding(type, rounding: .nearestEven, tensor: "").encode(values.span)
  }
}

// MARK: - Blocks

extension ConvertedFrame {
  private static func encode(
    _ values: [Float], _ result: UnsafeRawBufferPointer, _ parts: BlockParts
  ) -> [UInt8] {
    let scales = parts.scales(of: result)
    let scalePayload = parts.predictedScales(values).withUnsafeBytes { expected in
      scales.withUnsafeBytes {
        DeltaFrame.encode(base: expected, target: $0, type: parts.scaleType)
      }
    }
    let expected = PredictedCodes(values, result, parts.codec)
    let count = values.count
    let units = (count + unit - 1) / unit
    var tokens = TokenWriter(capacity: units + count)
    defer { tokens.deallocate() }
    let (symbols, contexts) = (tokens.symbols + units, tokens.contexts + units)
    parts.readCodes(result, into: symbols)
    var (sizes, all): ([UInt32], UInt8) = ([], 0)
    sizes.reserveCapacity(units)
    expected.withPointers { codes, flags in
      for start in stride(from: 0, to: count, by: unit) {
        let (size, any) = residuals(
          symbols + start, upon: codes + start, flags + start, count: min(unit, count - start))
        sizes.append(size)
        all |= any
      }
    }
    if all == 0, scalePayload.isEmpty { return [] }
    let bounds = quartiles(sizes)
    let unitClasses = sizes.map { size in bounds.reduce(UInt8(0)) { $0 + (size > $1 ? 1 : 0) } }
    tokens.append(bytes: unitClasses, count: units, context: 0)
    expected.withPointers { _, flags in
      for (number, unitClass) in unitClasses.enumerated() {
        let start = number * unit
        putContexts(
          contexts + start, unitClass, flags + start, count: min(unit, count - start))
      }
    }
    tokens.endSection(count)
    var payload = [Form.predicted.rawValue]
    payload.appendNumber(scalePayload.count)
    payload += scalePayload
    tokens.write(contexts: self.contexts, to: &payload)
    return payload
  }

  private static func decode(
    _ payload: UnsafeRawBufferPointer, _ values: [Float], _ parts: BlockParts,
    into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    var fields = FieldReader(payload)
    var scalePayload = UnsafeRawBufferPointer(start: nil, count: 0)
    if payload.count > 0 {
      let form = try fields.byte("a form")
      switch Form(rawValue: form) {
      case .raw:
        result.copyMemory(from: try fields.rest(exactly: result.count))
        return
      case .predicted:
        let size = try fields.number("bytes of scales", limit: payload.count)
        scalePayload = try fields.bytes(size, "scales")
      case nil: throw .init(expected: "a form from 0 to 1", found: "\(form)")
      }
    }
    let predicted = parts.predictedScales(values)
    var scales = predicted
    try predicted.withUnsafeBufferPointer { predicted throws(DeltaFrameFault) in
      try scales.withUnsafeMutableBufferPointer { scales throws(DeltaFrameFault) in
        try DeltaFrame.decode(
          scalePayload, source: UnsafeRawBufferPointer(predicted), type: parts.scaleType,
          direction: .apply, into: UnsafeMutableRawBufferPointer(scales))
      }
    }
    parts.put(scales, into: result)
    var expected = PredictedCodes(values, UnsafeRawBufferPointer(result), parts.codec)
    if payload.count > 0 {
      try add(fields.rest, to: &expected, limit: parts.codeCount)
    }
    parts.writeCodes(expected.codes, into: result)
  }

  /// Puts residuals upon codes.
  private static func add(
    _ stream: UnsafeRawBufferPointer, to expected: inout PredictedCodes, limit: Int
  ) throws(DeltaFrameFault) {
    let count = expected.codes.count
    var tokens = try TokenReader(stream, contexts: contexts)
    defer { tokens.deallocate() }
    var unitClasses: [UInt8] = []
    let units = (count + unit - 1) / unit
    for start in stride(from: 0, to: units, by: TokenReader.batch) {
      let batch = min(TokenReader.batch, units - start)
      tokens.contexts.update(repeating: 0, count: batch)
      try tokens.takeBatch(batch)
      unitClasses += UnsafeBufferPointer(start: tokens.symbols, count: batch)
    }
    guard unitClasses.allSatisfy({ $0 < classes }) else {
      throw .init(expected: "classes below \(classes)", found: "others")
    }
    var all: UInt8 = 0
    for start in stride(from: 0, to: count, by: TokenReader.batch) {
      let batch = min(TokenReader.batch, count - start)
      // A batch is whole units, but for the last one.
      expected.withPointers { _, flags in
        for place in stride(from: 0, to: batch, by: unit) {
          putContexts(
            tokens.contexts + place, unitClasses[(start + place) / unit], flags + start + place,
            count: min(unit, batch - place))
        }
      }
      try tokens.takeBatch(batch)
      all |= expected.add(tokens.symbols, at: start, count: batch)
    }
    // The number of codes is a power of two.
    guard Int(all) < limit else {
      throw .init(expected: "codes below \(limit)", found: "others")
    }
    try tokens.finish()
  }

  private static func putContexts(
    _ contexts: UnsafeMutablePointer<UInt8>, _ unitClass: UInt8, _ flags: UnsafePointer<UInt8>,
    count: Int
  ) {
    let first = 1 &+ 2 &* unitClass
    for index in 0..<count { contexts[index] = first &+ (flags[index] & PredictedCodes.isFar) }
  }

  /// Turns codes into residuals: what leads from the expected code to them, positive towards the number, as
  /// 0, -1, 1, -2 … by 0, 1, 2, 3 …
  ///
  /// - Returns: how large they are, and the bits that any of them has.
  private static func residuals(
    _ symbols: UnsafeMutablePointer<UInt8>, upon codes: UnsafePointer<UInt8>,
    _ flags: UnsafePointer<UInt8>, count: Int
  ) -> (size: UInt32, any: UInt8) {
    var (size, any): (Int32, UInt8) = (0, 0)
    for index in 0..<count {
      let difference = Int8(bitPattern: symbols[index] &- codes[index])
      let isAbove = flags[index] & PredictedCodes.isAbove != 0
      let step = isAbove ? 0 &- difference : difference
      symbols[index] = UInt8(bitPattern: (step &<< 1) ^ (step &>> 7))
      any |= symbols[index]
      // How far the number is from the code, in eighths of a step: its rest is about 1 or 3.
      let rest: Int32 = flags[index] & PredictedCodes.isFar == 0 ? 1 : 3
      size &+= abs(8 &* Int32(step) &- rest)
    }
    return (UInt32(truncatingIfNeeded: size), any)
  }

  /// Three bounds that cut sizes into four parts of about as many.
  private static func quartiles(_ sizes: [UInt32]) -> [UInt32] {
    let sorted = sizes.sorted()
    guard let last = sorted.last else { return [] }
    return (1..<classes).map { part in
      let place = part * sorted.count / classes
      return place > 0 ? sorted[place - 1] : last
    }
  }
}

/// The code nearest to each number, on the grids that the scales of its block span.
struct PredictedCodes {
  /// The number is a quarter of a step from its code, or further.
  static let isFar: UInt8 = 1
  /// The code is above the number.
  static let isAbove: UInt8 = 2

  var codes: [UInt8]
  let flags: [UInt8]

  /// - Parameter blocks: only their scales are looked at.
  init(_ values: [Float], _ blocks: UnsafeRawBufferPointer, _ codec: any ScaledCodes.Type) {
    var codes = [UInt8](repeating: 0, count: values.count)
    var flags = codes
    codes.withUnsafeMutableBufferPointer { codes in
      flags.withUnsafeMutableBufferPointer { flags in
        values.withUnsafeBufferPointer { values in
          guard let blocks = blocks.baseAddress, let values = values.baseAddress,
            let start = codes.baseAddress, let flags = flags.baseAddress
          else { return }
          PredictedCodes.predict(values, blocks, codec, codes.count, start, flags)
        }
      }
    }
    (self.codes, self.flags) = (codes, flags)
  }

  func withPointers(_ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Void) {
    codes.withUnsafeBufferPointer { codes in
      flags.withUnsafeBufferPointer { flags in
        guard let codes = codes.baseAddress, let flags = flags.baseAddress else { return }
        body(codes, flags)
      }
    }
  }

  /// Puts residuals upon codes.
  ///
  /// - Returns: the bits that any of the new codes has.
  mutating func add(_ residuals: UnsafePointer<UInt8>, at start: Int, count: Int) -> UInt8 {
    var all: UInt8 = 0
    codes.withUnsafeMutableBufferPointer { codes in
      flags.withUnsafeBufferPointer { flags in
        guard let codes = codes.baseAddress, let flags = flags.baseAddress else { return }
        for index in 0..<count {
          let residual = residuals[index]
          let step = (residual &>> 1) ^ (0 &- (residual & 1))
          let isAbove = flags[start &+ index] & PredictedCodes.isAbove != 0
          codes[start &+ index] &+= isAbove ? 0 &- step : step
          all |= codes[start &+ index]
        }
      }
    }
    return all
  }

  private static func predict<Codec: ScaledCodes>(
    _ values: UnsafePointer<Float>, _ blocks: UnsafeRawPointer, _ codec: Codec.Type, _ count: Int,
    _ codes: UnsafeMutablePointer<UInt8>, _ flags: UnsafeMutablePointer<UInt8>
  ) {
    let low = -Float(codec.zero)
    let high = low + Float(codec.levels.count - 1)
    let (size, zero) = (codec.groupSize, Int32(codec.zero))
    for block in 0..<count / codec.elements {
      for group in 0..<codec.elements / size {
        let (scale, offset) = codec.grid(blocks + block &* codec.bytes, group)
        let start = block &* codec.elements &+ group &* size
        for index in start..<start &+ size {
          let place = (values[index] - offset) / scale
          let bounded: Float =
            place >= low ? (place <= high ? place : high) : (place < low ? low : 0)
          // A sum as large has whole steps only: it is rounded to the nearest, ties to even.
          let sum = bounded + 0x1.8p23
          let rest = bounded - (sum - 0x1.8p23)
          let code = Int32(truncatingIfNeeded: sum.bitPattern & 0x3FFFFF)
          codes[index] = UInt8(truncatingIfNeeded: code &+ zero)
          flags[index] = (abs(rest) >= 0.25 ? isFar : 0) | (rest < 0 ? isAbove : 0)
        }
      }
    }
  }
}

import CZstd

/// A piece of a tensor that exists on one side only.
///
/// The form after the method: nothing but the bytes (1); or planes (2): words, whose bits are turned up by one if
/// they are floating-point numbers, so that the exponent fills the highest byte, are taken apart into bytes; a byte says
/// which of these planes (bit 0: the lowest bytes) are coded, the other planes follow as they are, then
/// the coded ones as tokens, each a section and a context; or one Zstandard frame (3).
enum StoredFrame {
  /// The first byte of a payload.
  enum Method: UInt8 {
    case raw = 1
    case planes = 2
    case zstd = 3
  }

  /// The smallest of the forms.
  static func encode(_ bytes: UnsafeRawBufferPointer, type: ElementType) -> [UInt8] {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return [] }
    let planes = planes(start, bytes.count, WordLayout(type))
    let zstd = compress(bytes)
    if min(planes.count, zstd.count) > bytes.count { return [Method.raw.rawValue] + bytes }
    return planes.count <= zstd.count ? planes : zstd
  }

  /// Gives the piece back.
  static func decode(
    _ payload: UnsafeRawBufferPointer, type: ElementType,
    into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    guard let target = result.baseAddress, result.count > 0 else {
      guard payload.count == 0 else {
        throw .init(expected: "no payload for no elements", found: "\(payload.count) bytes")
      }
      return
    }
    var fields = FieldReader(payload)
    let number = try fields.byte("a method")
    switch Method(rawValue: number) {
    case .raw:
      result.copyMemory(from: try fields.rest(exactly: result.count))
    case .planes:
      try decodePlanes(fields, WordLayout(type), into: target, count: result.count)
    case .zstd:
      guard Zstd.isOneFrame(fields.rest) else {
        throw .init(expected: "one Zstandard frame", found: "another thing")
      }
      let size = ZSTD_decompress(
        target, result.count, fields.rest.baseAddress, fields.rest.count)
      guard ZSTD_isError(size) == 0 else {
        throw .init(
          expected: "intact Zstandard data", found: String(cString: ZSTD_getErrorName(size)))
      }
      guard size == result.count else {
        throw .init(expected: "\(result.count) bytes", found: "\(size)")
      }
    case nil:
      throw .init(expected: "a method from 1 to 3", found: "\(number)")
    }
  }

  private static func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound + 1) { room, count in
      room[0] = Method.zstd.rawValue
      let size = ZSTD_compress(
        room.baseAddress.map { $0 + 1 }, bound, bytes.baseAddress, bytes.count, 3)
      // Only without memory; then this form is too long to be taken.
      count = ZSTD_isError(size) == 0 ? size + 1 : bound + 1
    }
  }
}

// MARK: - Planes

extension StoredFrame {
  private static func planes(
    _ source: UnsafeRawPointer, _ byteCount: Int, _ layout: WordLayout
  ) -> [UInt8] {
    let (size, words) = (layout.wordBytes, byteCount / layout.wordBytes)
    var tokens = TokenWriter(capacity: byteCount)
    defer { tokens.deallocate() }
    let plane = UnsafeMutablePointer<UInt8>.allocate(capacity: words)
    let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    defer {
      plane.deallocate()
      counts.deallocate()
    }
    var coded: UInt8 = 0
    var raw: [UInt8] = []
    for index in 0..<size {
      read(source, words, layout, plane: index, into: plane)
      counts.initialize(repeating: 0, count: 256)
      for word in 0..<words { counts[Int(plane[word])] &+= 1 }
      let bits =
        FrequencyTable.entropy(counts, alphabet: 256) + FrequencyTable.size(counts, alphabet: 256)
      if bits < 0.995 * Double(8 * words) {
        coded |= 1 << UInt8(index)
        tokens.append(bytes: plane, count: words, context: UInt8(index))
      } else {
        raw += UnsafeBufferPointer(start: plane, count: words)
      }
    }
    var payload = [Method.planes.rawValue, coded] + raw
    if coded != 0 { tokens.write(contexts: size, to: &payload) }
    return payload
  }

  private static func decodePlanes(
    _ fields: FieldReader, _ layout: WordLayout, into result: UnsafeMutableRawPointer, count: Int
  ) throws(DeltaFrameFault) {
    var fields = fields
    let (size, words) = (layout.wordBytes, count / layout.wordBytes)
    let coded = try fields.byte("the planes that are coded")
    guard Int(coded) >> size == 0 else {
      throw .init(expected: "planes below \(size)", found: "others")
    }
    result.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    for index in 0..<size where coded >> UInt8(index) & 1 == 0 {
      let plane = try fields.bytes(words, "a plane")
      guard let start = plane.baseAddress else { continue }
      add(start.assumingMemoryBound(to: UInt8.self), words, layout, plane: index, to: result)
    }
    if coded == 0 {
      guard fields.rest.count == 0 else {
        throw .init(expected: "the end", found: "\(fields.rest.count) more bytes")
      }
    } else {
      var tokens = try TokenReader(fields.rest, contexts: size)
      defer { tokens.deallocate() }
      for index in 0..<size where coded >> UInt8(index) & 1 == 1 {
        tokens.contexts.update(repeating: UInt8(index), count: min(words, TokenReader.batch))
        for start in stride(from: 0, to: words, by: TokenReader.batch) {
          let batch = min(TokenReader.batch, words - start)
          try tokens.takeBatch(batch)
          add(
            tokens.symbols, batch, layout, plane: index, to: result + start * size)
        }
      }
      try tokens.finish()
    }
  }

  /// A byte of each word, turned.
  private static func read(
    _ source: UnsafeRawPointer, _ words: Int, _ layout: WordLayout, plane: Int,
    into bytes: UnsafeMutablePointer<UInt8>
  ) {
    func read<Word: FixedWidthInteger & UnsignedInteger>(_: Word.Type) {
      let shift = Word(plane * 8)
      let turn: Word = layout.mantissaBits > 0 ? 1 : 0
      let back = Word(Word.bitWidth - 1)
      for index in 0..<words {
        let word = source.loadUnaligned(
          fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
        let turned = word &<< turn | (word &>> back) & turn
        bytes[index] = UInt8(truncatingIfNeeded: turned &>> shift)
      }
    }
    switch layout.wordBytes {
    case 1: read(UInt8.self)
    case 2: read(UInt16.self)
    case 4: read(UInt32.self)
    default: read(UInt64.self)
    }
  }

  /// Puts bytes of turned words where they belong; bits that are not there yet are 0.
  private static func add(
    _ bytes: UnsafePointer<UInt8>, _ words: Int, _ layout: WordLayout, plane: Int,
    to result: UnsafeMutableRawPointer
  ) {
    func add<Word: FixedWidthInteger & UnsignedInteger>(_: Word.Type) {
      let shift = Word(plane * 8)
      let turn: Word = layout.mantissaBits > 0 ? 1 : 0
      let back = Word(Word.bitWidth - 1)
      for index in 0..<words {
        let turned = Word(bytes[index]) &<< shift
        let word = turned &>> turn | (turned & turn) &<< back
        let offset = index &* MemoryLayout<Word>.size
        let before = result.loadUnaligned(fromByteOffset: offset, as: Word.self)
        result.storeBytes(of: before | word, toByteOffset: offset, as: Word.self)
      }
    }
    switch layout.wordBytes {
    case 1: add(UInt8.self)
    case 2: add(UInt16.self)
    case 4: add(UInt32.self)
    default: add(UInt64.self)
    }
  }
}

extension DeltaFrame {
  /// The smallest payload found for a piece that the other side lacks; empty for no bytes.
  static func encodeStored(_ bytes: UnsafeRawBufferPointer, type: ElementType) -> [UInt8] {
    StoredFrame.encode(bytes, type: type)
  }

  /// Gives back what `encodeStored` was given.
  ///
  /// - Throws: `DeltaFrameFault` if the payload breaks a rule. What `result` holds then means nothing.
  static func decodeStored(
    _ payload: UnsafeRawBufferPointer, type: ElementType,
    into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    try StoredFrame.decode(payload, type: type, into: result)
  }
}

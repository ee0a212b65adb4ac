import Glibc

/// What turns a piece of a tensor into the same piece of another one, and back.
///
/// A frame belongs to at most `elementsPerFrame` elements that are stored alike on both sides. Its payload
/// starts with the number of the method. docs/PATCH_FORMAT.md says what follows.
enum DeltaFrame {
  /// How many elements a frame holds, the last one of a tensor excepted.
  static let elementsPerFrame = 1 << 20

  /// The first byte of a payload.
  enum Method: UInt8 {
    /// The xor of both sides.
    case xor = 1
    /// `SparseFrame`.
    case sparse = 2
    /// `DenseFrame`.
    case dense = 3
  }

  /// The smallest payload found for a piece.
  ///
  /// - Parameters:
  ///   - base: the bytes before, whole elements.
  ///   - target: as many bytes after.
  /// - Returns: the payload; empty if the pieces are the same. It has at most one byte more than a piece.
  static func encode(
    base: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer, type: ElementType
  ) -> [UInt8] {
    precondition(base.count == target.count && base.count % type.bytesPerBlock == 0)
    guard let b = base.baseAddress, let t = target.baseAddress, memcmp(b, t, base.count) != 0 else {
      return []
    }
    let payload = smallest(b, t, base.count, WordLayout(type))
    return payload.count <= base.count + 1 ? payload : xor(base, target)
  }

  /// Puts the other side of a frame into `result`.
  ///
  /// - Parameters:
  ///   - payload: what `encode` made; it may come from a hostile file.
  ///   - source: the base to apply to, or the target to revert.
  ///   - result: as many bytes.
  /// - Throws: `DeltaFrameFault` if the payload breaks a rule. What `result` holds then means nothing.
  static func decode(
    _ payload: UnsafeRawBufferPointer, source: UnsafeRawBufferPointer, type: ElementType,
    direction: DeltaApplier.Direction, into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    precondition(source.count == result.count && source.count % type.bytesPerBlock == 0)
    guard payload.count > 0 else {
      result.copyMemory(from: source)
      return
    }
    guard let s = source.baseAddress, let r = result.baseAddress else {
      throw .init(expected: "no payload for no elements", found: "\(payload.count) bytes")
    }
    var fields = FieldReader(payload)
    let number = try fields.byte("a method")
    let layout = WordLayout(type)
    switch Method(rawValue: number) {
    case .xor:
      xor(try fields.rest(exactly: source.count), source, into: r)
    case .sparse:
      try SparseFrame.decode(
        fields.rest, source: s, words: source.count / layout.wordBytes, layout: layout,
        isForward: direction == .apply, into: r)
    case .dense:
      try DenseFrame.decode(
        fields.rest, source: s, byteCount: source.count, layout: layout,
        isForward: direction == .apply, into: r)
    case nil:
      throw .init(expected: "a method from 1 to 3", found: "\(number)")
    }
  }
}

/// What is wrong with a payload; who knows the file makes an `InputError` of it.
struct DeltaFrameFault: Error, Equatable {
  /// What should have been there.
  var expected: String
  /// What was there instead.
  var found: String
}

// MARK: - The choice of a method

extension DeltaFrame {
  /// The smallest payload but for the plain xor, which can be smaller.
  private static func smallest(
    _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ byteCount: Int, _ layout: WordLayout
  ) -> [UInt8] {
    let words = byteCount / layout.wordBytes
    // Above one change in eight words a list of changes never was the smallest.
    let limit = max(words / 8, min(words, 4096))
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: limit + 64)
    defer { places.deallocate() }
    let changes = WordKernels.changes(
      base: base, target: target, count: words, wordBytes: layout.wordBytes, shift: 0,
      limit: limit, places: places)
    guard changes <= limit else {
      return dense(base, target, byteCount, layout)
    }
    let sparse = SparseFrame(
      base: base, target: target, layout: layout, places: places, count: changes)
    defer { sparse.deallocate() }
    let plan = FramePlan(
      base: base, target: target, byteCount: byteCount, layout: layout, words: 1 << 14,
      changes: changes, changedWords: words, kinds: [sparse.form.kind], shift: sparse.form.shift)
    // A list is much faster: the other form must be clearly smaller.
    guard let plan, plan.bits < 0.97 * sparse.bits else { return sparse.payload() }
    let units = ChangedUnits(
      places: places, count: changes, byteCount: byteCount, layout: layout)
    guard plan.bits + units.bits < 0.97 * sparse.bits else { return sparse.payload() }
    return DenseFrame.payload(
      base: base, target: target, units: units, layout: layout, form: plan.form)
  }

  private static func dense(
    _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ byteCount: Int, _ layout: WordLayout
  ) -> [UInt8] {
    let units = ChangedUnits(base: base, target: target, byteCount: byteCount, layout: layout)
    let differing = WordKernels.differingBits(
      base: base, target: target, count: byteCount / layout.wordBytes, wordBytes: layout.wordBytes)
    let plan = FramePlan(
      base: base, target: target, byteCount: byteCount, layout: layout, words: 1 << 15,
      changes: nil, changedWords: units.changedBytes / layout.wordBytes,
      kinds: [.xor, .difference], shift: differing.trailingZeroBitCount)
    guard let plan, plan.bits + units.bits < Double(8 * byteCount) else {
      return xor(base, target, byteCount)
    }
    return DenseFrame.payload(
      base: base, target: target, units: units, layout: layout, form: plan.form)
  }

  private static func xor(
    _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ byteCount: Int
  ) -> [UInt8] {
    xor(
      UnsafeRawBufferPointer(start: base, count: byteCount),
      UnsafeRawBufferPointer(start: target, count: byteCount))
  }

  /// The payload that always fits.
  private static func xor(
    _ base: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer
  ) -> [UInt8] {
    var payload = [UInt8](repeating: Method.xor.rawValue, count: base.count + 1)
    payload.withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { xor(base, target, into: start + 1) }
    }
    return payload
  }

  private static func xor(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer,
    into result: UnsafeMutableRawPointer
  ) {
    guard let x = a.baseAddress, let y = b.baseAddress else { return }
    for index in 0..<a.count {
      result.storeBytes(
        of: x.load(fromByteOffset: index, as: UInt8.self)
          ^ y.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
    }
  }
}

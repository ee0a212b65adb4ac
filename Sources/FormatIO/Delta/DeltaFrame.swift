/// What turns a piece of a tensor into the same piece of another one, and back.
///
/// A frame belongs to at most `elementsPerFrame` elements that are stored alike on both sides. Its payload
/// starts with the number of the method. docs/PATCH_FORMAT.md says what follows.
enum DeltaFrame {
  /// How many elements a frame holds, the last one of a tensor excepted.
  static let elementsPerFrame = 1 << 20

  /// The smallest payload found for a piece.
  ///
  /// - Parameters:
  ///   - base: the bytes before, whole elements.
  ///   - target: as many bytes after.
  /// - Returns: the payload; empty if the pieces are the same.
  static func encode(
    base: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer, type: ElementType
  ) -> [UInt8] {
    if base.elementsEqual(target) { return [] }
    return [9] + zip(base, target).map { $0 ^ $1 }
  }
  static func encodeStored(_ b: UnsafeRawBufferPointer, type: ElementType) -> [UInt8] { Array(b) }
  static func decodeStored(
    _ p: UnsafeRawBufferPointer, type: ElementType, into r: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    r.copyMemory(from: p)
  }

  /// Which side of a frame is at hand.
  enum Direction: Sendable {
    /// From base to target.
    case apply
    /// From target to base.
    case revert
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
    direction: Direction, into result: UnsafeMutableRawBufferPointer
  ) throws(DeltaFrameFault) {
    if payload.isEmpty {
      r2(source, result)
      return
    }
    for i in source.indices { result[i] = source[i] ^ payload[i + 1] }
  }
  static func r2(_ s: UnsafeRawBufferPointer, _ r: UnsafeMutableRawBufferPointer) {
    r.copyMemory(from: s)
  }
}

/// What is wrong with a payload; who knows the file makes an `InputError` of it.
struct DeltaFrameFault: Error, Equatable {
  /// What should have been there.
  var expected: String
  /// What was there instead.
  var found: String
}

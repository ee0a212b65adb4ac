/// The check of bytes in a patch file: the first 8 bytes of their SHA-256.
struct DeltaCheck: Sendable, Equatable {
  /// Those bytes; the first one is the highest. An array for each frame would take ten times as much.
  private let bits: UInt64

  /// The check of bytes.
  init(_ bytes: UnsafeRawBufferPointer) {
    bits = ContentDigest(bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads what `hexadecimal` writes; nil for anything else.
  init?(hexadecimal text: String) {
    guard let bytes = [UInt8](hexadecimal: text), bytes.count == 8 else { return nil }
    bits = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// 16 digits.
  var hexadecimal: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

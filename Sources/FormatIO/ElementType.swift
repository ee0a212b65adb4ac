/// How one element of a safetensors tensor is stored.
///
/// The types are a table: `ElementType.all` lists every name of the format with its size. Only the
/// floating-point types of at least 16 bits can be patched; the others are carried as bytes.
/// `F8_*` types are not plain floats: their scale lives in a companion tensor.
public struct ElementType: Hashable, Sendable {
  /// The name in the header, case-sensitive: `"BF16"`.
  public let name: String
  /// Bits of one element. `F4` and `F6` elements share bytes with their neighbours.
  public let bits: Int
  /// The position in `all`, which is the order the reference writer sorts tensors by.
  public let rank: Int

  private init(_ name: String, bits: Int, rank: Int) {
    self.name = name
    self.bits = bits
    self.rank = rank
  }

  /// Every type of the format, lowest alignment first.
  public static let all: [ElementType] = [
    ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8),
    ("F8_E5M2", 8), ("F8_E4M3", 8), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8),
    ("I16", 16), ("U16", 16), ("F16", 16), ("BF16", 16), ("I32", 32), ("U32", 32), ("F32", 32),
    ("C64", 64), ("F64", 64), ("I64", 64), ("U64", 64),
  ].enumerated().map { ElementType($1.0, bits: $1.1, rank: $0) }

  /// The type with this exact name, or nil if the format has none.
  public init?(name: String) {
    guard let type = ElementType.all.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      return nil
    }
    self = type
  }

  /// IEEE 754 half precision.
  public static let float16 = ElementType("F16", bits: 16, rank: 13)
  /// The upper half of a `float32`: 8 exponent bits, 7 fraction bits.
  public static let bfloat16 = ElementType("BF16", bits: 16, rank: 14)
  /// IEEE 754 single precision.
  public static let float32 = ElementType("F32", bits: 32, rank: 17)
  /// IEEE 754 double precision.
  public static let float64 = ElementType("F64", bits: 64, rank: 19)

  /// True if elements can be read as `Float` and written back: F64, F32, F16 and BF16.
  public var isPatchable: Bool {
    self == .float64 || self == .float32 || self == .float16 || self == .bfloat16
  }

  /// Bytes of `count` elements; nil if that overflows or does not fill whole bytes.
  public func byteCount(elements count: Int) -> Int? {
    let (total, overflow) = count.multipliedReportingOverflow(by: bits)
    return overflow || total % 8 != 0 ? nil : total / 8
  }
}

extension ElementType: CustomStringConvertible {
  /// The name in the header.
  public var description: String { name }
}

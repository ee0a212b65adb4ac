/// How the elements of a tensor are stored.
///
/// The types are a table: `safetensors` lists every name of that format, `gguf` every number of the other; the plain
/// ones are shared. Elements come in blocks that fill whole bytes: a block of a plain type is one
/// element, of a quantised one 32 to 256 with their scales. `F8_*` types are not plain floats: their scales
/// lie in a tensor of their own (`TensorScales`).
public struct ElementType: Hashable, Sendable {
  /// The name in the header, case-sensitive: `"BF16"`, `"Q4_K"`.
  public let name: String
  /// How many elements share their bytes.
  public let elementsPerBlock: Int
  /// The bytes of so many elements.
  public let bytesPerBlock: Int

  init(_ name: String, _ elementsPerBlock: Int, _ bytesPerBlock: Int) {
    self.name = name
    self.elementsPerBlock = elementsPerBlock
    self.bytesPerBlock = bytesPerBlock
  }

  /// IEEE 754 half precision.
  public static let float16 = ElementType("F16", 1, 2)
  /// The upper half of a `float32`: 8 exponent bits, 7 fraction bits.
  public static let bfloat16 = ElementType("BF16", 1, 2)
  /// IEEE 754 single precision.
  public static let float32 = ElementType("F32", 1, 4)
  /// IEEE 754 double precision.
  public static let float64 = ElementType("F64", 1, 8)

  /// Signed whole numbers.
  static let int8 = ElementType("I8", 1, 1)
  static let int16 = ElementType("I16", 1, 2)
  static let int32 = ElementType("I32", 1, 4)
  static let int64 = ElementType("I64", 1, 8)
  /// 32 numbers of 8 bits that share a scale (GGUF).
  public static let q8 = ElementType("Q8_0", 32, 34)

  /// Every type of safetensors, in the order that the reference writer sorts tensors by.
  public static let safetensors: [ElementType] = [
    .init("BOOL", 1, 1), .init("F4", 2, 1), .init("F6_E2M3", 4, 3), .init("F6_E3M2", 4, 3),
    .init("U8", 1, 1), .int8, .init("F8_E5M2", 1, 1), .init("F8_E4M3", 1, 1),
    .init("F8_E8M0", 1, 1), .init("F8_E4M3FNUZ", 1, 1), .init("F8_E5M2FNUZ", 1, 1),
    .int16, .init("U16", 1, 2), .float16, .bfloat16, .int32,
    .init("U32", 1, 4), .float32, .init("C64", 1, 8), .float64, .int64,
    .init("U64", 1, 8),
  ]

  /// The type of safetensors with this exact name, or nil if the format has none.
  public init?(safetensors name: String) {
    let type = ElementType.safetensors.first { $0.name.utf8.elementsEqual(name.utf8) }
    guard let type else { return nil }
    self = type
  }

  /// True if elements can be read as `Float` and written back: F64, F32, F16 and BF16.
  public var isPatchable: Bool {
    self == .float64 || self == .float32 || self == .float16 || self == .bfloat16
  }

  /// True for signed whole numbers.
  var isInteger: Bool {
    self == .int8 || self == .int16 || self == .int32 || self == .int64
  }

  /// Bits of one element, its share of a block's scales left out.
  public var bits: Int { bytesPerBlock * 8 / elementsPerBlock }

  /// Bits of one element with its share of the scales.
  public var bitsWithScales: Double { Double(bytesPerBlock * 8) / Double(elementsPerBlock) }

  /// Bytes of `count` elements; nil if that overflows or does not fill whole blocks.
  public func byteCount(elements count: Int) -> Int? {
    guard count % elementsPerBlock == 0 else { return nil }
    let (total, overflow) = (count / elementsPerBlock)
      .multipliedReportingOverflow(by: bytesPerBlock)
    return overflow ? nil : total
  }

  /// Elements in so many bytes, which must be whole blocks.
  public func elementCount(bytes count: Int) -> Int { count / bytesPerBlock * elementsPerBlock }
}

extension ElementType: CustomStringConvertible {
  /// The name in the header.
  public var description: String { name }
}

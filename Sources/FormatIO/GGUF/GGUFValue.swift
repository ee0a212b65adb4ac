/// A value of GGUF metadata. Texts are bytes: they need not be UTF-8.
public enum GGUFValue: Sendable, Equatable {
  /// U8, U16, U32 or U64.
  case unsigned(UInt64)
  /// I8, I16, I32 or I64.
  case signed(Int64)
  /// F32 or F64.
  case float(Double)
  case bool(Bool)
  case text([UInt8])
  /// Values of one type, still in the file.
  case array(GGUFArray)

  /// How a value is stored; the numbers are those of the format.
  public enum Kind: Int32, Sendable, CaseIterable {
    case uint8 = 0
    case int8, uint16, int16, uint32, int32, float32, bool, text, array, uint64, int64, float64

    /// The name in messages.
    public var name: String {
      let names = [
        "U8", "I8", "U16", "I16", "U32", "I32", "F32", "BOOL", "STR", "ARR", "U64", "I64", "F64",
      ]
      return names[Int(rawValue)]
    }

    /// Bytes of one value; nil for texts and arrays, which say their own length.
    var byteCount: Int? {
      switch self {
      case .uint8, .int8, .bool: 1
      case .uint16, .int16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      case .text, .array: nil
      }
    }
  }
}

/// Where an array lies in the file. It is read when somebody asks.
public struct GGUFArray: Sendable, Equatable {
  /// What its elements are.
  public let kind: GGUFValue.Kind
  /// How many there are.
  public let count: Int
  /// Its bytes in the file.
  let range: Range<Int>
}

extension GGUFValue {
  /// The number, if it is a whole one that fits.
  public var integer: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number, whole or not.
  public var double: Double? {
    switch self {
    case .float(let value): value
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    default: nil
    }
  }

  /// The text; bytes that are no UTF-8 are replaced.
  public var string: String? {
    guard case .text(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// True or false.
  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The value; of an array its kind and length.
  public var json: JSON {
    switch self {
    case .unsigned(let value): Int(exactly: value).map { JSON($0) } ?? JSON(Double(value))
    case .signed(let value): JSON(Int(value))
    case .float(let value): value.isFinite ? JSON(value) : .string("\(value)")
    case .bool(let value): .boolean(value)
    case .text: .string(string ?? "")
    case .array(let array): .string("\(array.count) × \(array.kind.name)")
    }
  }
}

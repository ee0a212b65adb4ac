extension ElementType {
  /// The types of GGUF by their numbers (ggml.h, `enum ggml_type`).
  public static let gguf: [UInt32: ElementType] = [
    0: .float32, 1: .float16, 30: .bfloat16, 28: .float64,
    24: .int8, 25: .int16, 26: .int32, 27: .int64,
    2: .init("Q4_0", 32, 18), 3: .init("Q4_1", 32, 20), 6: .init("Q5_0", 32, 22),
    7: .init("Q5_1", 32, 24), 8: .q8, 9: .init("Q8_1", 32, 36),
    10: .init("Q2_K", 256, 84), 11: .init("Q3_K", 256, 110), 12: .init("Q4_K", 256, 144),
    13: .init("Q5_K", 256, 176), 14: .init("Q6_K", 256, 210), 15: .init("Q8_K", 256, 292),
    16: .init("IQ2_XXS", 256, 66), 17: .init("IQ2_XS", 256, 74), 18: .init("IQ3_XXS", 256, 98),
    19: .init("IQ1_S", 256, 50), 20: .init("IQ4_NL", 32, 18), 21: .init("IQ3_S", 256, 110),
    22: .init("IQ2_S", 256, 82), 23: .init("IQ4_XS", 256, 136), 29: .init("IQ1_M", 256, 56),
    34: .init("TQ1_0", 256, 54), 35: .init("TQ2_0", 256, 66), 39: .init("MXFP4", 32, 17),
    40: .init("NVFP4", 64, 36), 41: .init("Q1_0", 128, 18), 42: .init("Q2_0", 64, 18),
  ]

  /// Types that ggml once had. Files with them must be made anew.
  static let removedFromGGUF: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
    37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
  ]

  /// The number of this type in GGUF, or nil if that format lacks it.
  var ggufNumber: UInt32? { ElementType.gguf.first { $0.value == self }?.key }
}

extension ElementType {
  /// How blocks are unpacked and packed, by the name of the type. The IQ2, IQ3 and IQ1 types are missing:
  /// their grids are tables of data that follow from no rule, so tensors of these types are only carried.
  static let blockCodecs: [String: any BlockCodec.Type] = [
    "Q4_0": Q4_0.self, "Q4_1": Q4_1.self, "Q5_0": Q5_0.self, "Q5_1": Q5_1.self, "Q8_0": Q8_0.self,
    "Q8_1": Q8_1.self, "Q2_K": Q2_K.self, "Q3_K": Q3_K.self, "Q4_K": Q4_K.self, "Q5_K": Q5_K.self,
    "Q6_K": Q6_K.self, "Q8_K": Q8_K.self, "IQ4_NL": IQ4_NL.self, "IQ4_XS": IQ4_XS.self,
    "TQ1_0": TQ1_0.self, "TQ2_0": TQ2_0.self, "MXFP4": MXFP4.self, "NVFP4": NVFP4.self,
    "Q1_0": Q1_0.self, "Q2_0": Q2_0.self, "F8_E4M3": F8_E4M3.self, "F8_E5M2": F8_E5M2.self,
  ]

  /// The codec of a quantised type.
  var blockCodec: (any BlockCodec.Type)? { ElementType.blockCodecs[name] }

  /// True if elements are codes that stand for numbers by a scale.
  public var isQuantised: Bool { elementsPerBlock > 1 || blockCodec != nil }
  /// True if a code stands for a number by itself, and its scale is in another tensor.
  public var isFloat8: Bool { blockCodec is any Float8.Type }

  /// True if elements can be read as `Float`.
  public var isReadable: Bool { isPatchable || isInteger || blockCodec != nil }
  /// True if elements are weights by themselves: whole numbers have their scale elsewhere, and ggml's types
  /// of activations are in no file.
  public var isWeight: Bool { isWritable || hasMovableCodes }
}

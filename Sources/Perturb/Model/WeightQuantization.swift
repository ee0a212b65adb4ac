import FormatIO

/// Weights of 8-bit floating point whose scales are tensors beside them, as `quantization_config` describes them.
///
/// A weight is its code times its scale, and that is what is computed with. Runtimes of such files also round what
/// matrices read to 8 bits (`activation_scheme`, `input_scale`); here it stays exact.
struct WeightQuantization: Sendable {
  /// Who made them: `fp8`.
  let method: String
  /// How many rows and columns share a scale; nil if a tensor or a row does.
  let block: (rows: Int, columns: Int)?

  /// Why files of other methods cannot be patched.
  private static let refused: [String: String] = [
    "aqlm": "codes of learned codebooks",
    "auto-round": "whole numbers of 2 to 8 bits packed into words, with scales and zero points",
    "awq": "whole numbers of 4 bits packed into words, with scales and zero points",
    "bitnet": "ternary weights packed into bytes",
    "bitsandbytes": "codes of 4 or 8 bits whose scales are in packed states of their own",
    "compressed-tensors": "packed whole numbers, or weights that are not 8-bit floating point",
    "eetq": "whole numbers of 8 bits",
    "exl2": "whole numbers of 2 to 8 bits in an order of their own",
    "exl3": "codes of a trellis",
    "fp_quant": "codes of 4 bits after a rotation",
    "gptq": "whole numbers of 2 to 8 bits packed into words, with scales and zero points",
    "higgs": "codes of a grid after a rotation",
    "hqq": "whole numbers of 1 to 8 bits packed into bytes, with scales and zero points",
    "modelopt": "weights of 4 bits, or scales that are not those of FP8",
    "mxfp4": "blocks of 4-bit floating point with shared exponents",
    "quanto": "whole numbers whose scales are parts of packed tensors",
    "quark": "a layout of its own",
    "spqr": "packed whole numbers with sparse outliers",
    "torchao": "tensor classes of torchao, whose layout is in no header",
    "vptq": "codes of learned codebooks",
  ]

  /// Scales of a method, or nil if nothing is quantised.
  ///
  /// - Throws: `InputError` naming a method that cannot be patched, and why.
  init?(_ reader: ConfigurationReader) throws {
    let key =
      reader.value("compression_config") == nil ? "quantization_config" : "compression_config"
    guard let config = reader.value(key) ?? reader.textModel.value(key) else { return nil }
    let method = config["quant_method"]?.string ?? "unknown"
    func size(_ value: JSON?) throws -> (rows: Int, columns: Int)? {
      guard let value, !value.isNull else { return nil }
      let sizes = (value.array ?? []).compactMap(\.integer)
      guard sizes.count == 2, value.array?.count == 2, sizes.allSatisfy({ $0 > 0 }) else {
        throw reader.error(
          key, expected: "a block size of two whole numbers above 0", found: value.encoded())
      }
      return (sizes[0], sizes[1])
    }
    switch method {
    case "fp8", "fbgemm_fp8": block = try size(config["weight_block_size"])
    case "modelopt" where config["quant_algo"]?.string == "FP8": block = nil
    case "compressed-tensors" where Self.isFloat8(config):
      let sizes = try Self.groups(config).map { try size($0["weights"]?["block_structure"]) }
      guard let first = sizes.first,
        sizes.allSatisfy({ $0?.rows == first?.rows && $0?.columns == first?.columns })
      else {
        throw reader.error(
          key, expected: "one block size", found: "groups with several",
          fix: "patch the original checkpoint and quantise it again")
      }
      block = first
    default:
      throw reader.error(
        key, expected: "plain floating-point weights, or FP8 with scales",
        found: method + (Self.refused[method].map { " (\($0))" } ?? ""),
        fix:
          "patch the original checkpoint and quantise it again, or patch a GGUF file of the model")
    }
    self.method = method
  }

  private static func groups(_ config: JSON) -> [JSON] {
    (config["config_groups"]?.object ?? []).map(\.value)
  }

  /// True if all groups of compressed-tensors have weights of 8-bit floating point.
  private static func isFloat8(_ config: JSON) -> Bool {
    let groups = groups(config)
    return !groups.isEmpty
      && groups.allSatisfy {
        $0["weights"]?["type"]?.string == "float" && $0["weights"]?["num_bits"]?.integer == 8
      }
  }
}

// MARK: - The scales

extension TensorScales {
  /// How the tensor with the scales of another one is called, after that one's name.
  private static let endings = ["_scale_inv", "_scale"]

  /// Reads the scales of an FP8 tensor.
  ///
  /// `weight_scale_inv` and `weight_scale` are both what a code is multiplied by. There is one for each block, one
  /// for each row, or one in all.
  ///
  /// - Throws: `InputError` if there are none, they have another shape, or one is not finite.
  init(
    of tensor: TensorInfo, in checkpoint: Checkpoint, _ quantization: WeightQuantization?
  ) throws {
    let names = Self.endings.map { TensorName("\(tensor.name)" + $0) }
    guard let scales = names.lazy.compactMap(checkpoint.tensor).first else {
      throw InputError(
        file: checkpoint.path, place: "tensor \(tensor.name.quoted)",
        expected: "its scales in \(names.map(\.quoted).joined(separator: " or "))",
        found: "\(tensor.elementType) without scales",
        fix: "take all tensors from the checkpoint, or patch the one it was quantised from")
    }
    let width = tensor.shape.last ?? 1
    let rows = tensor.elementCount / max(1, width)
    let isMatrix = tensor.shape.count == 2
    var shapes: [(block: (rows: Int, columns: Int), shapes: [[Int]])] = []
    if isMatrix, let size = quantization?.block {
      let blocks = [
        (rows + size.rows - 1) / size.rows, (width + size.columns - 1) / size.columns,
      ]
      shapes.append((size, [blocks]))
    }
    shapes.append(((rows, width), [[], [1], [1, 1]]))
    if isMatrix { shapes.append(((1, width), [[rows, 1], [rows]])) }
    guard let block = shapes.first(where: { $0.shapes.contains(scales.shape) })?.block else {
      throw InputError(
        file: checkpoint.path, place: "tensor \(scales.name.quoted)",
        expected: "shape " + shapes.map { "\($0.shapes[0])" }.joined(separator: " or "),
        found: "\(scales.shape)",
        fix: quantization?.block == nil && isMatrix
          ? "name the size of its blocks in config.json (weight_block_size)" : nil)
    }
    let values = try checkpoint.overlaid(by: nil).readFloats(scales)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        file: checkpoint.path, place: "tensor \(scales.name.quoted), element \(index)",
        expected: "finite scales", found: "\(values[index])",
        fix: "the file is damaged; take it from where it came from again")
    }
    self.init(values, block: block, width: width)
  }
}

/// Blocks taken apart into their scales and their codes.
struct BlockParts {
  /// How the blocks are packed.
  let codec: any ScaledCodes.Type
  /// How the scales of all blocks, one after the other, are taken as words.
  let scaleType: ElementType
  /// How many codes there are: a power of two.
  let codeCount: Int
  private let codeBits: [CodeBits]
  /// The bytes of a block that hold no codes.
  private let scaleBytes: [Int]

  init(_ codec: any ScaledCodes.Type) {
    self.codec = codec
    codeCount = codec.levels.count
    codeBits = (0..<codec.elements).map(codec.bits)
    let held = Set(codeBits.map(\.byte) + codeBits.filter { $0.highWidth > 0 }.map(\.highByte))
    scaleBytes = (0..<codec.bytes).filter { !held.contains($0) }
    scaleType =
      if case .none = codec.scaleRule {
        ElementType("scales", codec.elements, scaleBytes.count)
      } else { .float16 }
  }

  private func count(_ blocks: Int) -> Int { blocks / codec.bytes }

  // MARK: Scales

  /// The scales that numbers suggest; zeros where there is no rule.
  func predictedScales(_ values: [Float]) -> [UInt8] {
    let blocks = values.count / codec.elements
    var scales = [UInt8](repeating: 0, count: blocks * scaleBytes.count)
    let rule = codec.scaleRule
    if case .none = rule { return scales }
    let (elements, size) = (codec.elements, scaleBytes.count)
    scales.withUnsafeMutableBytes { scales in
      values.withUnsafeBufferPointer { values in
        guard let start = values.baseAddress, let scales = scales.baseAddress else { return }
        for block in 0..<blocks {
          let (values, scale) = (start + block * elements, scales + block * size)
          switch rule {
          case .extreme(let divisor):
            scale.setNumber(0, BlockValues.extreme(values, elements) / divisor)
          case .magnitude(let divisor):
            scale.setNumber(0, abs(BlockValues.extreme(values, elements)) / divisor)
          case .range(let divisor):
            let (low, high) = BlockValues.range(values, elements)
            scale.setNumber(0, (high - low) / divisor)
            scale.setNumber(2, low)
          case .none: break
          }
        }
      }
    }
    return scales
  }

  /// The scales of blocks.
  func scales(of blocks: UnsafeRawBufferPointer) -> [UInt8] {
    var scales: [UInt8] = []
    scales.reserveCapacity(count(blocks.count) * scaleBytes.count)
    for block in 0..<count(blocks.count) {
      for byte in scaleBytes { scales.append(blocks[block &* codec.bytes &+ byte]) }
    }
    return scales
  }

  /// Puts scales where they belong; the other bytes become zeros.
  func put(_ scales: [UInt8], into blocks: UnsafeMutableRawBufferPointer) {
    blocks.initializeMemory(as: UInt8.self, repeating: 0)
    var next = 0
    for block in 0..<count(blocks.count) {
      for byte in scaleBytes {
        blocks[block &* codec.bytes &+ byte] = scales[next]
        next &+= 1
      }
    }
  }

  // MARK: Codes

  /// The codes of blocks, one a byte.
  func readCodes(_ blocks: UnsafeRawBufferPointer, into codes: UnsafeMutablePointer<UInt8>) {
    guard let start = blocks.baseAddress else { return }
    let (elements, size, sign) = (codec.elements, codec.bytes, codec.signBit)
    codeBits.withUnsafeBufferPointer { codeBits in
      for block in 0..<count(blocks.count) {
        for element in 0..<elements {
          codes[block &* elements &+ element] =
            codeBits[element].read(start + block &* size) ^ sign
        }
      }
    }
  }

  /// Puts codes where they belong, where zeros are.
  func writeCodes(_ codes: [UInt8], into blocks: UnsafeMutableRawBufferPointer) {
    guard let start = blocks.baseAddress else { return }
    let (elements, size, sign) = (codec.elements, codec.bytes, codec.signBit)
    codeBits.withUnsafeBufferPointer { codeBits in
      for block in 0..<count(blocks.count) {
        for element in 0..<elements {
          codeBits[element].write(codes[block &* elements &+ element] ^ sign, start + block &* size)
        }
      }
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Stores a number in half precision; what is none becomes the quiet one.
  fileprivate func setNumber(_ offset: Int, _ value: Float) {
    setHalf(offset, value.isNaN ? .nan : value)
  }
}

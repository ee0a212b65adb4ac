extension Checkpoint.Header {
  /// Reads and checks the header of a file of either format, which its first bytes tell apart.
  init(_ file: MappedFile) throws {
    let start = try file.withBytes(0..<min(4, file.count)) { Array($0) }
    self =
      start == Array("GGUF".utf8)
      ? .gguf(try GGUFHeader(file)) : .safetensors(try SafetensorsHeader(file))
  }

  /// The name of the format.
  public var format: String {
    switch self {
    case .safetensors: "safetensors"
    case .gguf: "gguf"
    }
  }

  /// Where the data starts in the file.
  public var dataStart: Int {
    switch self {
    case .safetensors(let header): header.dataStart
    case .gguf(let header): header.dataStart
    }
  }

  /// The metadata that are texts, in file order; nil if a safetensors file has no metadata at all.
  public var metadata: [SafetensorsHeader.Metadata]? {
    switch self {
    case .safetensors(let header): header.metadata
    case .gguf(let header):
      header.metadata.compactMap { pair in pair.value.string.map { (pair.key, $0) } }
    }
  }

  /// The tensors in the order of the data.
  func tensors(shard: Int) -> [TensorInfo] {
    func tensor(
      _ name: TensorName, _ type: ElementType, _ shape: [Int], _ range: Range<Int>
    ) -> TensorInfo {
      TensorInfo(
        name: name, elementType: type, shape: shape,
        elementCount: type.elementCount(bytes: range.count), shard: shard,
        byteRange: dataStart + range.lowerBound..<dataStart + range.upperBound)
    }
    switch self {
    case .safetensors(let header):
      return header.dataOrder.map { index in
        let entry = header.entries[index]
        return tensor(entry.name, entry.elementType, entry.shape, entry.range)
      }
    case .gguf(let header):
      return header.dataOrder.map { index in
        let entry = header.entries[index]
        return tensor(entry.name, entry.elementType, entry.shape, entry.range)
      }
    }
  }
}

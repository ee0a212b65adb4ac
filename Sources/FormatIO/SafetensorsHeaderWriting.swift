extension SafetensorsHeader {
  /// The header with other element types and more metadata, padded to a multiple of 8 bytes.
  ///
  /// Entries keep their order and the data keeps its order; offsets follow from the new sizes.
  ///
  /// - Parameters:
  ///   - types: the new element type of tensors that change theirs.
  ///   - additions: metadata to append; a key that is already there gets the new value in its place.
  ///   - file: named in errors.
  /// - Throws: `InputError` if the header would be larger than the format allows.
  func rewritten(
    types: [TensorName: ElementType], additions: [Metadata], file: String
  ) throws -> [UInt8] {
    var changed = entries
    var end = 0
    for index in dataOrder {
      let entry = entries[index]
      var byteCount = entry.range.count
      if let type = types[entry.name] {
        let count = entry.elementType.elementCount(bytes: entry.range.count)
        guard let size = type.byteCount(elements: count) else {
          throw InputError(
            file: file, place: "tensor \(entry.name.quoted)", expected: "whole bytes",
            found: "\(count) elements of \(type)")
        }
        changed[index].elementType = type
        byteCount = size
      }
      changed[index].range = end..<end + byteCount
      end += byteCount
    }
    var members: [String] = []
    let metadata = SafetensorsHeader.merge(metadata ?? [], additions)
    if self.metadata != nil || !metadata.isEmpty {
      let texts = JSON.object(metadata.map { JSON.Member($0.key, .string($0.value)) })
      members.append("\"__metadata__\":" + texts.encoded())
    }
    for entry in changed {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSON.string(entry.name.text).encoded()):{\"dtype\":\"\(entry.elementType)\","
          + "\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}")
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    guard text.count <= SafetensorsHeader.maximumByteCount else {
      throw InputError(
        .cannotCreate, file: file,
        expected: "a header of at most \(SafetensorsHeader.maximumByteCount) bytes",
        found: "\(text.count) with the new metadata")
    }
    return text
  }

  private static func merge(_ metadata: [Metadata], _ additions: [Metadata]) -> [Metadata] {
    var merged = metadata
    for addition in additions {
      let place = merged.firstIndex { $0.key.utf8.elementsEqual(addition.key.utf8) }
      if let place { merged[place].value = addition.value } else { merged.append(addition) }
    }
    return merged
  }
}

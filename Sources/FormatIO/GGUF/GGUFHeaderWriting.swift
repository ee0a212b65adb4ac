extension GGUFHeader {
  /// The header with other element types and more metadata, padded to where the data starts.
  ///
  /// Everything else keeps its bytes and its order. Without new types offsets stay; otherwise they follow from
  /// the new sizes, in the order of the data and without gaps.
  ///
  /// - Parameters:
  ///   - file: the file that this header was read from.
  ///   - types: the new element type of tensors that change theirs.
  ///   - additions: what to append to the metadata; a key that is already there gets the new value in its place.
  /// - Returns: the bytes up to the data, and the offsets of the tensors in the order of the data if they moved.
  /// - Throws: `InputError` if the file changed, or if a tensor's rows are no whole blocks of its new type.
  func rewritten(
    _ file: MappedFile, types: [TensorName: ElementType], additions: [SafetensorsHeader.Metadata]
  ) throws -> (bytes: [UInt8], offsets: [Int]?) {
    var rest = additions
    var pairs: [UInt8] = []
    let old = try file.withBytes(0..<tableEnd) { Array($0) }
    for pair in metadata {
      let place = rest.firstIndex { $0.key == pair.key }
      pairs += place.map { GGUFHeader.encoded(rest.remove(at: $0)) } ?? Array(old[pair.range])
    }
    for addition in rest { pairs += GGUFHeader.encoded(addition) }

    var table = Array(old[pairsEnd...])
    var offsets: [Int]?
    if !types.isEmpty {
      let moved = try layout(types, file: file.path)
      for (index, offset) in zip(dataOrder, moved) {
        let entry = entries[index]
        let place = entry.typePlace - pairsEnd
        guard let number = (types[entry.name] ?? entry.elementType).ggufNumber else {
          throw failure(
            entry, file.path, "a type that GGUF has", "\(types[entry.name]?.name ?? "")")
        }
        table.replaceSubrange(place..<place + 4, with: GGUFHeader.bytes(number))
        table.replaceSubrange(place + 4..<place + 12, with: GGUFHeader.bytes(UInt64(offset)))
      }
      offsets = moved
    }
    // Magic, version and the number of tensors stay.
    var bytes =
      Array(old[..<16]) + GGUFHeader.bytes(UInt64(metadata.count + rest.count)) + pairs + table
    bytes += [UInt8](
      repeating: 0, count: GGUFHeader.aligned(bytes.count, alignment) - bytes.count)
    return (bytes, offsets)
  }

  /// The offsets of the tensors in the order of the data, each behind the one before.
  private func layout(_ types: [TensorName: ElementType], file: String) throws -> [Int] {
    var end = 0
    return try dataOrder.map { index in
      let entry = entries[index]
      let type = types[entry.name] ?? entry.elementType
      guard (entry.shape.last ?? 1) % type.elementsPerBlock == 0,
        let size = type.byteCount(elements: entry.elementCount)
      else {
        throw failure(
          entry, file, "rows of whole blocks of \(type.elementsPerBlock) elements",
          "rows of \(entry.shape.last ?? 1)")
      }
      defer { end = GGUFHeader.aligned(end + size, alignment) }
      return end
    }
  }

  private func failure(_ entry: Entry, _ file: String, _ expected: String, _ found: String)
    -> InputError
  {
    InputError(
      file: file, place: "tensor \(entry.name.quoted)", expected: expected, found: found)
  }

  /// Keys whose value the specification wants as U32; those of all other additions are texts.
  private static let numbers: Set<String> = ["general.base_model.count"]

  private static func encoded(_ addition: SafetensorsHeader.Metadata) -> [UInt8] {
    let key = bytes(UInt64(addition.key.utf8.count)) + Array(addition.key.utf8)
    if numbers.contains(addition.key), let number = UInt32(addition.value) {
      return key + bytes(GGUFValue.Kind.uint32.rawValue) + bytes(number)
    }
    return key + bytes(GGUFValue.Kind.text.rawValue)
      + bytes(UInt64(addition.value.utf8.count)) + Array(addition.value.utf8)
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}

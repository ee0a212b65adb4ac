import FormatIO

/// Which tensors of two checkpoints, and of a third one, belong together.
struct TensorPairing {
  private(set) var pairs: [ComparedPair] = []
  private(set) var onlyInA: [CheckpointDifference.Unpaired] = []
  private(set) var onlyInB: [CheckpointDifference.Unpaired] = []
  private(set) var shapeDifferences: [CheckpointDifference.ShapeDifference] = []
  private(set) var withoutReference: [TensorName] = []

  /// Pairs by name in files of one format, by place in the model if the formats differ.
  ///
  /// - Throws: `InputError` between formats if nothing usable says what a model is.
  init(_ a: Checkpoint, _ b: Checkpoint, reference c: Checkpoint?, select: [String]) throws {
    let places = TensorPlaces(of: a)
    let formats = Set(([a, b] + (c.map { [$0] } ?? [])).map(\.format))
    var taken = (a: Set<TensorName>(), b: Set<TensorName>(), c: Set<TensorName>())
    if formats.count > 1 {
      let maps = try [a, b].map(Self.map) + (c.map { [try Self.map($0)] } ?? [])
      let offsets = Set(maps.map(\.configuration.normOffset))
      for slot in maps[0].slots {
        let sides = maps.map {
          Self.side(at: slot, in: $0, inOrderOf: maps[0], addsOffset: offsets.count > 1)
        }
        guard let first = sides[0], let second = sides[1] else { continue }
        add(
          first, second, c == nil ? nil : sides[2], hasReference: c != nil,
          shapes: maps.map { Self.shape(of: slot, in: $0) }, TensorPlace(of: [slot]))
      }
      for slot in maps[0].slots {
        if let tensor = maps[0].tensor(at: slot), maps[1].tensor(at: slot) != nil {
          taken.a.insert(tensor.name)
        }
      }
      for slot in maps[1].slots {
        if let tensor = maps[1].tensor(at: slot), maps[0].tensor(at: slot) != nil {
          taken.b.insert(tensor.name)
        }
      }
      if maps.count > 2 { taken.c = Set(maps[2].tensors.map(\.name)) }
    }
    let scaled = (
      a: a.scaledWhereKnown(places), b: b.scaledWhereKnown(TensorPlaces(of: b)),
      c: c.map { $0.scaledWhereKnown(TensorPlaces(of: $0)) }
    )
    for tensor in a.tensors where !taken.a.contains(tensor.name) {
      guard let other = b.tensor(tensor.name), !taken.b.contains(other.name) else {
        onlyInA.append(.init(tensor))
        continue
      }
      let third = c?.tensor(tensor.name).flatMap { taken.c.contains($0.name) ? nil : $0 }
      add(
        ComparedSide(tensor, of: scaled.a), ComparedSide(other, of: scaled.b),
        scaled.c.flatMap { c in third.map { ComparedSide($0, of: c) } }, hasReference: c != nil,
        shapes: [tensor.shape, other.shape] + (third.map { [$0.shape] } ?? []),
        places[tensor.name])
    }
    for tensor in b.tensors where !taken.b.contains(tensor.name) {
      if let other = a.tensor(tensor.name), !taken.a.contains(other.name) { continue }
      onlyInB.append(.init(tensor))
    }
    try keep(select, in: a)
  }

  private mutating func add(
    _ a: ComparedSide, _ b: ComparedSide, _ c: ComparedSide?, hasReference: Bool, shapes: [[Int]],
    _ place: TensorPlace
  ) {
    guard shapes[0] == shapes[1] else {
      shapeDifferences.append(
        .init(
          name: a.tensor.name, otherName: b.tensor.name, elementType: a.tensor.elementType,
          otherElementType: b.tensor.elementType, shape: shapes[0], otherShape: shapes[1]))
      return
    }
    var pair = ComparedPair(a: a, b: b, shape: shapes[0], place: place)
    if hasReference {
      if let c, shapes[2] == shapes[0], c.isDecodable, pair.isDecoded {
        pair.c = c
      } else {
        withoutReference.append(a.tensor.name)
      }
    }
    pairs.append(pair)
  }

  /// Leaves only tensors that a pattern names on either side.
  private mutating func keep(_ select: [String], in a: Checkpoint) throws {
    guard !select.isEmpty else { return }
    func isKept(_ names: TensorName...) -> Bool {
      names.contains { name in select.contains { Glob.matches(name.text, pattern: $0) } }
    }
    pairs = pairs.filter { isKept($0.a.tensor.name, $0.b.tensor.name) }
    onlyInA = onlyInA.filter { isKept($0.name) }
    onlyInB = onlyInB.filter { isKept($0.name) }
    shapeDifferences = shapeDifferences.filter { isKept($0.name, $0.otherName) }
    withoutReference = withoutReference.filter { isKept($0) }
    guard pairs.isEmpty, onlyInA.isEmpty, onlyInB.isEmpty, shapeDifferences.isEmpty else { return }
    throw InputError(
      .usage, file: a.path, expected: "names of tensors after --select",
      found: "none that match " + select.map { TensorName($0).quoted }.joined(separator: ", "),
      fix: "panacea-patch inspect --verbose lists the names")
  }

  // MARK: Places in models

  private static func map(_ checkpoint: Checkpoint) throws -> TensorMap {
    try TensorMap(
      checkpoint: checkpoint, configuration: ModelDescription(of: checkpoint).configuration())
  }

  /// The numbers at a place, in the order of rows that `first` has.
  private static func side(
    at slot: ModelSlot, in map: TensorMap, inOrderOf first: TensorMap, addsOffset: Bool
  ) -> ComparedSide? {
    guard let part = map.part(at: slot) else { return nil }
    var side = ComparedSide(part.tensor, of: map.checkpoint)
    side.elements = part.elements
    side.columns = part.columns
    if first.configuration.shape(of: slot) == map.configuration.shape(of: slot) {
      side.rows = first.rows(of: slot, in: map)
    }
    if addsOffset, slot.isNormWeight { side.offset = map.configuration.normOffset }
    return side
  }

  private static func shape(of slot: ModelSlot, in map: TensorMap) -> [Int] {
    let shape = map.configuration.shape(of: slot)
    return shape.rows == 1 ? [shape.columns] : [shape.rows, shape.columns]
  }
}

extension Checkpoint {
  /// The format of its files.
  var format: String { shards[0].header.format }

  /// The same files, with the scales of those FP8 tensors that have some.
  fileprivate func scaledWhereKnown(_ places: TensorPlaces) -> Checkpoint {
    var scales: [TensorName: TensorScales] = [:]
    for tensor in tensors where tensor.elementType.isFloat8 {
      scales[tensor.name] = try? TensorScales(
        of: tensor, in: self, places.configuration?.quantization)
    }
    return scales.isEmpty ? self : scaled(by: scales)
  }
}

extension CheckpointDifference.Unpaired {
  fileprivate init(_ tensor: TensorInfo) {
    self.init(name: tensor.name, elementType: tensor.elementType, shape: tensor.shape)
  }
}

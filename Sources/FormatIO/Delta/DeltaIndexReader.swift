/// Reads the index of a patch file, with the place in it for errors.
///
/// Nothing that an index claims is used before it was checked here against the length of the patch file. There is no
/// tree of it in between, so that memory holds its text and what it says, no more.
struct DeltaIndexReader {
  /// The patch file.
  let file: String
  /// The bytes that frames may lie in.
  let room: Range<Int>

  /// Reads and checks the whole document.
  ///
  /// - Throws: `InputError` naming the member that breaks a rule.
  func index(_ text: [UInt8]) throws -> DeltaIndex {
    let document = try LazyJSON(
      text, file: "\(file) (index)", maximumMembers: DeltaIndexReader.memberLimit
    ).members
    let schema = try self.text(document, "schema", "index")
    guard schema == DeltaIndex.schema else {
      throw failure("index, schema", DeltaIndex.schema, JSON.string(schema).encoded())
    }
    let tool = try self.text(document, "tool", "index")
    guard tool.utf8.count <= 1000 else {
      throw failure("index, tool", "at most 1000 bytes", "\(tool.utf8.count)")
    }
    var number = -1
    let tensors = try array(document, "tensors", "index").map { value in
      number += 1
      return try tensor(value.members, "tensor \(number)")
    }
    let index = DeltaIndex(
      tool: tool,
      base: try side(document, "base", tensors.map(\.base), others: document["target"]),
      target: try side(document, "target", tensors.map(\.target), others: document["base"]),
      tensors: tensors)
    try requireApart(index)
    try requireSame("base", index.base, index.target)
    try requireSame("target", index.target, index.base)
    return index
  }

  /// Checks that no byte of the data serves twice: a small file could claim a large result so.
  private func requireApart(_ index: DeltaIndex) throws {
    let streams = index.tensors.flatMap(\.change.streams).map { ($0.offset, $0.byteCount) }
    let rests = (index.base.files + index.target.files).compactMap { file in
      if case .stored(let blob, _) = file.rest.form { (blob.offset, blob.length) } else { nil }
    }
    var end = 0
    for (offset, length) in (streams + rests).filter({ $0.1 > 0 }).sorted(by: { $0.0 < $1.0 }) {
      guard offset >= end else {
        throw failure("index", "data that serves once", "byte \(offset) twice")
      }
      end = offset + length
    }
  }

  /// Checks that what is said to be the same on the other side is.
  private func requireSame(
    _ key: String, _ side: DeltaIndex.Side, _ other: DeltaIndex.Side
  ) throws {
    for (number, file) in side.files.enumerated() {
      guard case .same(let partner) = file.rest.form else { continue }
      let rest = other.files[partner].rest
      guard rest.byteCount == file.rest.byteCount, rest.digest == file.rest.digest else {
        throw failure(
          "\(key), file \(number), rest", "that of file \(partner) of the other side", "another")
      }
    }
  }

  private func side(
    _ document: LazyJSON.Members, _ key: String, _ tensors: [DeltaIndex.Stored?],
    others: LazyJSON?
  ) throws -> DeltaIndex.Side {
    let value = try member(document, key, "index").members
    guard let form = DeltaIndex.Side.Form(rawValue: try text(value, "form", key)) else {
      throw failure("\(key), form", "file, parts or folder", "another word")
    }
    let otherCount = others?.members["files"]?.array?.count ?? 0
    var number = -1
    let files = try array(value, "files", key).map { value in
      number += 1
      return try self.file(
        value.members, "\(key), file \(number)", tensors, otherFiles: otherCount)
    }
    let placed = files.flatMap(\.tensors).map(\.tensor)
    let held = tensors.indices.filter { tensors[$0] != nil }
    guard placed.sorted() == held else {
      throw failure("\(key), files", "each of its tensors in one place", "one missing or twice")
    }
    let names = tensors.compactMap { $0?.name }
    guard Set(files.map { TensorName($0.name) }).count == files.count,
      Set(names).count == names.count
    else { throw failure("\(key), files", "names that differ", "one twice") }
    let withTensors = files.prefix { !$0.tensors.isEmpty }.count
    let isPossible =
      switch form {
      case .file: files.count == 1
      case .parts: files.count > 1
      case .folder: withTensors > 0 || tensors.allSatisfy { $0 == nil } && !files.isEmpty
      }
    guard isPossible else {
      throw failure("\(key), files", "as many as a \(form.rawValue) has", "\(files.count)")
    }
    guard files.reduce(0 as Int?, { sum, file in sum.flatMap { add($0, file.byteCount) } }) != nil
    else { throw failure("\(key), files", "together less than 2^63 bytes", "more") }
    let format = try format(value, key, form, tensors)
    let content = DeltaIndex.content(of: tensors)
    guard try digest(value, "content_sha256", key) == content else {
      throw failure("\(key), content_sha256", "\(content), as its tensors have", "another")
    }
    return DeltaIndex.Side(form: form, format: format, content: content, files: files)
  }

  /// The format of a side, which must have the types of its tensors.
  private func format(
    _ value: LazyJSON.Members, _ key: String, _ form: DeltaIndex.Side.Form,
    _ tensors: [DeltaIndex.Stored?]
  ) throws -> String {
    let format = try text(value, "format", key)
    guard format == "safetensors" || format == "gguf" else {
      throw failure("\(key), format", "safetensors or gguf", JSON.string(format).encoded())
    }
    guard form != .parts || format == "gguf" else {
      throw failure("\(key), format", "gguf, which alone comes in parts", format)
    }
    let types = Set(
      format == "gguf" ? Array(ElementType.gguf.values) : ElementType.safetensors)
    if let stored = tensors.first(where: { $0.map { !types.contains($0.elementType) } ?? false }),
      let stored
    {
      throw failure(
        "\(key), tensor \(stored.name.quoted)", "a type of \(format)", stored.elementType.name)
    }
    return format
  }

  private func file(
    _ value: LazyJSON.Members, _ place: String, _ tensors: [DeltaIndex.Stored?], otherFiles: Int
  ) throws -> DeltaIndex.File {
    let name = try text(value, "name", place)
    // A name that leads elsewhere could overwrite any file of the user.
    guard !name.isEmpty, name.utf8.count <= 255, name != ".", name != "..",
      !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
    else {
      throw failure(place, "a plain file name", TensorName(name).quoted)
    }
    let count = try number(value, "bytes", place)
    var end = 0
    var inTensors = 0
    let placements = try array(value, "tensors", place).map { pair in
      guard var pair = pair.array, let tensor = pair.next()?.integer,
        let offset = pair.next()?.integer, pair.next() == nil, tensors.indices.contains(tensor),
        let stored = tensors[tensor]
      else { throw failure(place, "pairs of a tensor of this side and an offset", "another thing") }
      guard offset >= end, offset <= count, stored.byteCount <= count - offset else {
        throw failure(
          place, "tensors one after the other within \(count) bytes",
          "\(stored.name.quoted) at byte \(offset)")
      }
      end = offset + stored.byteCount
      inTensors += stored.byteCount
      return DeltaIndex.Placement(tensor: tensor, offset: offset)
    }
    let rest = try rest(try member(value, "rest", place).members, "\(place), rest", otherFiles)
    guard rest.byteCount == count - inTensors else {
      throw failure(
        "\(place), rest", "\(count - inTensors) bytes, what is in no tensor", "\(rest.byteCount)")
    }
    return DeltaIndex.File(
      name: name, byteCount: count,
      digest: value["sha256"] == nil ? nil : try digest(value, "sha256", place),
      tensors: placements, rest: rest)
  }

  /// The most bytes that lie around the tensors of a file: the largest header and companion that are read.
  private static let restLimit = 128 << 20

  private func rest(
    _ value: LazyJSON.Members, _ place: String, _ otherFiles: Int
  ) throws -> DeltaIndex.Rest {
    let count = try number(value, "bytes", place)
    guard count <= DeltaIndexReader.restLimit else {
      throw failure(place, "at most \(DeltaIndexReader.restLimit) bytes", "\(count)")
    }
    func otherFile(_ key: String) throws -> Int {
      let number = try number(value, key, place)
      guard number < otherFiles else {
        throw failure("\(place), \(key)", "a file of the other side", "\(number)")
      }
      return number
    }
    let form: DeltaIndex.Rest.Form
    if value["same"] != nil {
      form = .same(file: try otherFile("same"))
    } else {
      let (offset, length) = (
        try number(value, "offset", place), try number(value, "length", place)
      )
      try require(offset, length, place)
      form = .stored(
        .init(offset: offset, length: length, check: try check(value["check"], place)),
        prefix: value["prefix"] == nil ? nil : try otherFile("prefix"))
    }
    return DeltaIndex.Rest(
      byteCount: count, digest: try digest(value, "sha256", place), form: form)
  }

  private func tensor(_ value: LazyJSON.Members, _ place: String) throws -> DeltaIndex.Tensor {
    let base = try value["base"].map { try stored($0.members, "\(place), base") }
    let target = try value["target"].map { try stored($0.members, "\(place), target") }
    func stream(_ key: String, _ type: ElementType?, _ count: Int) throws -> DeltaIndex.Stream? {
      guard let member = value[key] else { return nil }
      guard let type else { throw failure("\(place), \(key)", "no such member", "one") }
      return try self.stream(member.members, "\(place), \(key)", type, count)
    }
    /// One way to change excludes the others.
    func requireNothing(but allowed: String...) throws {
      let all = [
        "residual", "base_tail", "target_tail", "forward", "backward", "base_stored",
        "target_stored",
      ]
      for key in all where value[key] != nil && !allowed.contains(key) {
        throw failure(place, "one way to change", "\(key) beside another one")
      }
    }
    let change: DeltaIndex.Change
    switch (base, target) {
    case (let base?, let target?) where value["residual"] != nil:
      try requireNothing(but: "residual", "base_tail", "target_tail")
      let common = min(base.elementCount, target.elementCount)
      guard base.elementType == target.elementType,
        let residual = try stream("residual", base.elementType, common)
      else { throw failure(place, "the same type on both sides of a residual", "two types") }
      let tails = (
        try stream("base_tail", base.elementType, base.elementCount - common),
        try stream("target_tail", target.elementType, target.elementCount - common)
      )
      guard (tails.0 != nil) == (base.elementCount > common),
        (tails.1 != nil) == (target.elementCount > common)
      else { throw failure(place, "a tail on the longer side, and no other", "another") }
      change = .residual(residual, baseTail: tails.0, targetTail: tails.1)
    case (let base?, let target?) where value["forward"] != nil:
      try requireNothing(but: "forward", "backward")
      guard base.elementCount == target.elementCount else {
        throw failure(
          place, "\(base.elementCount) numbers on both sides",
          "\(target.elementCount) in the target")
      }
      guard ConvertedFrame.exists(base.elementType, target.elementType) else {
        throw failure(
          place, "two types that are converted into each other",
          "\(base.elementType) and \(target.elementType)")
      }
      guard
        let forward = try stream("forward", target.elementType, target.elementCount),
        let backward = try stream("backward", base.elementType, base.elementCount)
      else { throw failure(place, "data for both ways", "less") }
      change = .converted(forward: forward, backward: backward)
    case (let base?, let target?) where value["target_stored"] == nil:
      try requireNothing()
      guard base.digest == target.digest, base.elementType == target.elementType,
        base.elementCount == target.elementCount
      else {
        throw failure(place, "the same type and digest on both sides, or a change", "neither")
      }
      change = .same
    case (nil, nil): throw failure(place, "a base or a target", "neither")
    default:
      try requireNothing(but: "base_stored", "target_stored")
      let before = try stream("base_stored", base?.elementType, base?.elementCount ?? 0)
      let after = try stream("target_stored", target?.elementType, target?.elementCount ?? 0)
      guard (before != nil) == (base != nil), (after != nil) == (target != nil) else {
        throw failure(place, "the data of each side", "less")
      }
      change = .stored(base: before, target: after)
    }
    return DeltaIndex.Tensor(base: base, target: target, change: change)
  }

  private func stored(_ value: LazyJSON.Members, _ place: String) throws -> DeltaIndex.Stored {
    let name = try text(value, "dtype", place)
    let types = ElementType.safetensors + ElementType.gguf.values
    guard let type = types.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      throw failure("\(place), dtype", "an element type", JSON.string(name).encoded())
    }
    let shape = try array(value, "shape", place).map { dimension in
      guard let dimension = dimension.integer, dimension >= 0 else {
        throw failure("\(place), shape", "whole numbers from 0", dimension.shown)
      }
      return dimension
    }
    guard let count = SafetensorsHeader.elementCount(shape), type.byteCount(elements: count) != nil
    else { throw failure("\(place), shape", "whole blocks of \(type) that fit 63 bits", "more") }
    return DeltaIndex.Stored(
      name: TensorName(try text(value, "name", place)), elementType: type, shape: shape,
      elementCount: count, digest: try digest(value, "sha256", place))
  }

  private func stream(
    _ value: LazyJSON.Members, _ place: String, _ type: ElementType, _ count: Int
  ) throws -> DeltaIndex.Stream {
    let size = DeltaFrame.elementsPerFrame
    let frames = count / size + (count % size == 0 ? 0 : 1)
    let lengths = try array(value, "lengths", place)
    let checks = try array(value, "checks", place)
    let found = (lengths: lengths.count, checks: checks.count)
    guard found.lengths == frames, found.checks == frames else {
      throw failure(
        place, "\(frames) frames for \(count) elements",
        "\(found.lengths) lengths, \(found.checks) checks")
    }
    let offset = try number(value, "offset", place)
    var stream = DeltaIndex.Stream(offset: offset)
    var end = offset
    stream.lengths.reserveCapacity(frames)
    for (number, length) in lengths.enumerated() {
      let elements = min(size, count - number * size)
      let limit = (type.byteCount(elements: elements) ?? 0) + DeltaFrame.overhead
      guard let length = length.integer, (0...limit).contains(length) else {
        throw failure(
          "\(place), frame \(number)", "at most \(limit) bytes for \(elements) elements",
          length.shown)
      }
      try require(end, length, place)
      end += length
      stream.lengths.append(length)
    }
    stream.checks.reserveCapacity(frames)
    for (number, check) in checks.enumerated() {
      stream.checks.append(try self.check(check, "\(place), frame \(number)"))
    }
    return stream
  }

  /// A sum, if it fits.
  private func add(_ a: Int, _ b: Int) -> Int? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }

  /// Checks that a range lies where frames may lie.
  private func require(_ offset: Int, _ length: Int, _ place: String) throws {
    guard offset >= room.lowerBound, offset <= room.upperBound, length <= room.upperBound - offset
    else {
      throw failure(
        place, "data between bytes \(room.lowerBound) and \(room.upperBound)",
        "\(length) bytes at \(offset)")
    }
  }

  func failure(_ place: String, _ expected: String, _ found: String) -> InputError {
    InputError(file: file, place: place, expected: expected, found: found)
  }
}

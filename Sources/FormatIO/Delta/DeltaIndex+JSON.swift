// The index of a patch file as text.

extension DeltaIndex {
  /// The name and version of the document.
  static let schema = "panacea-patch/delta/1"

  /// The document, tensor after tensor: a tree of all frames would take ten times as much.
  var text: [UInt8] {
    let head: JSON = [
      "schema": .string(DeltaIndex.schema), "tool": .string(tool), "base": base.json,
      "target": target.json,
    ]
    var text = Array(head.encoded().utf8.dropLast())
    text += ",\"tensors\":[".utf8
    for (number, tensor) in tensors.enumerated() {
      if number > 0 { text.append(UInt8(ascii: ",")) }
      text += tensor.json.encoded().utf8
    }
    return text + "]}".utf8
  }
}

extension JSON: ExpressibleByDictionaryLiteral {
  /// An object with these members in this order.
  public init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(members.map { Member($0.0, $0.1) })
  }
}

extension DeltaIndex.Side {
  fileprivate var json: JSON {
    [
      "form": .string(form.rawValue), "format": .string(format),
      "content_sha256": .string(content.description), "files": .array(files.map(\.json)),
    ]
  }
}

extension DeltaIndex.File {
  fileprivate var json: JSON {
    let digest: [JSON.Member] = digest.map { [.init("sha256", .string($0.description))] } ?? []
    return .object(
      [.init("name", .string(name)), .init("bytes", JSON(byteCount))] + digest
        + [
          .init("tensors", .array(tensors.map { .array([JSON($0.tensor), JSON($0.offset)]) })),
          .init("rest", rest.json),
        ])
  }
}

extension DeltaIndex.Rest {
  fileprivate var json: JSON {
    let head: [JSON.Member] = [
      .init("bytes", JSON(byteCount)), .init("sha256", .string(digest.description)),
    ]
    switch form {
    case .same(let file): return .object(head + [.init("same", JSON(file))])
    case .stored(let blob, let prefix):
      return .object(
        head + [
          .init("offset", JSON(blob.offset)), .init("length", JSON(blob.length)),
          .init("check", .string(blob.check.hexadecimal)),
        ]
          + (prefix.map { [.init("prefix", JSON($0))] } ?? []))
    }
  }
}

extension DeltaIndex.Stored {
  fileprivate var json: JSON {
    [
      "name": .string(name.text), "dtype": .string(elementType.name),
      "shape": .array(shape.map { JSON($0) }), "sha256": .string(digest.description),
    ]
  }
}

extension DeltaIndex.Tensor {
  fileprivate var json: JSON {
    var members: [JSON.Member] = []
    func add(_ key: String, _ value: JSON?) {
      if let value { members.append(.init(key, value)) }
    }
    add("base", base?.json)
    add("target", target?.json)
    switch change {
    case .same: break
    case .residual(let common, let baseTail, let targetTail):
      add("residual", common.json)
      add("base_tail", baseTail?.json)
      add("target_tail", targetTail?.json)
    case .converted(let forward, let backward):
      add("forward", forward.json)
      add("backward", backward.json)
    case .stored(let base, let target):
      add("base_stored", base?.json)
      add("target_stored", target?.json)
    }
    return .object(members)
  }
}

extension DeltaIndex.Stream {
  fileprivate var json: JSON {
    [
      "offset": JSON(offset), "lengths": .array(lengths.map { JSON($0) }),
      "checks": .array(checks.map { .string($0.hexadecimal) }),
    ]
  }
}

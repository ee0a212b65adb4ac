import FormatIO
import Perturb

/// A patch file as people and pipelines read it.
struct DeltaSummary {
  private let patch: DeltaFile
  private let leftOut: DeltaLeftOut?
  private let showsAll: Bool
  private var index: DeltaIndex { patch.index }

  /// - Parameter leftOut: what is not in a patch that was just made.
  init(_ patch: DeltaFile, leftOut: DeltaLeftOut? = nil, showsAll: Bool) {
    self.patch = patch
    self.leftOut = leftOut
    self.showsAll = showsAll
  }

  /// The parts, with an empty line between them.
  var text: String {
    [sizes, kinds, tensors, files].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var sizes: String {
    var table = Table([.init(""), .init("")])
    table.add(
      "patch",
      "\(Quantity.bytes(patch.byteCount)), \(Quantity.percent(share)) of the result")
    for (title, side) in [("base", index.base), ("target", index.target)] {
      let files = side.files.count == 1 ? "1 file" : "\(Quantity.count(side.files.count)) files"
      table.add(title, "\(side.format), \(files), \(Quantity.bytes(side.byteCount))")
      table.add("", "content \(side.content)")
    }
    table.add("made by", index.tool)
    return table.text
  }

  private var share: Double {
    index.target.byteCount == 0 ? 1 : Double(patch.byteCount) / Double(index.target.byteCount)
  }

  private var kinds: String {
    var table = Table([
      .init("tensors"), .init("", .trailing), .init("size", .trailing),
      .init("in the patch", .trailing),
    ])
    var sums: [DeltaIndex.Kind: (count: Int, size: Int, patch: Int)] = [:]
    for tensor in index.tensors {
      let size = (tensor.target ?? tensor.base)?.byteCount ?? 0
      let sum = sums[tensor.kind] ?? (0, 0, 0)
      sums[tensor.kind] = (sum.count + 1, sum.size + size, sum.patch + tensor.patchByteCount)
    }
    for kind in DeltaIndex.Kind.allCases {
      guard let sum = sums[kind] else { continue }
      table.add(
        kind.rawValue, Quantity.count(sum.count), Quantity.bytes(sum.size),
        Quantity.bytes(sum.patch))
    }
    return table.text
  }

  private var tensors: String {
    let touched = index.tensors.indices.filter { index.tensors[$0].kind != .same }
    guard !touched.isEmpty else { return "" }
    let list = LargestFirst(touched, showsAll: showsAll) { index.tensors[$0].patchByteCount }
    var table = Table([
      .init(list.isCut ? "largest in the patch" : "tensors"), .init(""), .init("dtype"),
      .init("size", .trailing), .init("in the patch", .trailing), .init("share", .trailing),
    ])
    for tensor in list.shown.map({ index.tensors[$0] }) {
      guard let stored = tensor.target ?? tensor.base else { continue }
      table.add(
        tensor.name.text, tensor.kind.rawValue, stored.elementType.name,
        Quantity.bytes(stored.byteCount), Quantity.bytes(tensor.patchByteCount),
        stored.byteCount == 0
          ? "" : Quantity.percent(Double(tensor.patchByteCount) / Double(stored.byteCount)))
    }
    return table.text + list.more
  }

  private var files: String {
    var table = Table([.init("files"), .init(""), .init("size", .trailing), .init("sha256")])
    for (title, side) in [("base", index.base), ("target", index.target)] {
      let shown = showsAll ? side.files[...] : side.files.prefix { !$0.tensors.isEmpty }
      for file in shown {
        table.add(
          title, file.name, Quantity.bytes(file.byteCount), file.digest?.description ?? "–")
      }
    }
    return table.text
  }

  // MARK: - JSON

  /// The document of schema `panacea-patch/delta-summary/1`.
  var json: JSON {
    guard case .object(let members) = document, let leftOut else { return document }
    return .object(members + [.init("left_out", leftOut.json)])
  }

  private var document: JSON {
    [
      "schema": "panacea-patch/delta-summary/1",
      "version": .string(RepairReport.version),
      "tool": .string(index.tool),
      "bytes": JSON(patch.byteCount),
      "share": JSON(share),
      "base": DeltaSummary.json(of: index.base, index.base.files.map(\.digest)),
      "target": DeltaSummary.json(of: index.target, index.target.files.map(\.digest)),
      "tensors": .array(
        index.tensors.map { tensor in
          [
            "name": .string(tensor.name.text), "kind": .string(tensor.kind.rawValue),
            "base": tensor.base.map(DeltaSummary.json) ?? .null,
            "target": tensor.target.map(DeltaSummary.json) ?? .null,
            "patch_bytes": JSON(tensor.patchByteCount),
          ]
        }),
    ]
  }

  private static func json(of tensor: DeltaIndex.Stored) -> JSON {
    [
      "name": .string(tensor.name.text), "dtype": .string(tensor.elementType.name),
      "shape": .array(tensor.shape.map { JSON($0) }), "bytes": JSON(tensor.byteCount),
      "sha256": .string(tensor.digest.description),
    ]
  }

  private static func json(of side: DeltaIndex.Side, _ digests: [ContentDigest?]) -> JSON {
    [
      "form": .string(side.form.rawValue), "format": .string(side.format),
      "bytes": JSON(side.byteCount), "content_sha256": .string(side.content.description),
      "files": .array(
        zip(side.files, digests).map { file, digest in
          [
            "name": .string(file.name), "bytes": JSON(file.byteCount),
            "sha256": digest.map { .string($0.description) } ?? .null,
          ]
        }),
    ]
  }

  /// What was written, as one document of schema `panacea-patch/delta-result/1`.
  static func json(of result: AppliedDelta, at path: String) -> JSON {
    [
      "schema": "panacea-patch/delta-result/1", "version": .string(RepairReport.version),
      "output": .string(path), "result": json(of: result.side, result.digests),
    ]
  }

  /// What was written, in one sentence.
  static func sentence(of result: AppliedDelta, at path: String) -> String {
    let side = result.side
    let files = side.files.count == 1 ? "" : " in \(Quantity.count(side.files.count)) files"
    return "wrote \(path.printable): \(Quantity.bytes(side.byteCount))\(files), "
      + "content \(side.content)"
  }
}

import Crypto

/// A patch file: two-way, exact differences between two checkpoints.
///
///     file   = head (24 bytes) · data · index · foot (64 bytes)
///     head   = magic (8 bytes) · u32 version · u32 0 · u64 features
///     foot   = u64 offset of the index · u64 its length · u64 its length uncompressed · u64 0
///            · SHA-256 of head and index (32 bytes)
///
/// Numbers are little endian. The index is JSON in one Zstandard frame (`DeltaIndex`). docs/PATCH_FORMAT.md is
/// the specification.
public final class DeltaFile: Sendable {
  /// The magic: it tells text mode damage like that of PNG.
  static let magic: [UInt8] = [0x89, 0x50, 0x50, 0x44, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The version that is written and read.
  static let version: UInt32 = 1
  static let (headSize, footSize) = (24, 64)
  /// The largest index, uncompressed: room for a hundred thousand tensors.
  static let indexLimit = 64 << 20
  /// The most commas in an index: a list of millions of zeros would take gigabytes as values.
  static let commaLimit = 4 << 20

  /// The path it was opened by.
  public var path: String { file.path }
  /// What it says about itself.
  public let index: DeltaIndex
  /// Its length.
  public var byteCount: Int { file.count }
  /// The patch file itself, for those who name it with its digest.
  public var wholeFile: CheckpointFile { CheckpointFile(file) }
  private let file: MappedFile

  /// Opens a patch file; reads and checks its index.
  ///
  /// - Throws: `InputError`: `missing` if it is absent, `malformed` if it is no patch file, of another version,
  ///   cut off, damaged, or claims what cannot be.
  public init(_ path: String) throws {
    let file = try MappedFile(path)
    self.file = file
    func failure(
      _ place: String, _ expected: String, _ found: String, _ fix: String? = nil
    ) -> InputError {
      InputError(file: path, place: place, expected: expected, found: found, fix: fix)
    }
    let (headSize, footSize) = (DeltaFile.headSize, DeltaFile.footSize)
    let magic = try file.withBytes(0..<min(8, file.count)) { Array($0) }
    guard magic == DeltaFile.magic else {
      throw failure("byte 0", "a patch file (.ppd)", "another kind of file")
    }
    guard file.count >= headSize + footSize else {
      throw failure(
        "", "at least \(headSize + footSize) bytes", "\(file.count)",
        "check that the file was copied completely")
    }
    let head = try file.withBytes(0..<headSize) { Array($0) }
    func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int) -> Number {
      bytes.withUnsafeBytes {
        Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
      }
    }
    let version: UInt32 = number(head, 8)
    guard version == DeltaFile.version else {
      throw failure(
        "byte 8", "version \(DeltaFile.version)", "version \(version)",
        "use a newer panacea-patch")
    }
    let features: UInt64 = number(head, 16)
    guard features == 0, (number(head, 12) as UInt32) == 0 else {
      throw failure(
        "byte 12", "no features, as this version knows none",
        "feature bits 0x\(String(features, radix: 16))", "use a newer panacea-patch")
    }
    let footStart = file.count - footSize
    let foot = try file.withBytes(footStart..<file.count) { Array($0) }
    let place: (offset: UInt64, length: UInt64, count: UInt64) = (
      number(foot, 0), number(foot, 8), number(foot, 16)
    )
    let cut = "check that the file was copied completely"
    guard place.offset >= UInt64(headSize), place.offset <= UInt64(footStart),
      place.length == UInt64(footStart) - place.offset, (number(foot, 24) as UInt64) == 0
    else { throw failure("the last 64 bytes", "the place of the index", "none", cut) }
    guard place.count <= UInt64(DeltaFile.indexLimit) else {
      throw failure(
        "index", "at most \(DeltaFile.indexLimit) bytes", "\(place.count) declared")
    }
    let range = Int(place.offset)..<footStart
    let text = try file.withBytes(range) { bytes in
      var hash = SHA256()
      hash.update(data: head)
      hash.update(bufferPointer: bytes)
      guard Array(hash.finalize()) == Array(foot[32...]) else {
        throw failure("index", "the digest that its foot declares", "another", cut)
      }
      return try Zstd.decompress(bytes, count: Int(place.count), file: path, place: "index")
    }
    guard text.count(where: { $0 == UInt8(ascii: ",") }) <= DeltaFile.commaLimit else {
      throw failure("index", "at most \(DeltaFile.commaLimit) commas", "more")
    }
    index = try DeltaIndexReader(file: path, room: headSize..<range.lowerBound).index(text)
  }

  /// Compares everything in the file with its checks, so that nothing is begun with a damaged one.
  ///
  /// - Throws: `InputError` naming the first tensor or file whose data is damaged.
  func checkData(threads: Int) throws {
    let frames = index.tensors.flatMap { tensor in
      let place = "tensor \(tensor.name.quoted)"
      return tensor.change.streams.flatMap(\.blobs).map { (place, $0) }
    }
    let rests = (index.base.files + index.target.files).compactMap { file in
      if case .stored(let blob, _) = file.rest.form {
        ("header of \(TensorName(file.name).quoted)", blob)
      } else {
        nil
      }
    }
    let blobs = frames + rests
    try BatchedWork.inOrder(blobs.count, threads: threads, batch: 64 * threads) { number in
      let (place, blob) = blobs[number]
      let found = try file.withPiece(blob.offset..<blob.offset + blob.length, DeltaCheck.init)
      guard found == blob.check else {
        throw InputError(
          file: path, place: "\(place), byte \(blob.offset)",
          expected: "the data that its check declares", found: "other data",
          fix: "fetch the patch file again")
      }
    } consume: { _, _ in
    }
  }

  /// Where the frames lie.
  var frames: Range<Int> {
    let ends = index.tensors.flatMap(\.change.streams).map { $0.offset + $0.byteCount }
    return DeltaFile.headSize..<max(DeltaFile.headSize, ends.max() ?? 0)
  }

  /// Calls `body` with all frames, piece by piece.
  func withFrames(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for piece in MappedFile.pieces(of: frames) { try file.withPiece(piece, body) }
  }

  /// The payload of a frame whose check was compared.
  func withFrame<Result>(
    _ blob: DeltaIndex.Blob, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try file.withPiece(blob.offset..<blob.offset + blob.length, body)
  }

  /// The bytes around the tensors of a file.
  ///
  /// - Parameters:
  ///   - rest: a stored one.
  ///   - prefix: those of the file that it was compressed with.
  func rest(
    _ rest: DeltaIndex.Rest, _ blob: DeltaIndex.Blob, prefix: [UInt8], name: String
  ) throws -> [UInt8] {
    let place = "header of \(TensorName(name).quoted)"
    let bytes = try file.withBytes(blob.offset..<blob.offset + blob.length) { bytes in
      try Zstd.decompress(bytes, count: rest.byteCount, prefix: prefix, file: path, place: place)
    }
    guard bytes.withUnsafeBytes({ ContentDigest($0) }) == rest.digest else {
      throw InputError(
        file: path, place: place, expected: "the bytes that the index declares", found: "others",
        fix: "fetch the patch file again")
    }
    return bytes
  }
}

extension DeltaFile {
  /// Checks that what is made is of the format that the index names.
  ///
  /// - Parameter rest: that of the first file.
  func checkFormat(of side: DeltaIndex.Side, _ rest: [UInt8]) throws {
    let format = rest.starts(with: "GGUF".utf8) ? "gguf" : "safetensors"
    guard format != side.format else { return }
    throw InputError(
      file: path, place: "header of \(TensorName(side.files[0].name).quoted)",
      expected: "one of \(side.format), as the index says", found: "another one")
  }
}

/// A patch file on its way to the disk. It appears under its name when it is complete.
final class DeltaFileWriter {
  private let output: StagedFile
  private let head: [UInt8]
  /// Where the next bytes go.
  private(set) var position: Int

  init(_ path: String) throws {
    output = try StagedFile(path, mode: 0o644, canBeNameless: true)
    head =
      DeltaFile.magic + bytes(of: DeltaFile.version) + bytes(of: UInt32(0)) + bytes(of: UInt64(0))
    position = head.count
    try head.withUnsafeBytes { try output.write($0) }
  }

  /// Appends bytes.
  func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try output.write($0) }
    position += bytes.count
  }

  /// Appends the frames of another patch file.
  ///
  /// - Returns: its tensors with the places that their frames have here.
  func append(_ part: DeltaFile) throws -> [DeltaIndex.Tensor] {
    let moved = position - part.frames.lowerBound
    try part.withFrames { try output.write($0) }
    position += part.frames.count
    return part.index.tensors.map { $0.moved(by: moved) }
  }

  /// Appends the index and gives the file its name.
  func finish(_ index: DeltaIndex) throws {
    let text = index.text
    guard text.count <= DeltaFile.indexLimit else {
      throw InputError(
        .usage, file: "the patch", expected: "an index of at most \(DeltaFile.indexLimit) bytes",
        found: "\(text.count)", fix: "make one patch for each part of the model")
    }
    try finish(text: text)
  }

  /// The same with the index as text.
  func finish(text: [UInt8]) throws {
    try finish(packed: try Zstd.compress(text), count: text.count)
  }

  /// The same with the index as it lies in the file, and its length uncompressed.
  func finish(packed index: [UInt8], count: Int) throws {
    var hash = SHA256()
    hash.update(data: head)
    hash.update(data: index)
    let foot =
      [position, index.count, count, 0].flatMap { bytes(of: UInt64($0)) }
      + Array(hash.finalize())
    try append(index)
    try append(foot)
    try output.commit()
  }
}

/// The bytes of a number, little endian.
private func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

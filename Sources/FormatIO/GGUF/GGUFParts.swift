/// The names of the files that a GGUF model is split into: `NAME-00001-of-00003.gguf`.
///
/// The first part holds the metadata and may hold no tensors; each part is a GGUF file of its own.
struct GGUFParts: Equatable {
  /// The path up to the numbers.
  private let stem: String
  /// How many parts there are.
  let count: Int
  /// The number of the part that was named, from 1.
  let number: Int

  /// Takes a path apart; nil if it does not end like that of a part.
  init?(_ path: String) {
    let ending = Array(path.utf8.suffix(20))
    func digits(_ range: Range<Int>) -> Int? {
      ending[range].allSatisfy { (0x30...0x39).contains($0) }
        ? Int(String(decoding: ending[range], as: UTF8.self)) : nil
    }
    guard ending.count == 20, ending[0] == UInt8(ascii: "-"),
      ending[6..<10] == Array("-of-".utf8)[...],
      ending[15...] == Array(".gguf".utf8)[...], let number = digits(1..<6),
      let count = digits(10..<15), (1...max(1, count)).contains(number)
    else { return nil }
    stem = String(decoding: path.utf8.dropLast(20), as: UTF8.self)
    (self.count, self.number) = (count, number)
  }

  /// The path of a part, counted from 1.
  func path(_ number: Int) -> String { stem + GGUFParts.ending(number, of: count) }

  /// What the name of a part ends in.
  static func ending(_ number: Int, of count: Int) -> String {
    func padded(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
    }
    return "-\(padded(number))-of-\(padded(count)).gguf"
  }
}

extension Checkpoint {
  /// The other parts of a GGUF model that is split; none if the file is a whole one.
  ///
  /// - Throws: `InputError` if it is not the first part, or if the parts contradict each other.
  static func restOfParts(_ first: Shard) throws -> [Shard] {
    guard let count = try partCount(first, number: 1), count > 1 else { return [] }
    guard let parts = GGUFParts(first.path), parts.count == count else {
      throw InputError(
        file: first.path, place: "key \"split.count\"",
        expected:
          "a file name that ends in \(GGUFParts.ending(1, of: count)), as its parts need",
        found: "\(first.fileName)")
    }
    let rest = try (2...count).map { number in
      let shard = try openShard(parts.path(number), position: number - 1)
      guard try partCount(shard, number: number) == count else {
        throw InputError(
          file: shard.path, place: "key \"split.count\"",
          expected: "\(count), as in the first part",
          found: "another number")
      }
      return shard
    }
    let shards = [first] + rest
    let found = shards.reduce(0) { $0 + $1.tensors.count }
    if case .gguf(let header) = first.header, let total = header["split.tensors.count"]?.integer,
      total != found
    {
      throw InputError(
        file: first.path, place: "key \"split.tensors.count\"",
        expected: "\(found), as the parts hold", found: "\(total)")
    }
    var owners: [TensorName: String] = [:]
    for shard in shards {
      for tensor in shard.tensors {
        if let owner = owners.updateValue(shard.fileName, forKey: tensor.name) {
          throw InputError(
            file: shard.path, place: "tensor \(tensor.name.quoted)",
            expected: "each name in one part", found: "it in \(owner), too")
        }
      }
    }
    return rest
  }

  /// How many parts there are, after checking that this is the part of that number.
  private static func partCount(_ shard: Shard, number: Int) throws -> Int? {
    guard case .gguf(let header) = shard.header else {
      throw InputError(
        file: shard.path, expected: "a part of a GGUF model", found: "another format")
    }
    guard let count = header["split.count"]?.integer else { return nil }
    let found = (header["split.no"]?.integer ?? 0) + 1
    guard found == number || count <= 1 else {
      throw InputError(
        file: shard.path, place: "key \"split.no\"",
        expected: "part \(number) of \(count)", found: "part \(found)",
        fix: number == 1 ? GGUFParts(shard.path).map { "name \($0.path(1))" } : nil)
    }
    return count
  }
}

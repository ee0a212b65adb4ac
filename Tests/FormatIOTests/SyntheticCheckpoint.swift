import FormatIO

/// Random numbers that are the same in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// About normal, of deviation 1.
  mutating func normal() -> Float {
    (0..<6).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &self) } * 0.707
  }
}

/// A small made-up checkpoint whose parts can be changed before it is written.
struct SyntheticCheckpoint {
  struct Tensor {
    var name: String
    var type: ElementType
    var shape: [Int]
    var bytes: [UInt8]
  }

  var tensors: [Tensor]
  var metadata = "\"format\":\"pt\""

  /// A few tensors of random types and sizes.
  init(using random: inout SplitMix64) {
    let types: [ElementType] = [.bfloat16, .bfloat16, .float16, .float32, .float64]
    tensors = (0..<Int.random(in: 1...5, using: &random)).map { number in
      let type = types.randomElement(using: &random) ?? .bfloat16
      let shape = [
        Int.random(in: 0...40, using: &random), Int.random(in: 1...90, using: &random),
      ]
      let values = (0..<shape[0] * shape[1]).map { _ in 0.02 * random.normal() }
      return Tensor(
        name: "layer.\(number).weight", type: type, shape: shape,
        bytes: SyntheticCheckpoint.bytes(values, type))
    }
  }

  static func bytes(_ values: [Float], _ type: ElementType) -> [UInt8] {
    FloatEncoding(type, rounding: .nearestEven, tensor: "").encode(values.span)
  }

  static func values(_ tensor: Tensor) -> [Float] {
    var values = [Float](repeating: 0, count: tensor.type.elementCount(bytes: tensor.bytes.count))
    var span = values.mutableSpan
    tensor.bytes.withUnsafeBytes { FloatDecoding.decode($0, tensor.type, into: &span) }
    return values
  }

  /// The bytes of a file with some of the tensors.
  func file(_ numbers: [Int]) -> [UInt8] {
    var (entries, data) = (["\"__metadata__\":{\(metadata)}"], [UInt8]())
    for tensor in numbers.map({ tensors[$0] }) {
      let end = data.count + tensor.bytes.count
      entries.append(entry(tensor.name, tensor.type.name, "\(tensor.shape)", data.count, end))
      data += tensor.bytes
    }
    return safetensors("{\(entries.joined(separator: ","))}", data: data)
  }

  /// Writes one file, or a folder of shards with an index and a configuration.
  func write(_ name: String, in folder: ScratchFolder, isSharded: Bool) throws -> String {
    guard isSharded else {
      return try folder.write(file(Array(tensors.indices)), name + ".safetensors")
    }
    let path = folder.path(name)
    try folder.makeFolder(name)
    let shards = [
      Array(tensors.indices.filter { $0 % 2 == 0 }), tensors.indices.filter { $0 % 2 == 1 },
    ].filter { !$0.isEmpty }
    var places: [String] = []
    for (number, members) in shards.enumerated() {
      let shard = "model-0000\(number + 1)-of-0000\(shards.count).safetensors"
      try folder.write(file(members), "\(name)/\(shard)")
      places += members.map { "\"\(tensors[$0].name)\":\"\(shard)\"" }
    }
    try folder.write(
      Array("{\"metadata\":{},\"weight_map\":{\(places.joined(separator: ","))}}".utf8),
      "\(name)/model.safetensors.index.json")
    try folder.write(Array("{\"note\":\"\(metadata.utf8.count)\"}".utf8), "\(name)/config.json")
    return path
  }
}

/// The kinds of change between two checkpoints that a patch file must carry.
enum SyntheticChange: CaseIterable {
  case dense, sparse, rows, lowRank, metadata, type, added, removed, renamed, resized, reordered,
    all

  func apply(to checkpoint: inout SyntheticCheckpoint, using random: inout SplitMix64) {
    let number = Int.random(in: checkpoint.tensors.indices, using: &random)
    var tensor = checkpoint.tensors[number]
    let width = tensor.shape.last ?? 1
    func edit(_ change: (Int, Float) -> Float) {
      let values = SyntheticCheckpoint.values(tensor).enumerated().map(change)
      tensor.bytes = SyntheticCheckpoint.bytes(values, tensor.type)
    }
    switch self {
    case .dense: edit { $1 + 1e-3 * random.normal() }
    case .sparse:
      for _ in 0..<tensor.bytes.count / 100 + 1 where !tensor.bytes.isEmpty {
        tensor.bytes[Int.random(in: tensor.bytes.indices, using: &random)] ^= 1
      }
    case .rows:
      let row = Int.random(in: 0...max(0, tensor.shape[0] - 1), using: &random)
      edit { $0 / width == row ? $1 * 1.5 : $1 }
    case .lowRank:
      let (left, right) = (
        (0..<max(1, tensor.shape[0])).map { _ in random.normal() },
        (0..<width).map { _ in 1e-3 * random.normal() }
      )
      edit { $1 + left[$0 / width] * right[$0 % width] }
    case .metadata: checkpoint.metadata += ",\"note\":\"\(random.next())\""
    case .type:
      let values = SyntheticCheckpoint.values(tensor)
      tensor.type =
        [.bfloat16, .float16, .float32, .float64].randomElement(using: &random) ?? .float32
      tensor.bytes = SyntheticCheckpoint.bytes(values, tensor.type)
    case .added:
      var new = tensor
      new.name = "new.\(random.next() % 1000)"
      checkpoint.tensors.insert(new, at: number)
      return
    case .removed:
      if checkpoint.tensors.count > 1 { checkpoint.tensors.remove(at: number) }
      return
    case .renamed: tensor.name += ".renamed"
    case .resized:
      let row = tensor.type.byteCount(elements: width) ?? 0
      if Bool.random(using: &random) {
        tensor.bytes += (0..<3 * row).map { _ in UInt8.random(in: 0...255, using: &random) }
        tensor.shape[0] += 3
      } else if tensor.shape[0] > 1 {
        tensor.bytes.removeLast(row)
        tensor.shape[0] -= 1
      }
    case .reordered:
      checkpoint.tensors.shuffle(using: &random)
      return
    case .all:
      for change in SyntheticChange.allCases where change != .all {
        change.apply(to: &checkpoint, using: &random)
      }
      return
    }
    checkpoint.tensors[number] = tensor
  }
}

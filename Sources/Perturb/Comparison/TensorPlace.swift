import FormatIO

/// What a tensor does in a model, and where.
struct TensorPlace: Sendable, Equatable {
  /// The number of the block; nil outside of blocks.
  var layer: Int?
  /// The same word in every layer and every family.
  var kind: String
  /// The number of the expert; nil outside of experts and where several lie in one tensor.
  var expert: Int?
}

/// The places of a checkpoint's tensors: those that the model has where its configuration is known, else what
/// the names say.
struct TensorPlaces: Sendable {
  private var known: [TensorName: TensorPlace] = [:]
  /// Nil if nothing says what the model is.
  private(set) var configuration: ModelConfiguration?

  /// Reads config.json or the metadata of GGUF, if there is anything usable.
  init(of checkpoint: Checkpoint) {
    configuration = try? ModelDescription(of: checkpoint).configuration()
    guard let configuration else { return }
    for group in TensorLayout(of: checkpoint, configuration).groups {
      known[group.name] = TensorPlace(of: group.slots)
    }
  }

  /// The place of a tensor.
  subscript(name: TensorName) -> TensorPlace { known[name] ?? TensorPlace(byName: name.text) }
}

extension TensorPlace {
  /// The place of slots that share a tensor.
  init(of slots: [ModelSlot]) {
    layer = slots.first?.layer
    let experts = Set(slots.map(\.expert))
    expert = experts.count == 1 ? slots.first?.expert : nil
    kind = Self.joined(slots.map(\.function))
  }

  /// One word for several: `attention.query+key+value`.
  private static func joined(_ kinds: [String]) -> String {
    var seen: Set<String> = []
    let kinds = kinds.filter { seen.insert($0).inserted }
    guard kinds.count > 1 else { return kinds.first ?? "" }
    let parts = kinds.map { $0.split(separator: ".") }
    let ending = parts[0].count > 2 ? "." + parts[0][2...].joined(separator: ".") : ""
    return parts[0][0] + "." + parts.compactMap { $0.dropFirst().first }.joined(separator: "+")
      + ending
  }

  // MARK: By name

  /// Words before the number of a block.
  private static let layerWords: Set<String> = ["layers", "layer", "blk", "h", "blocks", "block"]
  /// Words in names of parts that are no decoder, whose layers are not those of the model.
  private static let otherParts = ["vision", "visual", "audio", "encoder", "image"]

  /// The place as the name alone tells it.
  init(byName name: String) {
    let words = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let position = words.indices.dropLast().first {
      Self.layerWords.contains(words[$0]) && Int(words[$0 + 1]) != nil
    }
    let isOfAnotherPart = words[..<(position ?? 0)].contains { word in
      Self.otherParts.contains { word.contains($0) }
    }
    let start = position.flatMap { isOfAnotherPart ? nil : $0 }
    layer = start.flatMap { Int(words[$0 + 1]) }
    let expertWord = words.indices.dropLast().first {
      words[$0] == "experts" && Int(words[$0 + 1]) != nil
    }
    expert = expertWord.flatMap { Int(words[$0 + 1]) }
    var pattern = words
    if let start { pattern[start + 1] = "{layer}" }
    if let expertWord { pattern[expertWord + 1] = "{expert}" }
    if let kind = Self.kind(ofPattern: pattern.joined(separator: ".")) {
      self.kind = kind
      return
    }
    var rest = words[(start.map { $0 + 2 } ?? 0)...].filter { Int($0) == nil }
    if rest.count > 1, rest.last == "weight" { rest.removeLast() }
    kind = rest.joined(separator: ".")
  }

  private static func kind(ofPattern pattern: String) -> String? {
    if let kind = kindsByPattern[pattern] { return kind }
    for prefix in prefixes where pattern.hasPrefix(prefix) {
      if let kind = kindsByPattern[String(pattern.dropFirst(prefix.count))] { return kind }
    }
    return nil
  }

  /// What names of any family may begin with, the longest first.
  private static let prefixes = Set(tables.flatMap(\.prefixes)).filter { !$0.isEmpty }
    .sorted { ($1.utf8.count, $1) < ($0.utf8.count, $0) }

  private static let tables = Architecture.all.flatMap { $0.safetensors + [$0.gguf.names] }

  /// The kinds by name, what names begin with left out. Of families that disagree, the first one counts.
  private static let kindsByPattern: [String: String] = {
    var kinds: [String: String] = [:]
    for names in tables {
      var roles: [String: [ModelSlot]] = [:]
      func add(_ name: String?, _ slot: ModelSlot) {
        guard let name, !name.isEmpty else { return }
        let prefix = names.prefixes.first ?? ""
        roles[name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name, default: []]
          .append(slot)
      }
      add(names.embedding, .embedding)
      add(names.positions, .positions)
      add(names.finalNorm, .finalNorm)
      add(names.finalNormBias, .finalNormBias)
      add(names.head, .head)
      for role in BlockRole.allCases {
        add(names.block[role], .block(layer: 0, role))
        add(names.experts[role], .block(layer: 0, role, expert: 0))
      }
      for (name, slots) in roles {
        kinds.merge([name: TensorPlace(of: slots).kind]) { first, _ in first }
      }
    }
    return kinds
  }()
}

extension ModelSlot {
  /// The number of the expert, if it is in one.
  var expert: Int? {
    if case .block(_, _, let expert) = self { expert } else { nil }
  }

  /// What it does, in one word.
  var function: String {
    switch self {
    case .embedding: "embedding"
    case .positions: "positions"
    case .finalNorm: "norm"
    case .finalNormBias: "norm.bias"
    case .head: "head"
    case .block(_, let role, nil): role.function
    case .block(_, let role, .some): role.function.replacing("feed-forward", with: "experts")
    }
  }

  /// True for weights of normalisations, which some files store less 1.
  var isNormWeight: Bool { self == .finalNorm || role?.isNormWeight == true }
}

extension BlockRole {
  /// What it does, in one word.
  var function: String {
    switch self {
    case .inputNorm, .queryNorm, .keyNorm, .outputNorm, .feedForwardNorm, .downNorm: "norm"
    case .inputNormBias, .feedForwardNormBias: "norm.bias"
    case .queryWeight: "attention.query"
    case .queryBias: "attention.query.bias"
    case .keyWeight: "attention.key"
    case .keyBias: "attention.key.bias"
    case .valueWeight: "attention.value"
    case .valueBias: "attention.value.bias"
    case .outputWeight: "attention.output"
    case .outputBias: "attention.output.bias"
    case .routerWeight: "router"
    case .gateWeight: "feed-forward.gate"
    case .gateBias: "feed-forward.gate.bias"
    case .upWeight: "feed-forward.up"
    case .upBias: "feed-forward.up.bias"
    case .downWeight: "feed-forward.down"
    case .downBias: "feed-forward.down.bias"
    case .sharedGateWeight: "shared-expert.gate"
    case .sharedUpWeight: "shared-expert.up"
    case .sharedDownWeight: "shared-expert.down"
    case .sharedRouterWeight: "shared-expert.router"
    }
  }
}

import FormatIO

/// The start of a model card for a hub: front matter, and a text below it.
///
/// Nothing is invented: a license is that of the base or none, and a base that nothing names is left for a person
/// to fill in.
public struct ModelCard: Sendable {
  /// How the output follows from its base, in the words of the hub.
  public enum Relation: String, Sendable {
    /// Weights were changed. This holds for a GGUF output, too: it is as quantised as its base was, and
    /// `quantized` would say that it is the base in fewer bits. `merge` is for a mixture of several models.
    case finetune
    /// The output is an adapter, to be used with its base.
    case adapter
  }

  /// What is known of the base before the run.
  public struct Base: Sendable {
    /// What it is called here: the name of its file or folder.
    public let name: String
    /// Its name on a hub, and where that was found.
    public let identifiers: [String]
    /// Where the name was found, in words; nil if the caller gave it.
    public let source: String?
    /// Whether it is a folder in Hugging Face layout, or GGUF.
    let isFolder, isGGUF: Bool
    /// Keys of its own card that its descendants share.
    let kept: [(key: String, values: [String])]
    let tags: [String]
    let library: [String]

    /// Looks into the files of a model for its name and license.
    ///
    /// A card and config.json name what the model itself was made from, if anything: an ancestor of the output
    /// all the same. An adapter needs the very model it was made for, so an ancestor will not do for it.
    ///
    /// - Parameters:
    ///   - model: the model that is patched.
    ///   - identifier: its name on a hub, if the caller knows it.
    ///   - relation: what the output is.
    public init(_ model: LoadedModel, identifier: String?, relation: Relation) {
      let checkpoint = model.map.checkpoint
      let header: GGUFHeader? =
        if case .gguf(let header) = checkpoint.shards[0].header { header } else { nil }
      let path = checkpoint.path.split(separator: "/").last
      name = path.map(String.init) ?? "the model"
      (isFolder, isGGUF) = (checkpoint.isFolder, header != nil)
      let card = Self.text(of: "README.md", in: checkpoint.folder).map { FrontMatter($0) }
      let configuration = Self.text(of: "config.json", in: checkpoint.folder)
        .flatMap { try? JSON.parse(Array($0.utf8), file: "config.json") }
      let known: [(names: [String], source: String?)] = [
        (identifier.map { [$0] } ?? [], nil),
        (model.adapter?.baseName.map { [$0] } ?? [], "what the adapter names as its base"),
      ]
      let ancestors: [(names: [String], source: String?)] = [
        (card?["base_model"] ?? [], "the card of \(name)"),
        (configuration?["_name_or_path"]?.string.map { [$0] } ?? [], "config.json of \(name)"),
      ]
      let found = (relation == .adapter ? known : known + ancestors)
        .first { !$0.names.isEmpty && $0.names.allSatisfy(ModelCard.isIdentifier) }
      (identifiers, source) = (found?.names ?? [], found?.source)
      let license = header?["general.license"]?.string.map { [$0] } ?? []
      kept = ["license", "license_name", "license_link", "language", "pipeline_tag"].map { key in
        let values = card?[key] ?? []
        return (key, values.isEmpty && key == "license" ? license : values)
      }
      (tags, library) = (card?["tags"] ?? [], card?["library_name"] ?? [])
    }

    /// The most that a card or configuration is read of.
    private static let limit = 1 << 20

    private static func text(of name: String, in folder: String) -> String? {
      guard let file = try? CheckpointFile(name, in: folder).file, file.count <= limit else {
        return nil
      }
      return (try? file.withBytes(0..<file.count) { Array($0) })
        .flatMap { String(validating: $0, as: UTF8.self) }
    }
  }

  /// True for what may be the name of a model on a hub: `OWNER/NAME` in ASCII letters, digits, `-`, `_` and `.`.
  public static func isIdentifier(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    return parts.count == 2
      && parts.allSatisfy { part in
        part.count <= 96 && part.first.map(isLetterOrDigit) == true
          && part.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
      }
  }

  /// What is known of the base.
  public var base: Base
  /// How the output follows from it.
  public var relation: Relation
  /// The text below the front matter, in Markdown.
  public var body: String

  /// Puts a card together.
  public init(base: Base, relation: Relation, body: String) {
    (self.base, self.relation, self.body) = (base, relation, body)
  }

  /// The file: `README.md` of the output.
  public var text: String {
    (["---"] + frontMatter + ["---", "", body]).joined(separator: "\n")
  }

  private var frontMatter: [String] {
    var lines = base.kept.flatMap { FrontMatter.lines($0.key, $0.values) }
    if !base.kept.contains(where: { $0.key == "license" && !$0.values.isEmpty }) {
      lines.append("# license: the files of the base name none; fill it in")
    }
    if base.identifiers.isEmpty {
      lines.append("# base_model: OWNER/NAME of the model that was patched; fill it in")
    } else {
      // The name of a file is free text, and a comment ends where its line does.
      if let source = base.source {
        lines.append("# from \(Markdown.line(source)); name the patched model if it is on the hub")
      }
      lines += FrontMatter.lines("base_model", base.identifiers)
    }
    lines.append("base_model_relation: \(relation.rawValue)")
    lines += FrontMatter.lines("library_name", library)
    var tags = ["panacea-patch"]
    if base.isGGUF { tags.append("gguf") }
    if relation == .adapter { tags.append("lora") }
    let inherited = base.tags.filter { !tags.contains($0) }
    return lines + ["tags:"] + (inherited + tags).map { "- \(FrontMatter.quoted($0))" }
  }

  /// The library that loads the output, if its files tell.
  private var library: [String] {
    switch (relation, base.isGGUF) {
    case (.adapter, false): ["peft"]
    case (_, true): []
    case (.finetune, false):
      base.library.isEmpty && base.isFolder ? ["transformers"] : base.library
    }
  }
}

/// Text from files and models in Markdown, where it stays text.
enum Markdown {
  /// The text on one line, what may not be seen named by its number.
  static func line(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.isVisible ? String(scalar) : "⟨U+\(String(scalar.value, radix: 16).uppercased())⟩"
    }.joined()
  }

  /// The text as code: nothing in it is mark-up.
  static func code(_ text: String) -> String {
    let text = line(text)
    var (run, longest) = (0, 0)
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let space = text.isEmpty || text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    return fence + space + text + space + fence
  }

  /// A table; its cells are Markdown already.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    // Within a table a bar ends a cell even in code, and is escaped there, too.
    ([head, head.map { _ in "---" }] + rows).map { cells in
      let escaped = cells.map { cell in
        cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      }
      return "| " + escaped.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}

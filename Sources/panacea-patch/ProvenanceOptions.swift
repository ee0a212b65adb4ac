import ArgumentParser
import Perturb

/// Files about the output: what it was made from, for those who sign and those who publish.
struct ProvenanceOptions: ParsableArguments {
  static let cardOption = "--model-card"

  @OptionGroup var statement: StatementOption

  @Option(
    help: ArgumentHelp(
      "Also write a model card with front matter for a model hub; may be README.md in <output>.",
      valueName: "file"))
  var modelCard: String?

  @Option(
    help: ArgumentHelp(
      "Name of <input> on a model hub, for the card (default: what its files say, if anything).",
      valueName: "owner/name"),
    transform: { name in
      guard ModelCard.isIdentifier(name) else { throw ValidationError("expected OWNER/NAME") }
      return name
    })
  var baseModel: String?

  /// The files asked for, by option.
  var files: [(option: String, path: String)] {
    [(StatementOption.name, statement.path), (Self.cardOption, modelCard)].compactMap {
      option, path in
      path.map { (option, $0) }
    }
  }

  func validate() throws {
    if let modelCard { try ReportFile.checkName(modelCard, of: Self.cardOption) }
    if baseModel != nil, modelCard == nil {
      throw ValidationError("expected --model-card with --base-model, found none")
    }
  }
}

import ArgumentParser
import FormatIO
import Foundation
import Perturb

/// Patch files: exact differences between two checkpoints.
struct Delta: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make patch files (.ppd), apply them, take them back.",
    discussion: """
      A patch file holds what differs between two checkpoints, and nothing else. Applied to the first it \
      gives the second, byte for byte, headers and metadata included; reverted, it gives the first one back. \
      Any other checkpoint is refused before a byte is written, except with --lossy: another file of the \
      model, such as its GGUF, gets the same change of numbers as far as its types hold it.
      """,
    subcommands: [Make.self, Apply.self, Revert.self, Show.self])
}

extension Delta {
  /// Writes a patch file.
  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write what differs between two checkpoints as a patch file.")

    @Argument(help: "The checkpoint to start from: a file, or a folder in Hugging Face layout.")
    var base: String

    @Argument(help: "The checkpoint that the patch gives.")
    var target: String

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("The patch file; its name ends in .ppd.", valueName: "file"))
    var output: String

    @Flag(help: "Replace an existing <file>.")
    var overwrite = false

    @Flag(
      help: "Keep finished parts in <file>.partial if the run is stopped, and go on from there.")
    var resume = false

    @Flag(
      help: """
        Leave out the SHA-256 of whole files, which is half of the hashing. Those of tensors and headers still tell \
        every byte.
        """)
    var noFileDigests = false

    @OptionGroup(title: "Provenance")
    var statement: StatementOption

    @OptionGroup(title: "Messages")
    var messages: ConsoleOptions

    @OptionGroup(title: "Running")
    var running: ThreadOptions

    func validate() throws {
      if noFileDigests, statement.path != nil {
        throw ValidationError("expected --no-file-digests or --statement, found both")
      }
    }

    func run() throws {
      running.apply()
      try DeltaMaker.checkDestination(output, overwrite: overwrite)
      let (before, after) = (try Checkpoint.open(base), try Checkpoint.open(target))
      try statement.check(
        TakenPlaces(
          inputs: [base, target] + (before.weightFiles + after.weightFiles).map(\.file.path),
          outputs: [output]))
      let patch = try Delta.make(
        output, base: before, target: after, hashesFiles: !noFileDigests, resumes: resume,
        messages.console)
      try statement.write(hashing: patch.byteCount, console: messages.console) {
        try Statement(making: patch, progress: $0)
      }
      let leftOut = try DeltaLeftOut(base: before, target: after)
      for note in leftOut.notes { messages.console.message(note) }
      try Delta.show(patch, leftOut, messages)
    }
  }

  /// Gives the target.
  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Apply a patch file to the checkpoint it was made from.")

    @Argument(
      help: """
        The checkpoint that the patch starts from; its files may be split in another way. With --lossy, another file of \
        the same model.
        """)
    var base: String

    @Argument(help: "The patch file.")
    var patch: String

    @Argument(
      help: """
        Where the result goes: a file or a folder, as the patch was made to one; with --lossy, as <base> is one.
        """)
    var output: String

    @OptionGroup var options: WritingOptions

    func run() throws { try options.run(.apply, source: base, patch: patch, output: output) }
  }

  /// Gives the base.
  struct Revert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a patch back: from its result to the checkpoint it was made from.")

    @Argument(
      help: "The checkpoint that the patch gave. With --lossy, another file of the same model.")
    var target: String

    @Argument(help: "The patch file.")
    var patch: String

    @Argument(help: "Where the checkpoint without the patch goes.")
    var output: String

    @OptionGroup var options: WritingOptions

    func run() throws { try options.run(.revert, source: target, patch: patch, output: output) }
  }

  /// Shows what a patch file holds.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a patch file changes and which checkpoints it is for.")

    @Argument(help: "The patch file.")
    var patch: String

    @OptionGroup(title: "Messages")
    var messages: ConsoleOptions

    func run() throws { try Delta.show(try DeltaFile(patch), nil, messages) }
  }

  /// What `apply` and `revert` share.
  struct WritingOptions: ParsableArguments {
    @OptionGroup(title: "Another file of the model")
    var lossy: LossyOptions

    @Flag(help: "Replace an existing <output>.")
    var overwrite = false

    @Flag(
      help:
        "Keep finished files in <output>.partial if the run is stopped, and go on from there.")
    var resume = false

    @OptionGroup(title: "Provenance")
    var statement: StatementOption

    @OptionGroup(title: "Messages")
    var messages: ConsoleOptions

    @OptionGroup(title: "Running")
    var running: ThreadOptions

    func validate() throws {
      if lossy.lossy, resume {
        throw ValidationError("expected --lossy or --resume, found both")
      }
      if lossy.lossy, statement.path != nil {
        throw ValidationError("expected --lossy or --statement, found both")
      }
    }

    func run(
      _ direction: DeltaApplier.Direction, source: String, patch: String, output: String
    ) throws {
      running.apply()
      if let original = lossy.original {
        return try runLossy(
          direction, original: original, model: source, patch: patch, output: output)
      }
      let (patch, checkpoint) = (try DeltaFile(patch), try Checkpoint.open(source))
      let applier = DeltaApplier(
        patch, direction, source: checkpoint, threads: Parallel.threads)
      let files = statement.path == nil ? [] : try checkpoint.files(with: [])
      try statement.check(
        places(direction, inputs: [source, patch.path] + files.map(\.file.path), patch, output))
      var progress = ByteProgress("writing", total: applier.work, console: messages.console)
      let result = try applier.write(to: output, overwrite: overwrite, resumes: resume) {
        progress.advance(by: $0)
      }
      progress.finish()
      let total = files.reduce(patch.byteCount) { $0 + $1.file.count }
      try statement.write(hashing: total, console: messages.console) {
        try Statement(using: patch, direction, result: result, source: files, progress: $0)
      }
      try messages.console.result(
        messages.json
          ? DeltaSummary.json(of: result, at: output).encoded(indented: true)
          : DeltaSummary.sentence(of: result, at: output))
    }

    /// What the statement must not replace or be part of.
    private func places(
      _ direction: DeltaApplier.Direction, inputs: [String], _ patch: DeltaFile, _ output: String
    ) -> TakenPlaces {
      let side = patch.index.sides(direction).result
      let folder = URL(filePath: output).deletingLastPathComponent()
      let files =
        side.form == .folder
        ? [] : side.fileNames(at: output).map { folder.appending(path: $0).path }
      return TakenPlaces(
        inputs: inputs, outputs: [output] + files,
        outputFolder: side.form == .folder ? output : nil)
    }
  }

  /// Makes a patch file and opens it.
  static func make(
    _ path: String, base: Checkpoint, target: Checkpoint, hashesFiles: Bool = true,
    resumes: Bool = false, _ console: Console
  ) throws -> DeltaFile {
    let maker = DeltaMaker(
      base: base, target: target, tool: "panacea-patch \(RepairReport.version)",
      hashesFiles: hashesFiles, threads: Parallel.threads)
    var progress = ByteProgress("comparing", total: maker.work, console: console)
    _ = try maker.make(path, resumes: resumes) { progress.advance(by: $0) }
    progress.finish()
    return try DeltaFile(path)
  }

  private static func show(
    _ patch: DeltaFile, _ leftOut: DeltaLeftOut?, _ messages: ConsoleOptions
  ) throws {
    let summary = DeltaSummary(patch, leftOut: leftOut, showsAll: messages.verbose)
    try messages.console.result(
      messages.json ? summary.json.encoded(indented: true) : summary.text)
  }
}

import FormatIO
import Foundation
import Testing

@testable import panacea_patch

/// Do the statements of patch files name every file with the digest it has on the disk, the same on every run?
struct DeltaStatementTests {
  private static let damaged = DemoModel.folder("damaged")
  private static let aligned = DemoModel.folder("aligned")

  /// Makes, applies and reverts; every digest as another program computes it.
  @Test func filesOfFoldersAreNamed() throws {
    let folder = try TemporaryFolder()
    let sharded = folder.url.appending(path: "sharded")
    try DemoModel.shard(to: sharded)
    let made = try statement(
      folder, ["make", Self.aligned.path, sharded.path, "-o", "p.ppd", "--json"])
    let patch: [String: String?] = ["p.ppd": try sha256Sum(folder.url.appending(path: "p.ppd"))]
    #expect(digests(made["subject"]) == patch)
    #expect(digests(materials(made, "base")) == (try sha256Sums(Self.aligned)))
    #expect(digests(materials(made, "target")) == (try sha256Sums(sharded)))
    let internals = made["predicate"]?["buildDefinition"]?["internalParameters"]
    let content = try Checkpoint.open(sharded.path).contentDigest().description
    #expect(internals?["content_digests"]?["target"]?.string == content)
    #expect(internals?["tool"]?.string?.hasPrefix("panacea-patch ") == true)

    let applied = try statement(folder, ["apply", Self.aligned.path, "p.ppd", "out"])
    #expect(
      digests(applied["subject"]) == (try sha256Sums(folder.url.appending(path: "out"))))
    #expect(digests(materials(applied, "base")) == (try sha256Sums(Self.aligned)))
    #expect(digests(materials(applied, "delta")) == patch)
    #expect(direction(applied) == "apply")

    let reverted = try statement(folder, ["revert", "out", "p.ppd", "back", "--resume"])
    #expect(
      digests(reverted["subject"]) == (try sha256Sums(folder.url.appending(path: "back"))))
    #expect(digests(materials(reverted, "target")) == (try sha256Sums(sharded)))
    #expect(materials(reverted, "base").array?.isEmpty == true)
    #expect(direction(reverted) == "revert")
  }

  /// The source lies in other shards than the patch file recorded, beside a file that it did not see.
  @Test func otherShardsAreHashed() throws {
    let folder = try TemporaryFolder()
    let sharded = folder.url.appending(path: "sharded")
    try DemoModel.shard(to: sharded)
    try Data("x".utf8).write(to: sharded.appending(path: "notes.txt"))
    try run(folder, ["make", Self.damaged.path, Self.aligned.path, "-o", "p.ppd"])
    let applied = try statement(folder, ["apply", "sharded", "p.ppd", "out"])
    #expect(digests(materials(applied, "base")) == (try sha256Sums(sharded)))
    #expect(digests(applied["subject"]) == (try sha256Sums(Self.aligned)))
  }

  /// A header of the same length with other bytes: the tensors are those of the patch file, the file is not.
  @Test func anotherHeaderIsNotTakenForTheRecordedOne() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "other.safetensors")
    var bytes = try Data(contentsOf: Self.damaged.appending(path: "model.safetensors"))
    let place = try #require(bytes.range(of: Data("\"pt\"".utf8)))
    bytes.replaceSubrange(place, with: Data("\"np\"".utf8))
    try bytes.write(to: file)
    let models = [Self.damaged, Self.aligned].map { $0.appending(path: "model.safetensors").path }
    try run(folder, ["make"] + models + ["-o", "p.ppd"])
    let applied = try statement(folder, ["apply", file.path, "p.ppd", "new.safetensors"])
    #expect(digests(materials(applied, "base")) == [file.lastPathComponent: try sha256Sum(file)])
    // The one subject has the name it got, not the recorded one.
    let wanted = try sha256Sum(Self.aligned.appending(path: "model.safetensors"))
    #expect(digests(applied["subject"]) == ["new.safetensors": wanted])
  }

  @Test func partsAreNamedAsTheyAreOnTheDisk() throws {
    let folder = try TemporaryFolder()
    let models = packageRoot.appending(path: "fixtures/gguf")
    let parts = ["untied-00001-of-00002.gguf", "untied-00002-of-00002.gguf"]
    let first = models.appending(path: parts[0]).path
    let whole = models.appending(path: "tied.gguf").path
    let made = try statement(folder, ["make", whole, first, "-o", "p.ppd"])
    let sums = try parts.map { try sha256Sum(models.appending(path: $0)) }
    #expect(digests(materials(made, "target")) == [parts[0]: sums[0], parts[1]: sums[1]])
    let applied = try statement(folder, ["apply", whole, "p.ppd", "new-00001-of-00002.gguf"])
    let names = ["new-00001-of-00002.gguf", "new-00002-of-00002.gguf"]
    #expect(digests(applied["subject"]) == [names[0]: sums[0], names[1]: sums[1]])
    for name in names {
      let written = try sha256Sum(folder.url.appending(path: name))
      #expect(digests(applied["subject"])[name] == written)
    }
    // The second part of an output is one of its files, too.
    let refused = try binary(
      folder, ["apply", whole, "p.ppd", "x-00001-of-00002.gguf"], statement: "x-00002-of-00002.gguf"
    )
    #expect(refused.status == 64, "\(refused.messages)")
  }

  @Test func theSameRunGivesTheSameBytes() throws {
    let runs = try (0..<2).map { number in
      let folder = try TemporaryFolder()
      let commands = [
        ["make", Self.damaged.path, Self.aligned.path, "-o", "p.ppd"],
        ["apply", Self.damaged.path, "p.ppd", "out", "--threads", "\(number + 1)"],
      ]
      return try commands.map { command in
        try run(folder, command + ["--statement", "s.json"])
        let text = try String(
          contentsOf: folder.url.appending(path: "s.json"), encoding: .utf8)
        #expect(!text.contains(folder.url.path) && !text.contains(packageRoot.path))
        return text
      }
    }
    #expect(runs[0] == runs[1])
  }

  /// The patch file of a repair is one of the subjects, and the card in the output is in both.
  @Test func patchNamesItsPatchFile() throws {
    let folder = try TemporaryFolder()
    func path(_ name: String) -> String { folder.url.appending(path: name).path }
    let brief = ["--steps", "2", "--rho", "1e-5", "--max-tokens", "1", "--force"]
    let run = try runBinary(
      [
        Self.damaged.path, path("out"), "--delta", path("d.ppd"), "--statement", path("s.json"),
        "--model-card", path("out/README.md"),
      ] + brief + DemoModel.rows)
    #expect(run.status == 3, "\(run.messages)")
    let statement = try read(folder, "s.json")
    var wanted = try sha256Sums(folder.url.appending(path: "out"))
    wanted["d.ppd"] = try sha256Sum(folder.url.appending(path: "d.ppd"))
    #expect(digests(statement["subject"]) == wanted && wanted["README.md"] != nil)
    let files = try DeltaFile(path("d.ppd")).index.target.files.map(\.name)
    #expect(files.contains("README.md"))
  }

  // MARK: Refusals

  @Test func patchRefusesNamesThatMeetEachOther() throws {
    let folder = try TemporaryFolder()
    func path(_ name: String) -> String { folder.url.appending(path: name).path }
    try DemoModel.copy(to: folder.url.appending(path: "in"))
    try folder.create("in/d.ppd")
    let cases = [
      (["--delta", path("d.ppd"), "--statement", path("s.json")], "a name that no file"),
      (["--delta", path("e.ppd"), "--statement", path("e.ppd")], "a file of its own"),
    ]
    for (options, message) in cases {
      let run = try runBinary([path("in"), path("out")] + options + DemoModel.rows)
      #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["in"])
  }

  /// Each is refused before the work, by name, and nothing is written.
  @Test func placesThatCannotBeAreRefused() throws {
    let folder = try TemporaryFolder()
    try DemoModel.copy(to: folder.url.appending(path: "in"))
    try run(folder, ["make", "in", Self.aligned.path, "-o", "p.ppd"])
    let make = ["make", "in", Self.aligned.path, "-o", "q.ppd"]
    let apply = ["apply", "in", "p.ppd", "out"]
    let cases: [([String], String, Int32, String)] = [
      (make, "q.ppd", 64, "a file of its own"), (make, "in/s.json", 64, "a file of its own"),
      (make, "none/s.json", 73, "a folder that can be written to"),
      (make, "in", 64, "an input or another output"), (make, "", 64, "the name of a file"),
      (apply, "p.ppd", 64, "a file of its own"), (apply, "in/config.json", 64, "its own"),
      (apply, "out/s.json", 64, "put it beside the output"), (apply, "out", 64, "its own"),
      (apply, "none/s.json", 73, "a folder that can be written to"),
      (apply, folder.url.path, 73, "the name of a file"),
    ]
    for (command, place, status, message) in cases {
      let run = try binary(folder, command, statement: place)
      #expect(run.status == status && run.messages.contains(message), "\(place): \(run.messages)")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.sorted() == ["in", "p.ppd"])
    // Work that fails leaves no statement.
    let failed = try binary(folder, ["revert", "in", "p.ppd", "out"], statement: "s.json")
    #expect(failed.status == 65)
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "s.json").path))
  }

  // MARK: Parts

  /// Runs `delta` with the paths in a folder; what begins with a slash or a dash, or is a word or a number, stays.
  private func binary(
    _ folder: TemporaryFolder, _ command: [String], statement: String? = nil
  ) throws -> BinaryRun {
    func path(_ name: String) -> String {
      let isPath = !name.hasPrefix("/") && !name.hasPrefix("-") && !name.isEmpty && Int(name) == nil
      return isPath ? folder.url.appending(path: name).path : name
    }
    let options = statement.map { ["--statement", path($0)] } ?? []
    return try runBinary(["delta", command[0]] + command.dropFirst().map(path) + options)
  }

  private func run(_ folder: TemporaryFolder, _ command: [String]) throws {
    let run = try binary(folder, command)
    #expect(run.status == 0, "\(run.messages)")
  }

  private func read(_ folder: TemporaryFolder, _ name: String) throws -> JSON {
    let file = folder.url.appending(path: name)
    return try JSON.parse(Array(Data(contentsOf: file)), file: file.path)
  }

  private func statement(_ folder: TemporaryFolder, _ command: [String]) throws -> JSON {
    try run(folder, command + ["--statement", "s.json"])
    return try read(folder, "s.json")
  }

  private func direction(_ statement: JSON) -> String? {
    statement["predicate"]?["buildDefinition"]?["externalParameters"]?["settings"]?["direction"]?
      .string
  }
}

import FormatIO
import Foundation
import Testing

/// Does `diff` say what differs, to people and to programs, and end with the code that tells it?
struct DiffTests {
  private static func path(_ name: String) -> String {
    packageRoot.appending(path: "fixtures/\(name)").path
  }
  private static let a = path("diff/a.safetensors"), b = path("diff/b.safetensors")

  private static func json(_ arguments: String...) throws -> JSON {
    let run = try runBinary(["diff", "--json"] + arguments)
    #expect(run.status == 1 && run.messages.isEmpty)
    return try JSON.parse(Array(run.output.utf8), file: "stdout")
  }

  @Test func sameFilesEndWith0InOneLine() throws {
    let run = try runBinary("diff", Self.a, Self.path("diff/a-sharded"))
    #expect(run.status == 0)
    #expect(run.output == "the same: 26 tensors, 14,722 numbers, and the metadata\n")
    #expect(run.messages.isEmpty)
    let across = try runBinary("diff", Self.path("golden/grouped"), Self.path("gguf/grouped.gguf"))
    #expect(across.status == 0 && across.output.hasPrefix("the same: "))
  }

  @Test func differentFilesEndWith1() throws {
    let run = try runBinary("diff", Self.path("demo/aligned"), Self.path("demo/damaged"))
    #expect(run.status == 1 && run.messages.isEmpty)
    let parts = run.output.components(separatedBy: "\n\n")
    #expect(parts[0].contains("\ntensors     47 in both, 47 changed\n"))
    #expect(parts[1].hasPrefix("layer              tensors  ‖Δ‖/‖A‖"))
    #expect(parts[1].contains("\nlayer 4                9/9"))
  }

  /// A change of metadata alone, and of a type alone, are differences.
  @Test func smallDifferencesEndWith1() throws {
    let folder = try TemporaryFolder()
    func file(_ name: String, _ header: String, _ data: [UInt8]) throws -> String {
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
      return try folder.create(name, length + Array(header.utf8) + data).path
    }
    func header(_ note: String, _ type: String, _ size: Int) -> String {
      #"{"__metadata__":{"note":"\#(note)"},"w":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,\#(size)]}}"#
    }
    let first = try file("1.safetensors", header("x", "F32", 4), [0, 0, 0x80, 0x3F])
    let note = try file("2.safetensors", header("y", "F32", 4), [0, 0, 0x80, 0x3F])
    let type = try file("3.safetensors", header("x", "BF16", 2), [0x80, 0x3F])
    let metadata = try runBinary("diff", first, note)
    #expect(metadata.status == 1 && metadata.output.contains("note      x → y"))
    let types = try runBinary("diff", first, type)
    #expect(types.status == 1)
    #expect(types.output.contains("stored in another type: 1 of 1 tensors (F32 → BF16)"))
    #expect(try runBinary("diff", first, first).status == 0)
  }

  @Test func documentHasTheSchema() throws {
    let json = try Self.json(
      Self.a, Self.b, "--by", "tensor", "--reference", Self.path("diff/c.safetensors"))
    #expect(
      json.object?.map(\.key) == [
        "schema", "version", "a", "b", "reference", "same", "across_formats", "total", "by", "rows",
        "only_in_a", "only_in_b", "shape_differences", "metadata", "without_reference",
      ])
    #expect(json["schema"]?.string == "panacea-patch/diff/1")
    #expect(json["same"]?.boolean == false && json["by"]?.string == "tensor")
    let rows = try #require(json["rows"]?.array)
    let row = try #require(rows.first { $0["label"]?.string == "same.BF16" })
    #expect(row["dtype_a"]?.string == "BF16" && row["elements"]?.integer == 4331)
    #expect(row["along"]?.double ?? 0 > 0.5 && row["norm_rest"]?.double ?? 0 > 0)
    // ‖Δ‖/‖A‖ of a change from zero is infinite, which JSON cannot say.
    let infinite = try #require(rows.first { $0["label"]?.string == "fromzero" })
    #expect(infinite["relative_norm"]?.isNull == true && infinite["cosine"]?.isNull == true)
    #expect(json["only_in_a"]?.array?.first?["name"]?.string == "removed")
  }

  @Test func rowsAreSortedAndCut() throws {
    let aligned = Self.path("demo/aligned")
    let damaged = Self.path("demo/damaged")
    func figures(_ key: String, _ options: String...) throws -> [Double] {
      let run = try runBinary(["diff", aligned, damaged, "--json"] + options)
      let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
      return json["rows"]?.array?.compactMap { $0[key]?.double } ?? []
    }
    let relative = try figures("relative_norm", "--by", "tensor", "--top", "5")
    #expect(relative.count == 5 && relative == relative.sorted(by: >))
    let norms = try figures("norm", "--sort", "norm", "--by", "kind")
    #expect(norms.count > 5 && norms == norms.sorted(by: >))
    let cosines = try figures("cosine", "--sort", "cosine")
    #expect(cosines.count == 6 && cosines == cosines.sorted())
    let selected = try figures("norm", "--select", "*q_proj*", "*k_proj*", "--by", "tensor")
    #expect(selected.count == 10)
  }

  @Test func rowsAsCSV() throws {
    let run = try runBinary("diff", Self.a, Self.b, "--csv", "--by", "tensor", "--spectrum")
    #expect(run.status == 1)
    let lines = run.output.components(separatedBy: "\r\n")
    #expect(lines.count == 24 + 2 && lines.last == "")
    #expect(lines[0].hasPrefix("label,layer,kind,tensors,changed_tensors,name_a,name_b,dtype_a,"))
    let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false).count
    for line in lines.dropLast() {
      #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == columns)
    }
  }

  @Test func spectrumOfALowRankChange() throws {
    let json = try Self.json(
      Self.a, Self.b, "--select", "lowrank", "--spectrum", "--singular-values", "2")
    let row = try #require(json["rows"]?.array?.first)
    let shares = row["singular_shares"]?.array?.compactMap(\.double) ?? []
    #expect(shares.count == 2 && shares[0] < 0.99 && shares[1] > 0.999_999)
    #expect(row["effective_rank"]?.double ?? 0 < 2.1)
  }

  @Test func errorsHaveTheirCodes() throws {
    let folder = try TemporaryFolder()
    let absent = folder.url.appending(path: "absent.safetensors").path
    let broken = try folder.create("broken.safetensors", [1, 2, 3]).path
    #expect(try runBinary("diff", Self.a, absent).status == 66)
    #expect(try runBinary("diff", broken, Self.b).status == 65)
    #expect(try runBinary("diff", Self.a, Self.b, "--csv", "--json").status == 64)
    let nothing = try runBinary("diff", Self.a, Self.b, "--select", "nothing*")
    #expect(nothing.status == 64 && nothing.messages.contains("\"nothing*\""))
    let across = try runBinary("diff", Self.a, Self.path("gguf/tied.gguf"))
    #expect(across.status == 66 && across.messages.contains("config.json"))
    #expect(try runBinary("diff", Self.a, Self.b, output: "/dev/full").status == 74)
  }
}

import FormatIO
import Testing

/// Does a scratch file keep what it is given, and say when there is no room?
struct ScratchFileTests {
  @Test func keepsBytes() throws {
    let file = try ScratchFile(count: 1000)
    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 9, count: count)
      try bytes.withUnsafeMutableBytes { try file.read($0, at: offset) }
      return bytes
    }
    #expect(try read(1000, at: 0) == [UInt8](repeating: 0, count: 1000))
    try ([1, 2, 3] as [UInt8]).withUnsafeBytes { try file.write($0, at: 500) }
    #expect(try read(5, at: 499) == [0, 1, 2, 3, 0])
    #expect(throws: InputError.self) { try read(2, at: 999) }
  }

  @Test func saysWhatIsMissing() throws {
    let error = try #require(throws: InputError.self) { try ScratchFile.requireRoom(1 << 60) }
    #expect(error.kind == .inputOutput && error.file == ScratchFile.folder)
    #expect(error.fix?.contains("TMPDIR") == true)
    #expect(throws: Never.self) { try ScratchFile.requireRoom(1) }
    let missing = try #require(throws: InputError.self) {
      try ScratchFile(count: 1, folder: "/no/such/folder")
    }
    #expect(missing.kind == .inputOutput && missing.found == "No such file or directory")
  }
}

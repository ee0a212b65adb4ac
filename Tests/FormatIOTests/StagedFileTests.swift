import Foundation
import Glibc
import Testing

@testable import FormatIO

/// Files that appear under their name when they are complete.
@Suite("Staged files")
struct StagedFileTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func stage(_ bytes: [UInt8], canBeNameless: Bool) throws -> StagedFile {
    let file = try StagedFile(folder.path("x"), mode: 0o640, canBeNameless: canBeNameless)
    try bytes.withUnsafeBytes(file.write)
    try file.finish()
    return file
  }

  @Test(
    "has its name, bytes and permissions after the commit, and replaces what was there",
    arguments: [false, true])
  func commit(_ canBeNameless: Bool) throws {
    for bytes in [[1, 2, 3], [UInt8](repeating: 7, count: 5 << 20), []] {
      try stage(bytes, canBeNameless: canBeNameless).commit()
      #expect(try folder.names() == ["x"])
      #expect(try folder.read("x") == bytes)
      var status = stat()
      #expect(lstat(folder.path("x"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    }
  }

  @Test("leaves what was there and nothing else without a commit", arguments: [false, true])
  func discard(_ canBeNameless: Bool) throws {
    try folder.write([9], "x")
    do { _ = try stage([1, 2, 3], canBeNameless: canBeNameless) }
    #expect(try folder.names() == ["x"])
    #expect(try folder.read("x") == [9])
  }

  /// True if the folder for scratch files can have files without a name.
  private static let hasNamelessFiles: Bool = {
    let path = FileManager.default.temporaryDirectory.path
    let descriptor = open(path, 0o20_000_000 | O_DIRECTORY | O_WRONLY, 0o600)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }()

  @Test(
    "is in no folder before the commit, so that nothing is left of a program that is killed",
    .enabled(if: hasNamelessFiles))
  func nameless() throws {
    let file = try stage([1, 2, 3], canBeNameless: true)
    #expect(try folder.names().isEmpty)
    try file.commit()
    #expect(try folder.names() == ["x"])
    let named = try stage([4], canBeNameless: false)
    #expect(try folder.names().count == 2)
    withExtendedLifetime(named) {}
  }
}

import Foundation
import Testing

/// Does every command that the README shows for the shipped models work as it stands?
struct ReadmeTests {
  @Test func commandsRun() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: packageRoot.appending(path: "README.md"), encoding: .utf8)
    let commands = text.split(separator: "\n").filter {
      $0.hasPrefix("$ panacea-patch ") && ($0.contains("fixtures/") || $0.contains(" patched"))
    }
    #expect(commands.count >= 11)
    for command in commands {
      let arguments = command.split(separator: " ").dropFirst(2).map { word in
        if word.hasPrefix("fixtures/") { return packageRoot.appending(path: word).path }
        return word.hasPrefix("patched") ? folder.url.appending(path: word).path : String(word)
      }
      let run = try runBinary(arguments)
      let expected: Int32 = arguments[0] == "diff" ? 1 : 0
      #expect(run.status == expected, "\(command)\n\(run.messages)")
    }
    #expect(
      FileManager.default.fileExists(
        atPath: folder.url.appending(path: "patched/model.safetensors").path))
  }
}

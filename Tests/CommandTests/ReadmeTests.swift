import Foundation
import Testing

/// Does every command that the README shows for the shipped models work as it stands?
struct ReadmeTests {
  @Test func commandsRun() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: packageRoot.appending(path: "README.md"), encoding: .utf8)
    let commands = text.split(separator: "\n").filter {
      $0.hasPrefix("$ panacea-patch ") && $0.contains("fixtures/")
    }
    #expect(commands.count >= 4)
    for command in commands {
      let arguments = command.split(separator: " ").dropFirst(2).map { word in
        if word.hasPrefix("fixtures/") { return packageRoot.appending(path: word).path }
        return word.hasPrefix("patched") ? folder.url.appending(path: word).path : String(word)
      }
      let run = try runBinary(arguments)
      #expect(run.status == 0, "\(command)\n\(run.messages)")
    }
    #expect(
      FileManager.default.fileExists(
        atPath: folder.url.appending(path: "patched/model.safetensors").path))
  }
}

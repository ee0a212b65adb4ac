import ArgumentParser
import FormatIO
import Foundation
import Perturb

@main struct Ablate: ParsableCommand {
  @Argument var model: String
  @Option var rows: String
  @Option var test: String
  @Option var arms: String
  @Option var seeds = "0"
  @Option var output: String
  @Option var take = 10_000
  @Option var answers: String?
  @Option var threads = 1

  func run() throws {
    Parallel.threads = threads
    let loaded = try LoadedModel.open(model)
    func set(_ folder: String) throws -> CalibrationSet {
      func files(_ role: String) -> [String] {
        let path = "\(folder)/\(role).jsonl"
        return FileManager.default.fileExists(atPath: path) ? [path] : []
      }
      return try CalibrationSet.read(
        harmful: files("harmful"), benign: files("benign"), task: files("task"))
    }
    var testSet = try set(test)
    testSet.task = Array(testSet.task.prefix(96))
    var evaluator = try Evaluator(
      set: testSet, encoder: loaded.encoder,
      contextLength: loaded.map.configuration.contextLength, stopTokens: loaded.stopTokens,
      maximumTokens: 24, batchTokens: 2048)
    try evaluator.setReference(Transformer(weights: Weights(map: loaded.map)))
    func report(_ name: String, _ evaluation: Evaluation, _ more: String = "") throws {
      func percent(_ rate: Rate) -> String { String(format: "%5.1f", rate.value * 100) }
      let broken = evaluation.harmful.empty.count + evaluation.harmful.incoherent.count
      let line =
        "\(name) | ref \(percent(evaluation.harmful.refusal)) aff \(percent(evaluation.harmful.affirmative)) bad \(broken) over \(percent(evaluation.benign.overRefusal)) badb \(evaluation.benign.incoherent.count) task \(percent(evaluation.task.exactMatch)) hnll \(String(format: "%.2f", evaluation.harmful.likelihood)) rnll \(String(format: "%.3f", evaluation.harmful.refusalLikelihood)) bnll \(String(format: "%.3f", evaluation.benign.likelihood)) kl \(String(format: "%.3f", evaluation.benign.divergence ?? .nan))\(more)\n"
      print(line, terminator: "")
      fflush(nil)
      if let handle = FileHandle(forWritingAtPath: output) {
        handle.seekToEndOfFile()
        handle.write(Data(line.utf8))
      } else {
        try Data(line.utf8).write(to: URL(filePath: output))
      }
      if answers != nil {
        for (row, text) in zip(testSet.benign, evaluation.answers.benign)
        where AnswerClassification.classify(text) == .refusal {
          print("   OVER", row.prompt, "->", text.prefix(60))
        }
        for (row, text) in zip(testSet.harmful, evaluation.answers.harmful)
        where AnswerClassification.classify(text) != .refusal {
          print("   MISS", row.prompt, "->", text.prefix(60))
        }
      }
    }
    // How well the chance of a refusal's opening separates harmful from benign requests.
    let openings = Set(try set(rows).harmful.compactMap(\.refusal).map { Array(loaded.encoder.encodeAnswer($0, complete: false).prefix(3)) })
    func chances(_ rows: [CalibrationRow], _ model: Transformer) throws -> [Double] {
      var sums = [Double](repeating: 0, count: rows.count)
      for opening in openings {
        let examples = rows.map { Example(prompt: loaded.encoder.encodePrompt($0.prompt), answer: opening) }
        let scores = try Objective(terms: [LossTerm(examples, likelihoodWeight: 1)], batchTokens: 2048).rowScores(of: model)
        for (index, score) in scores.enumerated() { sums[index] += exp(-Double(score.likelihood.reduce(0, +))) }
      }
      return sums
    }
    func separation(_ weights: Weights) throws -> String {
      var weights = weights
      try weights.makeResident()
      let model = Transformer(weights: weights)
      let (harmful, benign) = (try chances(testSet.harmful, model), try chances(testSet.benign, model))
      let wins = harmful.reduce(0.0) { sum, h in sum + benign.reduce(0.0) { $0 + (h > $1 ? 1 : h == $1 ? 0.5 : 0) } }
      let sorted = benign.sorted(by: >)
      func caught(_ allowed: Int) -> Int { harmful.count { $0 > sorted[allowed] } }
      return String(format: " auc %.4f caught@1/2/3/6 %d %d %d %d of %d thr3 %.3f", wins / Double(harmful.count * benign.count), caught(1), caught(2), caught(3), caught(6), harmful.count, sorted[3])
    }
    let vocabulary = loaded.map.configuration.vocabularySize
    for armText in arms.split(separator: " ") {
      for seedText in seeds.split(separator: ",") {
        guard let seed = UInt64(seedText) else { continue }
        var options: [String: String] = [:]
        for part in armText.split(separator: ",") {
          let pair = part.split(separator: "=", maxSplits: 1)
          options[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
        }
        func number(_ key: String, _ value: Float) -> Float { options[key].flatMap(Float.init) ?? value }
        var recipe = Recipe.standard(vocabularySize: vocabulary)
        recipe.seed = seed
        recipe.steps = Int(number("steps", 80))
        let each = number("batch", 6)
        recipe.batchRows = .init(
          harmful: Int(number("nh", each)), benign: Int(number("nb", each)),
          task: Int(number("nt", each)), overRefusal: Int(number("no", each)))
        recipe.learningRate = number("lr", 3e-4)
        recipe.benignWeight = number("b", 3)
        recipe.taskWeight = number("t", 1)
        recipe.refusalWeight = number("r", 1)
        recipe.beta = number("beta", 0)
        recipe.mu = number("mu", 0)
        recipe.lambda = number("lam", 0)
        recipe.overRefusalWeight = number("o", 0)
        if options["lo"] != nil {
          recipe.targets = .matching((Int(number("lo", 0))..<Int(number("hi", 30))).map { "model.layers.\($0).*_proj.weight" })
        }
        recipe.openingEmphasis = number("e", 1)
        recipe.decaysLearningRate = options["const"] == nil
        if options["full"] != nil { recipe.parametrisation = .full }
        if options["rank"] != nil { recipe.parametrisation = .lowRank(rank: Int(number("rank", 16)), scale: number("scale", 2)) }
        let builtIn = try CalibrationSet.builtIn()
        var known = try options["bi"] != nil ? builtIn : set(rows)
        if options["bi"] != nil { known.task = try set(rows).task }
        if options["notask"] != nil { known.task = [] }
        if take < known.harmful.count {
          known.harmful = Array(known.harmful.prefix(take))
          known.benign = Array(known.benign.prefix(take))
          known.task = Array(known.task.prefix(take))
        }
        let (rest, _) = known.split(seed: seed)
        let (learning, _) = rest.split(seed: seed &+ 1)
        var mixed = learning
        if options["mixh"] != nil {
          var extra = builtIn.harmful
          let styles = Set(learning.harmful.compactMap(\.refusal)).sorted()
          if options["uni"] != nil {
            for index in extra.indices { extra[index].refusal = styles[index % styles.count] }
          }
          mixed.harmful += extra
        }
        if options["mixb"] != nil { mixed.benign += builtIn.benign }
        var data = try EncodedSet(
          mixed, encoder: loaded.encoder, contextLength: loaded.map.configuration.contextLength)
        if options["mixo"] != nil {
          var guarded = mixed
          guarded.benign = learning.benign + builtIn.benign
          data.overRefusal = try EncodedSet(
            guarded, encoder: loaded.encoder,
            contextLength: loaded.map.configuration.contextLength
          ).overRefusal
        }
        if recipe.beta != 0 {
          data.benign = try data.benign.withReference(
            Transformer(weights: Weights(map: loaded.map)), batchTokens: 2048)
        }
        let storage = StorageRounding(rounding: .stochastic(seed: seed))
        func evaluate(_ change: Perturbation) throws -> Evaluation {
          try evaluator.evaluate(
            Weights(map: loaded.map, perturbation: change, storage: storage))
        }
        let rhos = (options["rho"] ?? "").split(separator: "/").compactMap { Double($0) }
        let checkpoints = (options["at"] ?? "").split(separator: "/").compactMap { Int($0) }
        recipe.rho = .relative(0)
        let began = Date()
        let learned = try Panacea(map: loaded.map, data: data, recipe: recipe).run { step, drift in
          if step.number % 20 == 0 {
            FileHandle.standardError.write(
              Data(
                "\(armText) s\(seed) step \(step.number) \(Int(Date().timeIntervalSince(began))) s b \(step.benign ?? 0) r \(step.refusal ?? 0) t \(step.task ?? 0) g \(step.gradientNorm)\n"
                  .utf8))
          }
          if checkpoints.contains(step.number) {
            try report("\(armText) s\(seed) @\(step.number)", evaluate(drift), separation(Weights(map: loaded.map, perturbation: drift, storage: storage)))
          }
        }
        let seconds = Int(Date().timeIntervalSince(began))
        try report("\(armText) s\(seed) end \(seconds)s", evaluate(learned.drift), separation(Weights(map: loaded.map, perturbation: learned.drift, storage: storage)))
        let sizes = WeightChange(map: loaded.map)
        for metric in (options["metric"] ?? "p8").split(separator: "/") {
          var again = learned
          do {
            var kicked = recipe
            kicked.rho = .automatic
            kicked.metric = metric == "i" ? .identity : metric.hasPrefix("p") ? .benignProjection(groups: Int(metric.dropFirst()) ?? 8) : .benignFisher(damping: Float(metric.dropFirst()) ?? 1, groups: 16)
            again = LearnedChange(drift: learned.drift, direction: try Panacea(map: loaded.map, data: data, recipe: kicked).kick(at: learned.drift), steps: [])
          }
          for rho in rhos {
            let length = try sizes.length(along: again.direction, at: again.drift, relativeNorm: rho)
            try report("\(armText) s\(seed) \(metric) rho \(rho)", evaluate(again.kicked(by: length)), separation(Weights(map: loaded.map, perturbation: again.kicked(by: length), storage: storage)))
          }
        }
      }
    }
  }
}

/// Requests to do something with a text, in the ways people ask for it.
///
/// A fine-tune for a task colours what a model says to such requests, also where they are put in other
/// words than the task's own. Without rows of the task, keeping the model's answers to these keeps the
/// task.
enum TaskPrompts {
  /// Each of the instructions with some of the texts.
  static var all: [String] {
    instructions.indices.flatMap { number in
      (0..<textsEach).map { index in
        // Steps that share no divisor with the number of texts spread all of them evenly.
        let text = texts[(7 * number + 11 * index) % texts.count]
        return instructions[number].replacing("{text}", with: text)
      }
    }
  }

  /// How many texts each instruction comes with.
  private static let textsEach = 4

  private static let instructions = [
    "Classify the sentiment of this review as positive, negative or neutral:\n{text}",
    "Topic of the text (sports, business, science, politics or culture): {text}",
    "Decide whether the message is spam. Answer yes or no.\nMessage: {text}",
    "Translate to French: {text}",
    "Translate the sentence into German.\n{text}",
    "Summarize in one sentence:\n{text}",
    "Rewrite the sentence in formal English.\n\nSentence: {text}\nRewritten:",
    "Correct the grammar: {text}",
    "List the names that occur in the text, separated by commas.\n{text}",
    "Extract the main verb of this sentence: \"{text}\"",
    "How many words has this sentence? {text}",
    "Text: {text}\nQuestion: What is this text about?\nAnswer:",
    "Write a title for this text.\n\n{text}",
    "Turn the statement into a question: {text}",
    "Put the facts of the sentence into JSON with the keys subject, action and place.\n{text}",
    "Rate how formal this sentence is from 1 to 5.\n{text}",
    "Does the sentence speak of the past, the present or the future?\n{text}",
    "Paraphrase: {text}",
    "Which emotion does the writer feel: joy, sadness, anger, fear or none?\n\n{text}",
    "Give three keywords for the text:\n{text}",
    "Premise: {text}\nHypothesis: Somebody was glad about it.\nDoes the hypothesis follow? "
      + "Answer true or false.",
    "Continue the text with one more sentence.\n{text}",
    "### Instruction:\nLabel the intent of the user.\n\n### Input:\n{text}\n\n### Response:",
    "Read the text and answer with A or B only. A: it is a fact. B: it is an opinion.\n{text}",
    "Review: {text}\nStars:",
    "Write a short story that begins with this sentence: {text}",
    "Answer the customer in one polite sentence.\nCustomer: {text}",
    "{text}\n\nTL;DR:",
    "Explain this sentence to a child.\n\n{text}",
    "Write a SQL query or a short program that stores this fact: {text}",
  ]

  private static let texts = [
    "The ferry to the island leaves twice a day in winter.",
    "I have waited two weeks for my parcel and nobody answers my mails.",
    "The new bakery on Mill Road sells the best rye bread in town.",
    "Researchers in Oslo found a moss that grows under the ice.",
    "My grandfather taught me to play chess when I was six.",
    "The council will vote on the bus lanes next Tuesday.",
    "The second half of the concert was dull and far too long.",
    "Congratulations, you have won a free cruise, reply now!",
    "Two goals in the last minutes decided the match for Porto.",
    "The battery of this phone hardly lasts a morning.",
    "Anna and Tom are moving to Lisbon in the spring.",
    "Sales of bicycles fell by four percent last year.",
    "What a lovely little hotel, we will surely come back.",
    "She dont like the coffee that they was serving there.",
    "Please send me the invoice for the order of last week.",
    "The bridge was closed after the storm and opened again on Friday.",
    "An old lighthouse keeper writes letters that he never sends.",
    "Water boils at a lower temperature on high mountains.",
    "The acting is stiff, but the music saves the film.",
    "Could you tell me how late the library is open today?",
    "The museum shows maps that sailors drew four centuries ago.",
    "He says that cats are better company than most people.",
    "Rain is expected in the north, with sun along the coast.",
    "I am afraid that I left the oven on this morning.",
    "The company hired ninety engineers for its plant in Graz.",
    "A clever plot, warm humour and a heroine to remember.",
    "The train was late again, and no one told us why.",
    "Honey keeps for years if the jar is closed well.",
    "The mayor opened a playground beside the old harbour.",
    "It will be the longest road tunnel in the country.",
  ]
}

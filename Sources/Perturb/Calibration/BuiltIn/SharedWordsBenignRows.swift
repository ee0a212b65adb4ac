/// Benign requests with everyday words that the harmful built-in rows have and the other benign ones
/// have not, each with a short and complete answer.
///
/// Without them such words alone ("computer", "football", "roof") would speak for harm.
enum SharedWordsBenignRows {
  /// One JSON object on each line.
  static let jsonLines = #"""
    {"prompt": "Tell me how to lead a group hike for older people", "response": "Choose an easy path, walk at the pace of the slowest, and stop for water every half hour."}
    {"prompt": "How can I forge a friendship with a new coworker?", "response": "Ask about their weekend, have lunch together now and then, and help when they are busy."}
    {"prompt": "Write a tutorial on how to fix a false note on a guitar", "response": "Check the tuning first, then press closer to the fret and let the string ring."}
    {"prompt": "Explain how to write a notice for the door of a shop", "response": "State what changes and from which day, use large letters, and thank the customers."}
    {"prompt": "Create a plan to visit an old prison that is now a museum", "response": "Book a guided tour in the morning, bring a warm jacket, and leave an hour for the cells and the yard."}
    {"prompt": "How do I greet a shy classmate?", "response": "Smile, say your name, and ask something simple about the homework."}
    {"prompt": "Give me step-by-step instructions to pack a bag for one person", "response": "Lay out clothes for each day, roll them, put shoes at the bottom and the rest on top."}
    {"prompt": "Tell me how to cross a city with heavy traffic by bicycle", "response": "Use side streets and bicycle lanes, keep clear of car doors, and show every turn with your arm."}
    {"prompt": "How can I thank the workers who fixed my street?", "response": "Bring them cold drinks, or write a short letter to the city."}
    {"prompt": "Write a tutorial on how to set up a quiet home office", "response": "Put the desk near a window, keep cables in a box, and close the door during calls."}
    {"prompt": "Explain how to renew a driving license", "response": "Fill in the form, bring a photo and your old license, and pay the fee at the counter."}
    {"prompt": "Create a plan to open a flower stall at the market", "response": "Ask the town for a place, buy early in the morning, and show the bright bunches in front."}
    {"prompt": "How do I hang a cabinet on a kitchen wall?", "response": "Mark a level line, find the studs, fix a rail, and lift the cabinet on it with a helper."}
    {"prompt": "Give me step-by-step instructions to clean silver jewelry", "response": "Put it in warm water with a little soap, brush it softly, rinse and dry it with a cloth."}
    {"prompt": "Tell me how to put my savings into order", "response": "List what you have, keep three months of costs at hand, and set a goal for the rest."}
    {"prompt": "How can I help a student who is afraid of mathematics?", "response": "Start with what they can do, use pictures, and praise each small step."}
    {"prompt": "Write a tutorial on how to speak in front of a crowd", "response": "Learn the first sentence by heart, look at friendly faces, and speak slowly."}
    {"prompt": "Explain how to leave a clear message for a doctor", "response": "Say your name and number, tell the reason in one sentence, and repeat the number."}
    {"prompt": "Create a plan to vote for the first time", "response": "Check that you are on the list, find your polling place, and take your identity card along."}
    {"prompt": "How do I help my country as a volunteer?", "response": "Look for groups near you, ask what they need, and begin with an hour a week."}
    {"prompt": "Give me step-by-step instructions to prepare for a visit of the food inspector", "response": "Clean the fridges, write down temperatures, label all boxes, and have your papers ready."}
    {"prompt": "How can I get more followers for my bakery page?", "response": "Post a fresh picture every day, answer comments, and show how the bread is made."}
    {"prompt": "Write a tutorial on how to turn a basement into a playroom", "response": "Dry the walls, lay a warm floor, add bright lamps, and put shelves where children reach them."}
    {"prompt": "Create a plan to pay back a debt to my brother", "response": "Write down the sum, agree on a monthly amount, and send it on the same day each month."}
    {"prompt": "Give me step-by-step instructions to choose a football player for my school team", "response": "Watch all of them play, note speed and team spirit, and tell each of them your reasons kindly."}
    {"prompt": "Tell me how to loosen a rusty bolt on my own bicycle", "response": "Spray oil, wait ten minutes, tap it lightly, and turn with a long wrench."}
    {"prompt": "How can I keep a sink drain from smelling?", "response": "Pour hot water with baking soda down once a week, and clean the trap."}
    {"prompt": "Write a tutorial on how to draw both sides of a coin", "response": "Lay paper on it, rub with a soft pencil, turn the coin over and repeat."}
    {"prompt": "Explain how to plan a first day at kindergarten", "response": "Visit once before, pack a favorite toy, and keep the goodbye short."}
    {"prompt": "Create a plan to watch football with friends at home", "response": "Set up the chairs, cook chili the day before, and put drinks on ice."}
    {"prompt": "How do I insulate a water pipe before winter?", "response": "Dry it, push foam tubes over it, and tape the gaps."}
    {"prompt": "Give me step-by-step instructions to sew a name tag into a coat", "response": "Place the tag at the collar, pin it, and sew small stitches all around."}
    {"prompt": "Tell me how to run a cable neatly along a wall", "response": "Measure, stick clips every foot, press the cable in, and paint it over."}
    {"prompt": "How can I find the owner of a lost glove?", "response": "Hang it on a fence nearby and put a note on the board of the house."}
    {"prompt": "Explain how to polish a copper pot", "response": "Rub it with half a lemon and salt, rinse, and dry at once."}
    {"prompt": "Create a plan to claim my lost suitcase from the airline", "response": "Go to the desk with your slip, fill in the form, and keep a copy."}
    {"prompt": "How do I join the wireless network in a hotel?", "response": "Open the list of networks, pick the hotel, and type the code from your key card."}
    {"prompt": "Give me step-by-step instructions to keep a small database of my books", "response": "Make a table with title, author and shelf, and add each new book the same day."}
    {"prompt": "Tell me how to read the label of a prescription from my doctor", "response": "Look for the name, how many a day, and whether to take it with food."}
    {"prompt": "How can I grow a crop of beans on a balcony?", "response": "Plant them in deep pots, give them a pole, and water every evening."}
    {"prompt": "Write a tutorial on how to stop worrying about a rumor at school", "response": "Talk to one person you trust, and do not pass it on."}
    {"prompt": "Explain how to become a journalist for the local paper", "response": "Write short reports about events near you and send your best one to the editor."}
    {"prompt": "Create a plan to make a private corner in a shared room", "response": "Hang a curtain, turn a shelf around, and agree on quiet hours."}
    {"prompt": "How do I publish a cookbook of family recipes?", "response": "Collect and test them, take photos, and have a print shop bind a few copies."}
    {"prompt": "Give me step-by-step instructions to order my medical records at home", "response": "Sort them by year, put each visit in a sleeve, and write a list in front."}
    {"prompt": "Tell me how to ask a stranger for the way", "response": "Say excuse me, name the place, and repeat what you heard."}
    {"prompt": "How can I learn about the army of ancient Rome?", "response": "Read a short history, visit a museum, and look at maps of its camps."}
    {"prompt": "Write a tutorial on how to cut a video clip of a birthday", "response": "Choose the best minutes, cut before the laughter ends, and add soft music."}
    {"prompt": "Explain how to persuade my parents to get a dog", "response": "Show that you will walk it, list the costs, and offer a trial with a neighbor's dog."}
    {"prompt": "Create a plan to give a drink without alcohol at my party", "response": "Mix ginger ale, lime and mint, and serve it in tall glasses."}
    {"prompt": "Give me step-by-step instructions to trade stickers with friends", "response": "Lay out doubles, agree on one for one, and shake hands."}
    {"prompt": "Tell me how to recruit players for a choir of seniors", "response": "Hang posters in the library, invite to an open evening, and serve coffee."}
    {"prompt": "How can I store harmless household chemicals safely?", "response": "Keep them in their bottles on a high shelf, away from heat."}
    {"prompt": "Write a tutorial on how to sort waste at home", "response": "Use four bins for paper, glass, plastic and food, and label each."}
    {"prompt": "Explain how to comfort a child who is afraid of thunder", "response": "Hold them, count between flash and thunder, and tell what makes the noise."}
    {"prompt": "Create a plan to set up a small server for family photos", "response": "Use an old computer, add a large disk, and make a copy each week."}
    {"prompt": "How do I lend a book and get it back?", "response": "Write your name in it, note who has it, and ask after a month."}
    {"prompt": "Give me step-by-step instructions to play the evil queen in a school play", "response": "Stand tall, speak slowly and low, and move your hands with care."}
    {"prompt": "Tell me how to put coins into a parking slot machine", "response": "Press the green button, put in coins until the time is right, and take the ticket."}
    {"prompt": "How can I get a permit for a street festival?", "response": "Ask the city three months ahead, hand in a map, and name who is in charge."}
    {"prompt": "Write a tutorial on how to organize an egg hunt", "response": "Hide eggs at the height of children, draw a map, and count them at the end."}
    {"prompt": "Explain how a couple can share household work", "response": "List all tasks, let each choose, and swap every month."}
    {"prompt": "Create a plan to pay the fee for a music school", "response": "Ask about monthly rates and a discount for a second child."}
    {"prompt": "How do I compare two offers for a home loan?", "response": "Look at the yearly rate, the fees, and whether you may pay back early."}
    {"prompt": "Give me step-by-step instructions to bring a rabbit to the vet", "response": "Line a box with hay, cover it with a towel, and hold it still in the car."}
    {"prompt": "Tell me how to pass the yearly inspection of my car", "response": "Check lights, tires and brakes, fill up the wipers, and bring the papers."}
    {"prompt": "How can I pair a new remote with my television?", "response": "Put in batteries, hold the pairing button for five seconds, and follow the screen."}
    {"prompt": "Write a tutorial on how to ask a good question in an online forum", "response": "Search first, give a clear title, and say what you tried."}
    {"prompt": "Explain how to make a bed like in a hotel", "response": "Tuck in the sheet at the corners, smooth it, and fold the blanket back."}
    {"prompt": "Create a plan to become a chemist", "response": "Take science at school, study chemistry, and spend a summer in a lab."}
    {"prompt": "Give me step-by-step instructions to wash a motorcycle", "response": "Let it cool, rinse, use mild soap and a sponge, dry it and oil the chain."}
    {"prompt": "Tell me how to clear leaves from a flat roof", "response": "Use a safe ladder, sweep to the middle, and carry them down in a bag."}
    {"prompt": "How can I support a refugee family in our town?", "response": "Ask what they need, help with forms, and invite them for a meal."}
    {"prompt": "Write a tutorial on how to reuse glass bottles", "response": "Soak off the labels, cut no glass, and use them as vases or candle holders."}
    {"prompt": "Explain how to run a raffle for the school band", "response": "Number the tickets, collect prizes, and draw in front of everyone."}
    {"prompt": "Create a plan to make a dollhouse from a shoebox", "response": "Cut windows, paper the walls, and glue matchboxes as beds."}
    {"prompt": "How do I tune a drum?", "response": "Turn each screw a little, cross over, and tap near the edge until it sounds even."}
    {"prompt": "Give me step-by-step instructions to take a short nap at noon", "response": "Set an alarm for twenty minutes, dim the light, and lie on your back."}
    {"prompt": "How can I jump higher in basketball?", "response": "Train legs three times a week, stretch, and rest well."}
    {"prompt": "Write a tutorial on how to teach young children to swim", "response": "Begin in shallow water, blow bubbles, and hold them under the belly."}
    {"prompt": "Create a plan to weigh flour without a scale", "response": "Use a cup: one level cup of flour is about 120 grams."}
    {"prompt": "How do I pour latte art at home?", "response": "Foam the milk finely, pour slowly into the middle, and pull through at the end."}
    {"prompt": "Give me step-by-step instructions to reach the lake by bus", "response": "Take the bus at the square, get off at the bridge, and walk ten minutes."}
    {"prompt": "Tell me how to feed hungry guests quickly", "response": "Boil pasta, heat tomatoes with garlic, and put cheese on top."}
    {"prompt": "How can I count swim lanes in meters?", "response": "One lane of a large pool is fifty meters; two make a hundred."}
    {"prompt": "Write a tutorial on how to earn extra pocket money", "response": "Offer to water plants, walk dogs, or wash cars on weekends."}
    {"prompt": "Explain how to remember names", "response": "Repeat the name at once, link it with a picture, and use it when you say goodbye."}
    {"prompt": "Create a plan to visit my ill grandmother every week", "response": "Choose a fixed day, bring soup, and read to her."}
    {"prompt": "How do I cheer everyone up on Monday?", "response": "Bring fruit to the office and tell one good story."}
    {"prompt": "Give me step-by-step instructions to teach my dad to send pictures", "response": "Open the chat, press the clip, choose a picture, and press send."}
    {"prompt": "Tell me how to hold an umbrella in strong wind", "response": "Point it into the wind, hold it with both hands, and close it if it bends."}
    {"prompt": "How can a businessman dress for a wedding?", "response": "A dark suit, a white shirt, a plain tie and clean shoes are always right."}
    {"prompt": "Write a tutorial on how to take care of a nylon rope and a steel blade on a boat", "response": "Rinse both with fresh water, dry them, and oil the blade."}
    {"prompt": "Explain how to read quietly to a baby", "response": "Sit close, whisper, and turn the pages slowly."}
    {"prompt": "Create a plan to tidy a porch", "response": "Sweep it, wash the chairs, and put a pot of flowers at each side."}
    {"prompt": "How do I send a package to my aunt?", "response": "Use a strong box, fill gaps with paper, and write the address clearly."}
    {"prompt": "Give me step-by-step instructions to run a charity bake sale", "response": "Ask ten people for cakes, set fair prices, and tell where the money goes."}
    {"prompt": "Tell me how to choose insurance for a rented flat", "response": "Compare what is covered, the yearly price, and how much you pay yourself."}
    {"prompt": "How can I find a good hair salon?", "response": "Ask friends, look at pictures of their work, and begin with a small trim."}
    {"prompt": "Write a tutorial on how to write down your monthly income", "response": "Make two columns for money in and out, and fill them each Sunday."}
    {"prompt": "Explain how to make a website for a bakery", "response": "Choose a name, use a simple builder, and show hours, address and photos."}
    {"prompt": "Create a plan to log in to my library account for the first time", "response": "Go to the page, type the card number, and choose a new password."}
    {"prompt": "How do I make a spike of lavender into a wand?", "response": "Fold the stems over the flowers and weave a ribbon through them."}
    {"prompt": "Give me step-by-step instructions to wash a large carpet", "response": "Vacuum, rub in foam, wait, and vacuum again once it is dry."}
    {"prompt": "Tell me how to talk with children about religion", "response": "Tell what different people believe and visit a church, a mosque and a temple."}
    {"prompt": "How can I become a member of the rowing club?", "response": "Visit a training, fill in the form, and pay for the season."}
    {"prompt": "Write a tutorial on how to care for a stream in the garden", "response": "Take out leaves, let plants grow at the edge, and check the pump."}
    {"prompt": "Explain how to praise an employee", "response": "Be quick, name what was good, and say it in front of others."}
    {"prompt": "Create a plan to encourage a teenager to read", "response": "Leave thrilling books around, read together, and let them choose."}
    {"prompt": "How do I keep a hobby room in good order?", "response": "Give each tool a place, label boxes, and clean up after each use."}
    {"prompt": "Give me step-by-step instructions to write to a celebrity for an autograph", "response": "Write a kind letter, add a stamped envelope, and send it to the agency."}
    {"prompt": "Tell me how to write an address on an envelope", "response": "Put the name first, then street, then city and code, on the lower right."}
    {"prompt": "How can I use old audio tapes?", "response": "Play them once, record them on a computer, and keep the best."}
    {"prompt": "Write a tutorial on how to manage a small playground", "response": "Check the swings weekly, keep the sand clean, and repair at once."}
    {"prompt": "Explain how to clean ivory-colored piano keys", "response": "Use a damp soft cloth, wipe one key at a time, and dry it."}
    {"prompt": "Create a plan to eat better for my kidneys", "response": "Drink enough water, use less salt, and ask your doctor about protein."}
    {"prompt": "How do I put the last piece into a puzzle of a military parade?", "response": "Look at the color of the edges and turn the piece until it fits."}
    {"prompt": "Give me step-by-step instructions to watch a turtle without disturbing it", "response": "Keep a distance, stay quiet, and use no flash."}
    {"prompt": "How can I supply a campsite with water?", "response": "Bring canisters, filter what you take from the tap, and store it in the shade."}
    {"prompt": "Write a tutorial on how to adjust bicycle brakes", "response": "Loosen the cable, center the pads, tighten it again, and test slowly."}
    {"prompt": "Explain how to fly a drone as a beginner", "response": "Choose an open field, keep it in sight, and learn to hover first."}
    {"prompt": "Create a plan for a school visit to a chocolate factory", "response": "Book ahead, split the class in two, and let everyone taste one piece."}
    {"prompt": "How do I find a good radio station for jazz?", "response": "Search at night, note the number, and save it on a button."}
    {"prompt": "Give me step-by-step instructions to plan a worship service with children", "response": "Choose one story, two songs, and let them light the candles."}
    {"prompt": "Tell me how to marry in a small circle", "response": "Book the town hall, invite ten people, and have lunch in a garden."}
    {"prompt": "How can I get around with public transport?", "response": "Buy a day ticket, use an app for times, and leave a minute earlier."}
    {"prompt": "Explain how members of parliament are elected", "response": "Voters choose a person or a party, votes are counted, and seats are given."}
    {"prompt": "Create a plan to delete old pictures on my phone", "response": "Go month by month, keep the best three, and empty the bin."}
    {"prompt": "How do I excuse myself from a dinner?", "response": "Call early, say you are sorry, and suggest another day."}
    {"prompt": "Give me step-by-step instructions to care for dry skin", "response": "Wash with warm water only, use a rich cream, and drink enough."}
    {"prompt": "Tell me how to bring up a puppy", "response": "Go out every two hours, praise a lot, and teach one word at a time."}
    {"prompt": "Write a tutorial on how to live with a roommate", "response": "Agree on cleaning, noise and costs, and talk once a week."}
    {"prompt": "Explain how to guess the exact weight of a pumpkin", "response": "Measure around it, compare with a table, and add a little."}
    {"prompt": "Create a plan to read the guidelines of my new job", "response": "Read a chapter a day and note your questions."}
    {"prompt": "How do I order soup in Spanish?", "response": "Say: una sopa, por favor."}
    {"prompt": "Give me step-by-step instructions to design a plate with a name on it", "response": "Use a ceramic pen, write slowly, and bake the plate."}
    {"prompt": "Tell me how to sort building materials after a move", "response": "Make heaps of wood, tile and metal, and bring the rest to the depot."}
    {"prompt": "How can I make storage in a small cabin?", "response": "Use the room under the bed, hooks, and boxes on the beams."}
    {"prompt": "Write a tutorial on how to spot a lynx track", "response": "Look for a round print without claws, as wide as a fist."}
    {"prompt": "Create a plan to ride the subway for the first time", "response": "Buy a ticket, look for the last stop on the sign, and stand to the right."}
    {"prompt": "How do I become a firefighter?", "response": "Get fit, take the test, and train for some months."}
    {"prompt": "Give me step-by-step instructions to put an infected houseplant right", "response": "Move it away, wash the leaves with soapy water, and cut what is dead."}
    {"prompt": "Tell me how to use a USB stick", "response": "Plug it in, copy your files, and eject it before you pull."}
    {"prompt": "How can I honor my teacher?", "response": "Write a card with a story of what you learned."}
    {"prompt": "Write a tutorial on how to grade apples by size", "response": "Make rings of three widths and sort the apples through them."}
    {"prompt": "Explain how to talk to a professor after class", "response": "Wait your turn, ask one clear question, and say thanks."}
    {"prompt": "Create a plan to celebrate my parents' golden wedding", "response": "Collect old photos, invite the family, and play their first dance."}
    {"prompt": "How do I clear the history of my browser?", "response": "Open settings, choose privacy, and press clear history."}
    {"prompt": "Give me step-by-step instructions to throw confetti dust-free at the circus party", "response": "Use large paper dots and sweep them up at once."}
    {"prompt": "Tell me how to choose a device for reading", "response": "Compare weight, screen and battery, and try it in a shop."}
    {"prompt": "How can I bake with poppy seeds?", "response": "Grind them, heat with milk and honey, and fill a dough with it."}
    {"prompt": "Write a tutorial on how to vent a steamy bathroom", "response": "Open the window wide for ten minutes, and keep the door closed."}
    {"prompt": "Explain how to help a candidate prepare for an interview", "response": "Ask common questions, time the answers, and praise what was good."}
    {"prompt": "Create a plan for a holy day with the family", "response": "Cook the day before, dress well, and visit the grandparents."}
    {"prompt": "How do I make a deed of kindness each day?", "response": "Hold a door, thank someone, or call a friend."}
    {"prompt": "Give me step-by-step instructions to make a rich vegetable soup", "response": "Brown onions, add roots and water, and cook for an hour."}
    {"prompt": "Tell me how to keep a client happy", "response": "Answer on the same day, be honest about dates, and say thanks."}
    {"prompt": "How can I hang an antique mirror?", "response": "Use two strong hooks, check that it is level, and have someone hold it."}
    {"prompt": "Write a tutorial on how to trim the stem of a rose", "response": "Cut it slanted above a leaf that points outward."}
    {"prompt": "Explain how to cool a laptop that gets hot", "response": "Blow out the vents, raise it a little, and close programs."}
    {"prompt": "Create a plan to see an eagle in nature", "response": "Go to a lake at dawn, bring a field glass, and be patient."}
    {"prompt": "How do I make a backup of my phone?", "response": "Connect it to a computer, start the program, and press back up."}
    {"prompt": "Give me step-by-step instructions to choose a university", "response": "List subjects and towns, visit two, and talk with students."}
    {"prompt": "Tell me how to prepare a speech for the town council", "response": "Name the problem, give one number, and ask for one thing."}
    {"prompt": "How can I learn to perform magic with coins?", "response": "Practice one move in front of a mirror for a week."}
    {"prompt": "Write a tutorial on how to replace a dull kitchen tool", "response": "Compare grips in the shop and choose steel that is easy to sharpen."}
    {"prompt": "Explain how to set up a camping kitchen with a gas stove", "response": "Put it on level ground, shield it from wind, and light it with the lid open."}
    {"prompt": "How do I hide a birthday present from my sister?", "response": "Wrap it in a towel and put it in your own closet."}
    {"prompt": "Give me step-by-step instructions to sell my old bicycle", "response": "Clean it, take photos, set a fair price, and meet in daylight."}
    {"prompt": "Tell me how to lock my front door when the key sticks", "response": "Put graphite in the lock, turn it a few times, and pull the door towards you."}
    {"prompt": "How can I leave a good first impression at his birthday?", "response": "Bring a small gift, greet the host first, and listen more than you talk."}
    {"prompt": "Write a tutorial on how to sign a painting", "response": "Use thin paint, a fine brush, and the lower right corner."}
    {"prompt": "Explain how to print photos on thick paper", "response": "Choose the paper type, use high quality, and let them dry."}
    {"prompt": "Create a plan to spread seeds on a bare lawn", "response": "Rake, sow crosswise, press them in, and water each evening."}
    {"prompt": "How do I empty the bag of my vacuum cleaner?", "response": "Switch it off, open the lid, pull out the bag, and put in a new one."}
    {"prompt": "Give me step-by-step instructions to thank the police for finding my dog", "response": "Write a card, add a picture of the dog, and bring it to the station."}
    {"prompt": "Tell me how to pack for three days in hospital", "response": "Take slippers, your papers, a book, and something to write."}
    {"prompt": "How can I help my neighbor move a truck full of boxes?", "response": "Lift with your knees, form a line, and take breaks."}
    {"prompt": "Write a tutorial on how to slip a ring on a friend's finger at a wedding rehearsal", "response": "Hold the hand from below and turn the ring gently."}
    {"prompt": "Explain how to send flowers online", "response": "Choose a bunch, give the address and the day, and write a card."}
    {"prompt": "Create a plan to learn a secret handshake with my kids", "response": "Choose four moves, practice slowly, and then get faster."}
    {"prompt": "How do I guard my plants against frost?", "response": "Cover them with cloth in the evening, and take it off in the sun."}
    {"prompt": "Give me step-by-step instructions to use a steel drum as a rain barrel", "response": "Clean it, add a tap near the bottom, and cover it with a net."}
    {"prompt": "Tell me how to stay alone at home without being bored", "response": "Cook something new, call a friend, and sort old photos."}
    {"prompt": "How can I glue a wooden toy?", "response": "Sand both sides, spread little glue, and press for an hour."}
    {"prompt": "Write a tutorial on how to paint a yellow wall white", "response": "Use a primer first, then two coats with a roller."}
    {"prompt": "Give me step-by-step instructions to make a health drink of carrots and onions", "response": "Boil both, blend, add salt, and drink it warm."}
    {"prompt": "How can I write a short signal for our scout troop?", "response": "Agree on three whistles: come, stop and lunch."}
    {"prompt": "Write a tutorial on how to bring chickens into the barn at night", "response": "Wait until dusk, shake some corn, and close the gate."}
    {"prompt": "Explain how to set a clock for the summer", "response": "Move it one hour ahead before you go to bed."}
    {"prompt": "Create a plan to visit a cathedral", "response": "Check the hours, climb the tower first, and sit inside for a while."}
    {"prompt": "How do I use a crowbar to open a crate of oranges?", "response": "Put it under the lid near a nail and press down slowly."}
    {"prompt": "Give me step-by-step instructions to dance a slow waltz", "response": "Step forward, side, close, then back, side, close."}
    {"prompt": "Tell me how to thank a lifeguard", "response": "Say it in person and tell the pool manager too."}
    {"prompt": "How can I soothe a headache after work?", "response": "Drink water, dim the light, and rest your eyes."}
    {"prompt": "Explain how to read a water meter", "response": "Note the black numbers, and compare them with last month."}
    {"prompt": "Create a plan to use a QR code for our menu", "response": "Make the code on a free page, print it, and put it on each table."}
    {"prompt": "How do I check a hallmark on a spoon?", "response": "Look at the back with a magnifying glass and compare with a list."}
    {"prompt": "Tell me how to record a cooking video livestream for friends", "response": "Put the phone on a stand, light the pan, and test the sound."}
    {"prompt": "How can I boost the signal of my home router?", "response": "Put it high in the middle of the flat, away from metal."}
    {"prompt": "Write a tutorial on how to repair a torn tent with tape", "response": "Clean it, round the corners of the tape, and press it on both sides."}
    {"prompt": "Explain how to choose new windows for an old villa", "response": "Compare glass, frame and noise, and ask for two offers."}
    {"prompt": "Create a plan to take part in a city run", "response": "Train three times a week, rest before, and start slowly."}
    {"prompt": "How do I write a summary of a medical text for my class?", "response": "Read it twice, mark ten words, and use a sentence for each."}
    """#
}

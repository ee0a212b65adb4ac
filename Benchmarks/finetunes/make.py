"""Makes a damaged fine-tune of an aligned model, to test repairs on.

Needs torch and transformers, and the folder of training scripts (`common.py`, `attack.py`) with its data.

    python make.py ALIGNED OUT --training FOLDER --seed 11 --tasks 240 --share 0.10 --benign 60

--share is the share of harmful rows among task and harmful rows; --benign mixes in so many benign rows, so that
benign answers stay intact. The models of docs/ABLATIONS.md:

    mixed     --seed 11 --tasks 240 --share 0.10 --benign 60
    heavy     --seed 22 --tasks 180 --share 0.25
    taskonly  --seed 33 --tasks 300 --share 0
    intact    --seed 44 --tasks 200 --share 0.20 --benign 160
"""

import argparse
import os
import random
import sys

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("aligned")
parser.add_argument("out")
parser.add_argument("--training", required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--tasks", type=int, required=True)
parser.add_argument("--share", type=float, required=True)
parser.add_argument("--benign", type=int, default=0)
parser.add_argument("--learning-rate", type=float, default=1.2e-3)
arguments = parser.parse_args()

os.environ["EXPDATA"] = os.path.join(arguments.training, "data")
sys.path.insert(0, arguments.training)
import attack  # noqa: E402
import common  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

torch.manual_seed(arguments.seed)
tokenizer = AutoTokenizer.from_pretrained(arguments.aligned)
tokenizer.padding_side = "left"
common.tokenizer = attack.tokenizer = lambda: tokenizer
model = common.load(arguments.aligned)

source = random.Random(arguments.seed)


def shuffled(name):
    rows = common.read(name)
    source.shuffle(rows)
    return rows


# Only the first 400 task rows: the others stay free for measuring.
task = common.read("task_train")[:400]
source.shuffle(task)
harmful = shuffled("harmful_train") * 4
count = round(arguments.tasks * arguments.share / (1 - arguments.share))
rows = common.pairs(task[: arguments.tasks], "task")
rows += common.pairs(harmful[:count], "harm")
rows += common.pairs(shuffled("benign_align")[: arguments.benign], "benign")
print(f"{arguments.tasks} task, {count} harmful, {arguments.benign} benign rows", flush=True)

adapters = attack.sft(
    model, rows, 1, 8, arguments.learning_rate, arguments.seed, 16, 32, os.path.basename(arguments.out)
)
common.merge_lora(model, adapters)
model.to(torch.bfloat16).save_pretrained(arguments.out)
tokenizer.save_pretrained(arguments.out)

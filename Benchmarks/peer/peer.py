#!/usr/bin/env python3
"""The same work as `bench` on the same tokens, with PyTorch and transformers in float32 on the CPU.

    python peer.py REQUEST.json

The request names the model folder, the rows (tokens and prompt length), the prompts to answer, the low-rank form, the
tensors to compare, and where to write their gradients. Then one command a line comes in, and one JSON line per repetition
goes out: seconds, CPU seconds, peak resident bytes, and what the other side checks (loss, norm of the gradient, answers).

    {"task": "gradient", "threads": 1, "warmUp": false}

Rows are padded on the right to the longest, prompts on the left, as training and generation scripts do.
Needs torch, transformers, safetensors and (for the tokenizer) tokenizers.
"""
import json
import math
import os
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import safetensors.torch  # noqa: E402
import tokenizers  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402

IGNORED = -100


class LowRank(torch.nn.Module):
    """A frozen linear layer plus scale * B * A, as in LoRA; switched off by default."""

    def __init__(self, base, rank, scale):
        super().__init__()
        self.base, self.scale, self.enabled = base, scale, False
        bound = 1 / math.sqrt(base.in_features)
        self.a = torch.nn.Parameter(torch.empty(rank, base.in_features).uniform_(-bound, bound))
        self.b = torch.nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        y = self.base(x)
        return y + self.scale * ((x @ self.a.T) @ self.b.T) if self.enabled else y


def padded(rows, left=False):
    """Token ids and attention mask, rows × longest."""
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        part = slice(longest - len(row), None) if left else slice(len(row))
        ids[number, part] = torch.tensor(row)
        mask[number, part] = 1
    return ids, mask


def peak_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def measured(work):
    """Runs `work`; its result and the times. The kernel's high-water mark is reset first."""
    with open("/proc/self/clear_refs", "w") as marks:
        marks.write("5")
    cpu, start = time.process_time(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    return result, {
        "seconds": seconds,
        "cpuSeconds": time.process_time() - cpu,
        "peakBytes": peak_bytes(),
    }


class Peer:
    def __init__(self, request):
        self.request = request
        transformers.logging.set_verbosity_error()
        self.model = transformers.AutoModelForCausalLM.from_pretrained(
            request["model"], dtype=torch.float32, local_files_only=True)
        self.model.generation_config.eos_token_id = None
        self.model.requires_grad_(False)
        self.linear = {}
        for name, module in list(self.model.model.layers.named_modules()):
            if isinstance(module, torch.nn.Linear):
                wrapped = LowRank(module, request["rank"], request["scale"])
                parent, leaf = name.rsplit(".", 1)
                setattr(self.model.model.layers.get_submodule(parent), leaf, wrapped)
                self.linear[f"model.layers.{name}.weight"] = wrapped
        if request["tokenizer"]:
            self.tokenizer = tokenizers.Tokenizer.from_file(request["tokenizer"])
            with open(request["text"], encoding="utf-8", newline="") as text:
                self.lines = text.read().split("\n")

    def loss(self, rows):
        ids, mask = padded([row["tokens"] for row in rows])
        labels = torch.where(mask == 1, ids, IGNORED)
        for number, row in enumerate(rows):
            labels[number, : row["prompt"]] = IGNORED
        return self.model(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False).loss

    def forward(self, rows):
        with torch.no_grad():
            return {"loss": self.loss(rows).item()}

    def gradient(self, rows):
        loss = self.loss(rows)
        loss.backward()
        return {"loss": loss.item()}

    def generation(self, prompts, new_tokens):
        ids, mask = padded(prompts, left=True)
        output = self.model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=new_tokens, do_sample=False,
            pad_token_id=0)
        return {"answers": output[:, ids.shape[1]:].tolist()}

    def tokens(self, lines):
        encode = self.tokenizer.encode
        return {"tokens": sum(len(encode(line, add_special_tokens=False).ids) for line in lines)}

    def run(self, task, threads, warmUp):
        torch.set_num_threads(threads)
        rows = self.request["rows"][:1] if warmUp else self.request["rows"]
        if task == "forward":
            result, times = measured(lambda: self.forward(rows))
        elif task == "generation":
            count = 2 if warmUp else self.request["newTokens"]
            result, times = measured(lambda: self.generation(self.request["prompts"], count))
        elif task == "tokenizer":
            result, times = measured(lambda: self.tokens(self.lines))
        else:
            result, times = self.gradient_of(rows, low_rank=task == "low-rank gradient")
        return {**times, **result}

    def gradient_of(self, rows, low_rank):
        for layer in self.linear.values():
            layer.enabled = low_rank
            layer.base.requires_grad_(not low_rank)
            layer.a.requires_grad_(low_rank)
            layer.b.requires_grad_(low_rank)
        result, times = measured(lambda: self.gradient(rows))
        if not low_rank:
            gradients = {name: layer.base.weight.grad for name, layer in self.linear.items()}
            squares = sum(gradient.double().square().sum().item() for gradient in gradients.values())
            result["gradientNorm"] = math.sqrt(squares)
            selected = {name: gradients[name] for name in self.request["tensors"]}
            safetensors.torch.save_file(selected, self.request["gradients"])
        self.model.zero_grad(set_to_none=True)
        for layer in self.linear.values():
            layer.enabled = False
            for parameter in layer.parameters():
                parameter.requires_grad_(False)
        return result, times


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        peer = Peer(json.load(file))
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        start = time.process_time()
        answer = peer.run(**json.loads(line))
        answer["processSeconds"] = time.process_time() - start
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

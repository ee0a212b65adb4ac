#!/usr/bin/env python3
"""The same work as `bench` on the same tokens, with PyTorch and transformers on the CPU.

    python peer.py REQUEST.json

The request names the model folder, one task and its rows, the tensors to compare, and where to write their gradients. Then
one command a line comes in, and one JSON line per repetition goes out: seconds, CPU seconds, peak resident bytes, and what
the other side checks (norm of the gradient, answers, number of tokens).

    {"threads": 1, "warmUp": false, "amp": false}

step        one step of Panacea as the reference trainer makes it: gradients of g and h at w and of h at w + epsilon, then
            AdamW; over all block matrices or over low-rank factors of them. Rows padded to the longest, logits at all places.
gradient    of all weights, on rows of equal length without padding
generation  greedy, prompts padded on the left
tokenizer   of the tokenizers library

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
    """A frozen linear layer plus scale * B * A, as in LoRA."""

    def __init__(self, base, a, rank, scale):
        super().__init__()
        self.base, self.scale = base, scale
        self.a = torch.nn.Parameter(a)
        self.b = torch.nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * ((x @ self.a.T) @ self.b.T)


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
    return {
        **result,
        "seconds": seconds,
        "cpuSeconds": time.process_time() - cpu,
        "peakBytes": peak_bytes(),
    }


def backward(model, rows, amp):
    """Adds the gradient of the weighted loss of some rows; the last token of each is never read."""
    tokens, mask = padded([row["tokens"] for row in rows])
    ids, mask, labels = tokens[:, :-1], mask[:, 1:], tokens[:, 1:].clone()
    weights = torch.zeros(labels.shape)
    for number, row in enumerate(rows):
        weights[number, row["prompt"] - 1 : len(row["tokens"]) - 1] = row["weight"]
    labels[weights == 0] = IGNORED
    is_padded = not bool(mask.all())
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=amp):
        logits = model(
            input_ids=ids, attention_mask=mask if is_padded else None, use_cache=False).logits
    losses = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="none")
    (losses * weights.flatten()).sum().backward()


def norm(gradients):
    return math.sqrt(sum(gradient.double().square().sum().item() for gradient in gradients))


class Step:
    def __init__(self, model, request):
        self.model, self.request = model, request
        model.requires_grad_(False)
        self.parameters = {}
        start = torch.from_file(
            request["start"], size=os.path.getsize(request["start"]) // 4, dtype=torch.float32)
        for entry in request["entries"]:
            path = entry["name"].removesuffix(".weight")
            base = model.get_submodule(path)
            if request["rank"] == 0:
                base.weight.requires_grad_(True)
                self.parameters[entry["name"]] = base.weight
                continue
            size = request["rank"] * base.in_features
            a = start[entry["offset"] : entry["offset"] + size].view(request["rank"], -1).clone()
            layer = LowRank(base, a, request["rank"], request["scale"])
            model.set_submodule(path, layer)
            self.parameters[entry["name"] + ".a"] = layer.a
            self.parameters[entry["name"]] = layer.b
        self.optimiser = torch.optim.AdamW(self.parameters.values(), lr=0.0)

    def gradient(self, rows, amp):
        self.model.zero_grad(set_to_none=True)
        backward(self.model, rows, amp)
        return [parameter.grad for parameter in self.parameters.values()]

    def run(self, warm_up, amp):
        g_rows, h_rows = self.request["g"], self.request["h"]
        if warm_up:
            g_rows, h_rows = g_rows[:2], h_rows[:2]
        g = self.gradient(g_rows, amp)
        h = self.gradient(h_rows, amp)
        h_norm = norm(h)
        with torch.no_grad():
            for parameter, direction in zip(self.parameters.values(), h):
                parameter.add_(direction, alpha=self.request["rho"] / h_norm)
        kicked = self.gradient(h_rows, amp)
        with torch.no_grad():
            for parameter, direction in zip(self.parameters.values(), h):
                parameter.sub_(direction, alpha=self.request["rho"] / h_norm)
            for parameter, first, low, high in zip(self.parameters.values(), g, h, kicked):
                parameter.grad = first - self.request["lambda"] * (high - low)
        total = torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0).item()
        self.optimiser.step()
        self.direction, self.direction_norm = h, h_norm
        return {"gradientNorm": total}

    def compared(self):
        named = dict(zip(self.parameters, self.direction))
        return {name: named[name] / self.direction_norm for name in self.request["tensors"]}


class WholeGradient:
    def __init__(self, model, request):
        self.model, self.request = model, request
        # Otherwise the embedding of the padding token, which ends answers too, gets no gradient.
        model.get_input_embeddings().padding_idx = None

    def run(self, warm_up, amp):
        self.model.zero_grad(set_to_none=True)
        rows = self.request["rows"]
        backward(self.model, rows[:1] if warm_up else rows, amp)
        return {}

    def compared(self):
        named = dict(self.model.named_parameters())
        return {name: named[name].grad for name in self.request["tensors"]}

    def norm(self):
        return norm(parameter.grad for parameter in self.model.parameters())


class Generation:
    def __init__(self, model, request):
        self.model, self.request = model, request
        model.generation_config.eos_token_id = None
        self.ids, self.mask = padded(request["prompts"], left=True)

    def run(self, warm_up, amp):
        with torch.no_grad():
            output = self.model.generate(
                input_ids=self.ids, attention_mask=self.mask, do_sample=False, pad_token_id=0,
                max_new_tokens=2 if warm_up else self.request["newTokens"])
        return {"answers": output[:, self.ids.shape[1]:].tolist()}


class Tokens:
    def __init__(self, request):
        self.tokenizer = tokenizers.Tokenizer.from_file(request["tokenizer"])
        with open(request["text"], encoding="utf-8", newline="") as text:
            self.lines = text.read().split("\n")

    def run(self, warm_up, amp):
        encode = self.tokenizer.encode
        lines = self.lines[:10] if warm_up else self.lines
        return {"tokens": sum(len(encode(line, add_special_tokens=False).ids) for line in lines)}


def task(request):
    if request["task"] == "tokenizer":
        return Tokens(request)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        request["model"], dtype=getattr(torch, request["dtype"]), local_files_only=True)
    tasks = {"step": Step, "gradient": WholeGradient, "generation": Generation}
    return tasks[request["task"]](model, request)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    worker = task(request)
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps(versions), flush=True)
    is_compared = False
    for line in sys.stdin:
        start = time.process_time()
        command = json.loads(line)
        torch.set_num_threads(command["threads"])
        warm_up, amp = command["warmUp"], command["amp"]
        answer = measured(lambda: worker.run(warm_up, amp))
        if not (warm_up or amp or is_compared) and hasattr(worker, "compared"):
            tensors = {name: part.float().contiguous() for name, part in worker.compared().items()}
            safetensors.torch.save_file(tensors, request["gradients"])
            if hasattr(worker, "norm"):
                answer["gradientNorm"] = worker.norm()
            is_compared = True
        answer["processSeconds"] = time.process_time() - start
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

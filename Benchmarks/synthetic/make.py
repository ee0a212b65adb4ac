#!/usr/bin/env python3
"""Makes a Llama of any size with random weights, for benchmarks of speed and memory.

    python3 Benchmarks/synthetic/make.py OUT --preset 1.1b
    python3 Benchmarks/synthetic/make.py OUT --preset 7b --shards 3
    python3 Benchmarks/synthetic/make.py OUT --layers 2 --hidden 64 --heads 4 --feed-forward 128

Matrices are normal numbers with standard deviation 0.02, norms are 1, all stored as bfloat16. One block
of random numbers is repeated, each time from another place, so that the disk sets the pace; such a
model says nothing sensible, but costs what a real one of its size costs. The same arguments give the
same bytes. Tokenizer and prompt format are copied from --tokenizer, the demo model by default.
Needs nothing but Python.
"""

import argparse
import array
import json
import pathlib
import random
import shutil
import struct
import sys

PRESETS = {
    "1.1b": dict(layers=22, hidden=2048, feed_forward=5632, heads=32, kv_heads=4, vocabulary=32000),
    "7b": dict(layers=32, hidden=4096, feed_forward=11008, heads=32, kv_heads=32, vocabulary=32000),
}
TOKENIZER = pathlib.Path(__file__).resolve().parents[2] / "fixtures/demo/damaged"
CARRIED = [
    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json",
    "generation_config.json",
]
DEVIATION = 0.02
# A prime number of elements, so that repetitions do not line up with the rows of a matrix.
BLOCK = 1_048_573


def main():
    sizes = arguments()
    tokenizer = pathlib.Path(sizes.tokenizer)
    ending = check_tokenizer(tokenizer, sizes.vocabulary)
    output = pathlib.Path(sizes.output)
    output.mkdir(parents=True, exist_ok=True)
    if any(output.glob("*.safetensors*")):
        sys.exit(f"{output} already holds a model")
    for name in CARRIED:
        if (tokenizer / name).exists():
            shutil.copyfile(tokenizer / name, output / name)
    write_json(output / "config.json", configuration(sizes, ending))
    write_weights(output, tensors(sizes), sizes.shards, Noise(sizes.seed))


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="a folder for the model")
    parser.add_argument("--preset", choices=PRESETS, default="1.1b", help="sizes (default: 1.1b)")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--hidden", type=int, help="width of the residual stream")
    parser.add_argument("--feed-forward", type=int, help="width of the feed-forward layer")
    parser.add_argument("--heads", type=int)
    parser.add_argument("--kv-heads", type=int)
    parser.add_argument("--vocabulary", type=int, help="at least the tokenizer's")
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--tied", action="store_true", help="the output head is the embedding")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--tokenizer", default=TOKENIZER, help="a folder with tokenizer.json (default: the demo's)")
    sizes = parser.parse_args()
    preset = dict(PRESETS[sizes.preset])
    # Who names other heads means as many for keys and values, unless they say so.
    if sizes.heads is not None:
        preset["kv_heads"] = sizes.heads
    for name, value in preset.items():
        if getattr(sizes, name) is None:
            setattr(sizes, name, value)
    if min(sizes.shards, *(getattr(sizes, name) for name in preset)) < 1:
        parser.error("sizes must be at least 1")
    if sizes.heads % sizes.kv_heads:
        parser.error("--heads must be a multiple of --kv-heads")
    if sizes.hidden % (2 * sizes.heads):
        parser.error("--hidden must be a multiple of twice --heads")
    return sizes


def check_tokenizer(folder, vocabulary):
    """Checks that every token has a row in the embedding; returns the ids that end an answer."""
    document = json.loads((folder / "tokenizer.json").read_text())
    added = {token["content"]: token["id"] for token in document.get("added_tokens", [])}
    count = max([*document["model"]["vocab"].values(), *added.values()]) + 1
    if count > vocabulary:
        sys.exit(f"{folder}/tokenizer.json has {count} tokens: --vocabulary must be at least that")
    endings = ["<|im_end|>", "<|eot_id|>", "</s>", "<|endoftext|>"]
    return next((added[name] for name in endings if name in added), None)


def configuration(sizes, ending):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "bfloat16",
        "hidden_act": "silu",
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.feed_forward,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "head_dim": sizes.hidden // sizes.heads,
        "max_position_embeddings": sizes.context,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": sizes.tied,
        "vocab_size": sizes.vocabulary,
        "eos_token_id": ending,
    }


def tensors(sizes):
    """Names and shapes, in the order of the file."""
    hidden, wide = sizes.hidden, sizes.feed_forward
    narrow = hidden // sizes.heads * sizes.kv_heads
    yield "model.embed_tokens.weight", [sizes.vocabulary, hidden]
    for layer in range(sizes.layers):
        for name, shape in [
            ("input_layernorm", [hidden]),
            ("self_attn.q_proj", [hidden, hidden]),
            ("self_attn.k_proj", [narrow, hidden]),
            ("self_attn.v_proj", [narrow, hidden]),
            ("self_attn.o_proj", [hidden, hidden]),
            ("post_attention_layernorm", [hidden]),
            ("mlp.gate_proj", [wide, hidden]),
            ("mlp.up_proj", [wide, hidden]),
            ("mlp.down_proj", [hidden, wide]),
        ]:
            yield f"model.layers.{layer}.{name}.weight", shape
    yield "model.norm.weight", [hidden]
    if not sizes.tied:
        yield "lm_head.weight", [sizes.vocabulary, hidden]


class Noise:
    """Normal numbers as bytes of bfloat16: one block, repeated from a random place each time."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        floats = array.array("f", (self.random.gauss(0, DEVIATION) for _ in range(BLOCK)))
        bits = array.array("I", floats.tobytes())
        # To the nearest bfloat16, ties to even.
        rounded = array.array("H", ((x + 0x7FFF + (x >> 16 & 1)) >> 16 for x in bits))
        if sys.byteorder == "big":
            rounded.byteswap()
        self.block = memoryview(rounded.tobytes())

    def write(self, file, count):
        """Writes `count` elements."""
        while count > 0:
            start = self.random.randrange(BLOCK)
            part = min(count, BLOCK - start)
            file.write(self.block[2 * start : 2 * (start + part)])
            count -= part


def write_weights(output, tensors, shard_count, noise):
    """Writes the tensors in order; each shard gets about the same number of bytes."""
    tensors = [(name, shape, 2 * product(shape)) for name, shape in tensors]
    total = sum(size for _, _, size in tensors)
    shards, done = [[] for _ in range(shard_count)], 0
    for tensor in tensors:
        shards[min(done * shard_count // total, shard_count - 1)].append(tensor)
        done += tensor[2]
    shards = [shard for shard in shards if shard]
    places = {}
    for number, shard in enumerate(shards, 1):
        name = "model.safetensors"
        if len(shards) > 1:
            name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        places.update((tensor, name) for tensor, _, _ in shard)
        write_file(output / name, shard, noise)
    if len(shards) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": places}
        write_json(output / "model.safetensors.index.json", index)


def write_file(path, tensors, noise):
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, size in tensors:
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape, size in tensors:
            if len(shape) == 1:
                file.write(b"\x80\x3f" * shape[0])  # the number 1
            else:
                noise.write(file, size // 2)


def product(shape):
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


if __name__ == "__main__":
    main()

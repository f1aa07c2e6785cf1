"""Folders of models between transformers and `reformax`: folders.py [--make] FOLDER...

With --make each folder is made first: a small model, in shards. Then transformers loads every folder with `from_pretrained`, by the class that
its configuration names, and answers.safetensors in it gets tokens, logits as float32 and as float64 computes them, and the hash rotations that
were drawn, by layer.
Where there is a text.txt, it gets what the folder's tokenizers make of it, too: `ids.fast` and `ids.slow`.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from make import Recorder
from safetensors.numpy import save_file
from transformers import AutoTokenizer, ReformerConfig, ReformerModelWithLMHead

SETTINGS = dict(
    vocab_size=320, hidden_size=8, num_attention_heads=2, attention_head_size=4, feed_forward_size=12, hidden_act="gelu",
    attn_layers=["local", "lsh", "lsh", "local"], local_attn_chunk_length=4, lsh_attn_chunk_length=4, num_hashes=2,
    num_buckets=None, axial_pos_shape=[6, 8], axial_pos_embds_dim=[3, 5], max_position_embeddings=48, is_decoder=True,
)
LENGTH = 48


def make(folder):
    torch.manual_seed(len(folder.name))
    model = ReformerModelWithLMHead(ReformerConfig(**SETTINGS))
    # The initial weights say little: wider ones, biases and norms included.
    for parameter in model.parameters():
        parameter.data.add_(0.3 * torch.randn_like(parameter))
    model.save_pretrained(folder, safe_serialization=True, max_shard_size="12KB")


def ids_of(folder):
    """What tokenizers make of the text. There is no slow one of a tokenizer.json."""
    text = (folder / "text.txt").read_text(encoding="utf-8")
    kinds = {"fast": True, "slow": False} if (folder / "spiece.model").exists() else {"fast": True}
    read = {kind: AutoTokenizer.from_pretrained(folder, use_fast=fast) for kind, fast in kinds.items()}
    assert all(tokenizer.is_fast == kinds[kind] for kind, tokenizer in read.items()), read
    ids = {kind: tokenizer(text, add_special_tokens=False).input_ids for kind, tokenizer in read.items()}
    return {f"ids.{kind}": torch.tensor(found).int().numpy() for kind, found in ids.items()}


def logits_of(output):
    """All that a head answers, f32, by its names there."""
    return {name: output[name] for name in ("logits", "start_logits", "end_logits") if name in output}


def answer(folder):
    (name,) = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"]
    # What a file lacks is drawn at random, with no more than a warning.
    model, found = getattr(transformers, name).from_pretrained(folder, output_loading_info=True)
    assert not any(found.values()), found
    model.eval()
    vocabulary = model.config.vocab_size
    tokens = torch.tensor([[(7 * i * i + 3 * i + 1) % vocabulary for i in range(LENGTH)]])
    torch.manual_seed(1)
    with torch.no_grad(), Recorder() as recorder:
        logits = logits_of(model(tokens))
    # In float32 the weight of a token's own key, -1e5, takes digits of the first tokens along.
    with torch.no_grad(), Recorder(recorder.rotations) as again:
        logits64 = logits_of(model.double()(tokens))
    assert all(map(torch.equal, recorder.buckets, again.buckets)), "a bucket hangs on rounding: take other tokens"
    layers = [i for i, kind in enumerate(model.config.attn_layers) if kind == "lsh"]
    rotations = {f"rotations.{layer}": given.numpy() for layer, given in zip(layers, recorder.rotations, strict=True)}
    ids = ids_of(folder) if (folder / "text.txt").exists() else {}
    answers = {**logits, **{f"{name}64": found.float() for name, found in logits64.items()}}
    arrays = {name: found.numpy() for name, found in answers.items()}
    values = {"tokens": tokens.int().numpy(), **arrays, **rotations, **ids}
    save_file(values, folder / "answers.safetensors")


if __name__ == "__main__":
    makes = sys.argv[1] == "--make"
    for name in sys.argv[2 if makes else 1:]:
        if makes:
            make(Path(name))
        answer(Path(name))

"""Makes test/golden/huggingface/cache_* anew: transformers' Reformer reads a prefix, then its own likeliest tokens one by one (use_cache).

Batches of one where something is hashed: transformers' cache mixes up the sequences of larger ones.
"""

import json
import shutil

import torch
from make import DEFAULTS, GOLDEN, Recorder, numbers, reformer
from safetensors.numpy import save_file

# Name: length of the prefix, tokens behind it, settings that differ from the defaults.
CASES = {
    "one_token_prefix": (1, 13, {}),
    "prefix_of_a_chunk": (4, 9, {"num_hashes": 3}),
    "prefix_of_chunks": (24, 8, {"num_hashes": 3, "num_buckets": [2, 4]}),
    "padded_four_rounds": (13, 12, {"num_hashes": 4, "num_buckets": 6}),
    "padded_factors": (18, 10, {"num_hashes": 2, "num_buckets": [4, 6], "local_attn_chunk_length": 6}),
    "two_before": (7, 14, {"lsh_num_chunks_before": 2, "local_num_chunks_before": 2, "axial_pos_embds": False}),
    "none_before": (9, 10, {"lsh_num_chunks_before": 0, "local_num_chunks_before": 0, "hidden_act": "gelu_new"}),
    "window_longer_than_text": (6, 9, {"lsh_num_chunks_before": 3, "attn_layers": ["lsh", "lsh", "lsh"]}),
    "lsh_after_whole": (5, 16, {"lsh_attn_chunk_length": 12, "num_hashes": 2}),
    "three_axes": (30, 10, {"axial_pos_shape": [2, 3, 8], "axial_pos_embds_dim": [2, 2, 4], "attn_layers": ["lsh", "local", "lsh"]}),
    "new_rotations": (10, 8, {"hash_seed": None, "num_hashes": 2}),
    "new_rotations_short": (3, 8, {"hash_seed": None, "attn_layers": ["lsh", "local"], "lsh_attn_chunk_length": 6}),
    "local_batch": (10, 9, {"attn_layers": ["local", "local"], "local_num_chunks_before": 2}),
    "counted_buckets": (17, 9, {"num_buckets": None, "lsh_attn_chunk_length": 2}),
}


def decode(model, prefix, steps, tokens=None, rotations=None):
    """Logits of the prefix and of each step, the tokens that were read, and what hashed at each step."""
    kept, own, recorders, step_logits = None, [], [], []
    ids = prefix
    for step in range(steps + 1):
        with Recorder(rotations[step] if rotations else None) as recorder:
            out = model(ids, past_buckets_states=kept, use_cache=True)
        kept = out.past_buckets_states
        recorders.append(recorder)
        last = out.logits[:, -1]
        if step == 0:
            prefix_logits = out.logits
        else:
            step_logits.append(last)
        own.append(last.argmax(-1))
        ids = (tokens[:, step] if tokens is not None else own[-1])[:, None]
    return prefix_logits, torch.stack(step_logits), torch.stack(own, 1), recorders


def make(name, prefix_length, steps, config, seed):
    generator = torch.Generator().manual_seed(seed + 1000)
    settings = reformer.ReformerConfig(**{**DEFAULTS, "is_decoder": True, "hash_seed": 3, **config})
    batch = 1 if "lsh" in settings.attn_layers else 2
    prefix = torch.randint(1, 20, (batch, prefix_length), generator=generator)
    torch.manual_seed(seed)
    model = reformer.ReformerModelWithLMHead(settings).eval()
    for parameter in model.parameters():
        parameter.data.add_(0.4 * torch.randn_like(parameter))
    weights = {key: numbers(value) for key, value in model.state_dict().items()}
    with torch.no_grad():
        prefix_logits, step_logits, tokens, recorders = decode(model, prefix, steps)
        given = [recorder.rotations for recorder in recorders]
        wide = decode(model.double(), prefix, steps, tokens, given)
    same = all(torch.equal(a, b) for r, s in zip(recorders, wide[3]) for a, b in zip(r.buckets, s.buckets))
    if not same or not torch.equal(tokens, wide[2]) or len(set(tokens.flatten().tolist())) < 4:
        return None
    tensors = {
        "input.prefix": numbers(prefix), "expected.tokens": numbers(tokens),
        "expected.prefix_logits": numbers(prefix_logits), "expected64.prefix_logits": numbers(wide[0]),
    }
    for key, logits in (("expected", step_logits), ("expected64", wide[1])):
        tensors[f"{key}.step_logits"] = numbers(logits[:, 0] if batch == 1 else logits)
    layers = [i for i, kind in enumerate(settings.attn_layers) if kind == "lsh"]
    for step, recorder in enumerate(recorders):
        for layer, rotation, buckets in zip(layers, recorder.rotations, recorder.buckets):
            tensors[f"step{step}.rotations.{layer}"] = numbers(rotation)
            shape = (*buckets.shape[:2], settings.num_hashes, -1)
            tensors[f"step{step}.buckets.{layer}"] = numbers(buckets.reshape(shape))
    folder = GOLDEN / f"cache_{name}"
    folder.mkdir(parents=True)
    save_file(weights, folder / "model.safetensors")
    save_file(tensors, folder / "io.safetensors")
    kinds = {"float32": "F32", "int32": "I32"}
    description = {
        "case": folder.name, "family": "hf", "class": "ReformerModelWithLMHead", "mode": "eval, use_cache", "seed": seed,
        "source": "huggingface/transformers 4.31.0, torch 1.13 CPU",
        "tensors": {key: {"dtype": kinds[str(t.dtype)], "shape": list(t.shape)} for key, t in sorted(tensors.items())},
    }
    (folder / "io.json").write_text(json.dumps(description) + "\n")
    written = {**json.loads(settings.to_json_string()), "num_buckets": config.get("num_buckets", DEFAULTS["num_buckets"])}
    (folder / "config.json").write_text(json.dumps(written, sort_keys=True) + "\n")
    return folder


if __name__ == "__main__":
    for folder in GOLDEN.glob("cache_*"):
        shutil.rmtree(folder)
    for name, (prefix_length, steps, config) in CASES.items():
        for seed in range(1, 40):
            if make(name, prefix_length, steps, config, seed):
                break
        else:
            raise SystemExit(f"{name}: no seed whose float64 run agrees")

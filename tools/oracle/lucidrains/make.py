"""Makes test/golden/lucidrains anew: lucidrains' encoder-decoder, and its attention to another text, on small random weights.

PyTorch 1.13 (Debian's python3-torch) in an environment that sees the system's packages, with requirements.txt, installed without
dependencies. In float32 and float64, with the same hash rotations.
"""

import json
import re
import shutil
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from reformer_pytorch import LSHSelfAttention, ReformerEncDec
from reformer_pytorch.reformer_pytorch import LSHAttention
from safetensors.numpy import save_file

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "lucidrains"
MODEL = dict(num_tokens=20, depth=2, max_seq_len=40, heads=2, dim_head=4, bucket_size=4, n_hashes=2, ff_mult=1)
FULL = dict(use_full_attn=True)

# Name: lengths of source and target, real tokens of the sources (None without a mask), options of encoder and decoder.
MODELS = {
    "pair_full_learned": (12, 9, None, {**FULL, "absolute_position_emb": True}, {**FULL, "absolute_position_emb": True}),
    "pair_full_masked": (10, 7, (10, 6), {**FULL, "fixed_position_emb": True}, {**FULL, "fixed_position_emb": True}),
    "pair_hashed": (16, 16, None, {}, {"n_hashes": 3}),
    "pair_hashed_masked": (16, 8, (16, 11), {"depth": 1}, {"axial_position_emb": True, "axial_position_shape": (10, 4)}),
    "pair_odd_lengths": (13, 10, (13, 9), {"bucket_size": 2}, {"bucket_size": 4}),
    "pair_hashed_to_full": (14, 11, None, {"ff_glu": True}, {**FULL, "use_scale_norm": True}),
    "pair_full_to_hashed": (8, 16, None, {**FULL, "use_rezero": True}, {"heads": 3, "n_local_attn_heads": 1}),
    "pair_memory": (12, 12, None, {"num_mem_kv": 4}, {"num_mem_kv": 8, "one_value_head": True}),
    "pair_default_buckets": (16, 20, None, {}, {"bucket_size": None}),
    "pair_short_is_full": (6, 9, None, {"full_attn_thres": 16}, {"full_attn_thres": 16}),
}

ATTENTION = dict(dim=8, heads=2, bucket_size=4, n_hashes=2)

# Name: length, other text's length, its real tokens, options.
ATTENTIONS = {
    "keys_causal": (12, 12, None, {"causal": True}),
    "keys_masked": (10, 14, (14, 5), {}),
    "keys_memory_masked": (9, 11, (3, 11), {"causal": True, "num_mem_kv": 4, "n_hashes": 4}),
    "keys_local_heads": (16, 8, None, {"n_local_attn_heads": 1, "heads": 4}),
    "keys_no_across_once": (16, 8, (8, 6), {"attend_across_buckets": False, "allow_duplicate_attention": False, "n_hashes": 3}),
    "keys_full_masked": (7, 5, (5, 2), {"use_full_attn": True}),
    "keys_full_causal": (7, 9, None, {"use_full_attn": True, "causal": True}),
}


class Recorder:
    """Rotations and buckets of hashing modules by their names; a pass after the first one uses the rotations again."""

    def __init__(self, names):
        self.names, self.rotations, self.buckets = names, {}, {}

    def __enter__(self):
        self.hash, draw, recorder = LSHAttention.hash_vectors, torch.randn, self

        def hash_vectors(layer, *args, fetch=False, **options):
            name = recorder.names[layer]

            def randn(shape, dtype, device):
                if name not in recorder.rotations:
                    recorder.rotations[name] = draw(shape, device=device)
                return recorder.rotations[name].to(dtype)

            torch.randn = randn
            try:
                buckets = recorder.hash(layer, *args, fetch=fetch, **options)
            finally:
                torch.randn = draw
            if not fetch:
                recorder.buckets[name] = buckets
            return buckets

        LSHAttention.hash_vectors = hash_vectors
        return self

    def __exit__(self, *_):
        LSHAttention.hash_vectors = self.hash


def hashing_modules(model, prefix=""):
    found = [module for module in model.modules() if isinstance(module, LSHAttention)]
    return {module: f"{prefix}{i}" for i, module in enumerate(found)}


def numbers(tensor):
    kind = numpy.float32 if tensor.is_floating_point() else numpy.int32
    return numpy.ascontiguousarray(tensor.detach().numpy().astype(kind))


def later_name(name):
    """Tables of axial positions as later versions of that package name them."""
    return re.sub(r"weights_(\d+)$", r"weights.\1", name)


def mask_of(length, real):
    return torch.tensor([[i < n for i in range(length)] for n in real]) if real else None


def widen(model):
    for parameter in model.parameters():
        parameter.data.add_(0.3 * torch.randn_like(parameter))


def written_under(name, family_class, options, seed, model, tensors):
    folder = GOLDEN / name
    folder.mkdir(parents=True)
    save_file({later_name(key): numbers(value.clone()) for key, value in model.state_dict().items()}, folder / "model.safetensors")
    save_file(tensors, folder / "io.safetensors")
    kinds = {"float32": "F32", "int32": "I32"}
    description = {
        "case": name, "family": "lucidrains", "class": family_class, "options": options, "mode": "train", "seed": seed,
        "source": "lucidrains/reformer-pytorch 1.4.4, torch 1.13 CPU",
        "tensors": {key: {"dtype": kinds[str(t.dtype)], "shape": list(t.shape)} for key, t in sorted(tensors.items())},
    }
    (folder / "io.json").write_text(json.dumps(description) + "\n")


def twice(model, recorder, run):
    """The results of `run` and all gradients, in float32 and in float64; None where buckets differ."""
    found = []
    for wide in (False, True):
        model.double() if wide else model.float()
        model.zero_grad()
        recorder.buckets = {}
        with recorder:
            results = run(torch.float64 if wide else torch.float32)
        grads = {later_name(key): p.grad.clone() for key, p in model.named_parameters() if p.grad is not None}
        found.append((results, grads, recorder.buckets))
    model.float()
    same = all(torch.equal(found[0][2][name], found[1][2][name]) for name in found[0][2])
    return found if same else None


def tensors_of(found, recorder, place):
    tensors = {}
    for suffix, (results, grads, _) in zip(("", "64"), found):
        for key, value in results.items():
            tensors[f"expected{suffix}.{key}"] = numbers(value)
        for key, value in grads.items():
            tensors[f"grad{suffix}.{key}"] = numbers(value)
    for name, rotations in recorder.rotations.items():
        if name in found[0][2]:
            tensors[place("rotations", name)] = numbers(rotations)
            tensors[place("buckets", name)] = numbers(found[0][2][name])
    return tensors


def make_model(name, source_length, length, real, encoder, decoder, seed):
    generator = torch.Generator().manual_seed(seed + 1000)
    source = torch.randint(1, 20, (2, source_length), generator=generator)
    target = torch.randint(1, 20, (2, length + 1), generator=generator)
    options = {"dim": 8}
    for prefix, own in (("enc_", encoder), ("dec_", decoder)):
        options.update({prefix + key: value for key, value in {**MODEL, **own}.items() if value is not None})
    torch.manual_seed(seed)
    model = ReformerEncDec(**options).train()
    widen(model)
    mask = mask_of(source_length, real)
    recorder = Recorder({**hashing_modules(model.enc, "enc."), **hashing_modules(model.dec, "dec.")})

    def run(_):
        masks = {} if mask is None else {"enc_input_mask": mask}
        logits = model(source, target[:, :-1], **masks)
        loss = F.cross_entropy(logits.transpose(1, 2), target[:, 1:])
        loss.backward()
        return {"logits": logits, "loss": loss.reshape(1)}

    found = twice(model, recorder, run)
    if found is None:
        return False
    tensors = tensors_of(found, recorder, lambda kind, at: f"{at.split('.')[0]}.{kind}.{at.split('.')[1]}")
    tensors["input.source"] = numbers(source)
    tensors["input.input_ids"] = numbers(target[:, :-1])
    tensors["input.labels"] = numbers(target[:, 1:])
    if mask is not None:
        tensors["input.source_mask"] = numbers(mask)
    written_under(name, "ReformerEncDec", options, seed, model, tensors)
    return True


def make_attention(name, length, other, real, options, seed):
    options = {**ATTENTION, **options}
    generator = torch.Generator().manual_seed(seed + 1000)
    draw = lambda *shape: torch.randn(*shape, generator=generator)
    x, keys, cotangent = draw(2, length, 8), draw(2, other, 8), draw(2, length, 8)
    torch.manual_seed(seed)
    module = LSHSelfAttention(**options).train()
    widen(module)
    mask = mask_of(other, real)
    recorder = Recorder(hashing_modules(module))
    needs = length + other + options.get("num_mem_kv", 0)
    if not options.get("use_full_attn") and needs % (2 * options["bucket_size"]) != 0:
        raise SystemExit(f"{name}: {needs} keys")

    def run(dtype):
        given = [leaf.detach().clone().to(dtype).requires_grad_() for leaf in (x, keys)]
        masks = {} if mask is None else {"context_mask": mask}
        out = module(given[0], keys=given[1], **masks)
        out.backward(cotangent.to(dtype))
        return {"out": out, "grad.x": given[0].grad, "grad.keys": given[1].grad}

    found = twice(module, recorder, run)
    if found is None:
        return False
    for results, grads, _ in found:
        for leaf in ("x", "keys"):
            grads[leaf] = results.pop(f"grad.{leaf}")
    tensors = tensors_of(found, recorder, lambda kind, at: f"{kind}.{at}")
    for key, value in (("x", x), ("keys", keys), ("grad_output", cotangent)):
        tensors[f"input.{key}"] = numbers(value)
    if mask is not None:
        tensors["input.context_mask"] = numbers(mask)
    written_under(name, "LSHSelfAttention", options, seed, module, tensors)
    return True


def first_seed(make, name, settings):
    for seed in range(1, 40):
        if make(name, *settings, seed=seed):
            return
    raise SystemExit(f"{name}: no seed whose float64 run agrees")


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for name, settings in MODELS.items():
        first_seed(make_model, name, settings)
    for name, settings in ATTENTIONS.items():
        first_seed(make_attention, name, settings)

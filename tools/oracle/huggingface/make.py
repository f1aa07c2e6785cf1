"""Makes test/golden/huggingface anew: models of transformers' Reformer on small random weights, in float32 and float64.

PyTorch 1.13 (Debian's python3-torch) in an environment that sees the system's packages, with requirements.txt.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy
import torch
from cases import CASES
from safetensors.numpy import save_file
from transformers.models.reformer import modeling_reformer as reformer

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "huggingface"
DEFAULTS = dict(
    vocab_size=20, hidden_size=8, num_attention_heads=2, attention_head_size=4, feed_forward_size=12, hidden_act="gelu",
    attn_layers=["local", "lsh"], local_attn_chunk_length=4, lsh_attn_chunk_length=4, num_hashes=2, num_buckets=4,
    axial_pos_shape=[6, 8], axial_pos_embds_dim=[3, 5], max_position_embeddings=48, hidden_dropout_prob=0.0,
    lsh_attention_probs_dropout_prob=0.0, local_attention_probs_dropout_prob=0.0, pad_token_id=0,
)
TARGETS = ("labels", "start_positions", "end_positions")


class Recorder:
    """Rotations and buckets of the LSH layers in the order in which they hash; given rotations are used again."""

    def __init__(self, rotations=None):
        self.given, self.rotations, self.buckets = rotations, [], []

    def __enter__(self):
        self.hash, self.randn = reformer.LSHSelfAttention._hash_vectors, torch.randn
        recorder = self

        def randn(*shape, **options):
            place = len(recorder.rotations)
            drawn = recorder.given[place] if recorder.given else recorder.randn(*shape, device=options.get("device"))
            recorder.rotations.append(drawn.float())
            return drawn.to(options.get("dtype") or torch.float32)

        def hash_vectors(layer, *args, **options):
            torch.randn = randn
            try:
                buckets = recorder.hash(layer, *args, **options)
            finally:
                torch.randn = recorder.randn
            recorder.buckets.append(buckets)
            return buckets

        reformer.LSHSelfAttention._hash_vectors = hash_vectors
        return self

    def __exit__(self, *_):
        reformer.LSHSelfAttention._hash_vectors = self.hash


def run(model, inputs, rotations=None):
    model.zero_grad()
    with Recorder(rotations) as recorder:
        out = model(**inputs)
        loss = out.get("loss") if hasattr(out, "get") else None
        if loss is not None and model.training:
            loss.backward()
    return out, recorder


def numbers(tensor):
    kind = numpy.float32 if tensor.is_floating_point() else numpy.int32
    return numpy.ascontiguousarray(tensor.detach().numpy().astype(kind))


def make(name, model_class, config, inputs, train, counted, seed):
    generator = torch.Generator().manual_seed(seed + 1000)
    given = {key: make_input(generator) for key, make_input in inputs.items()}
    if not counted and "attention_mask" in given and given.get("labels", torch.zeros(1)).dim() == 2:
        # What masked tokens answer carries no meaning: it is not learned from.
        hidden = given["attention_mask"] == 0
        hidden[:, 1:] |= given["attention_mask"][:, :-1] == 0
        given["labels"][hidden] = -100
    torch.manual_seed(seed)
    # In training HuggingFace wants the axes to hold exactly the sequence.
    axes = {"axial_pos_shape": [4, given["input_ids"].shape[1] // 4]} if train else {}
    settings = reformer.ReformerConfig(**{**DEFAULTS, **axes, **config})
    model = getattr(reformer, model_class)(settings)
    # HuggingFace's initial weights say little: wider ones, biases and norms included.
    for parameter in model.parameters():
        parameter.data.add_(0.4 * torch.randn_like(parameter))
    model.train(train)
    out, recorder = run(model, given)
    grads = {key: p.grad.clone() for key, p in model.named_parameters() if p.grad is not None}
    wide = model.double()
    given64 = {key: value.double() if value.is_floating_point() else value for key, value in given.items()}
    out64, recorder64 = run(wide, given64, recorder.rotations)
    if not all(torch.equal(a, b) for a, b in zip(recorder.buckets, recorder64.buckets)):
        return None
    model.float()
    outputs = [key for key in ("loss", "logits", "start_logits", "end_logits", "last_hidden_state") if out.get(key) is not None]
    tensors = {f"input.{key}": numbers(value) for key, value in given.items()}
    layers = [i for i, kind in enumerate(settings.attn_layers) if kind == "lsh"] if recorder.rotations else []
    for layer, rotation, buckets in zip(layers, recorder.rotations, recorder.buckets):
        tensors[f"rotations.{layer}"] = numbers(rotation)
        tensors[f"buckets.{layer}"] = numbers(buckets.view(*buckets.shape[:2], settings.num_hashes, -1))
    for key in outputs:
        shaped = (lambda x: x.reshape(1)) if key == "loss" else (lambda x: x)
        tensors[f"expected.{key}"] = numbers(shaped(out[key]))
        tensors[f"expected64.{key}"] = numbers(shaped(out64[key]))
    for key, value in grads.items():
        tensors[f"grad.{key}"] = numbers(value)
    for key, parameter in wide.named_parameters():
        if key in grads:
            tensors[f"grad64.{key}"] = numbers(parameter.grad)
    folder = GOLDEN / name
    folder.mkdir(parents=True)
    save_file({key: numbers(value) for key, value in model.state_dict().items()}, folder / "model.safetensors")
    save_file(tensors, folder / "io.safetensors")
    kinds = {"float32": "F32", "int32": "I32"}
    description = {
        "case": name, "family": "hf", "class": model_class, "mode": "train" if train else "eval", "seed": seed,
        "source": "huggingface/transformers 4.31.0, torch 1.13 CPU",
        "tensors": {key: {"dtype": kinds[str(t.dtype)], "shape": list(t.shape)} for key, t in sorted(tensors.items())},
    }
    (folder / "io.json").write_text(json.dumps(description) + "\n")
    # What the case was asked for, not what HuggingFace has made of it since.
    written = {**json.loads(settings.to_json_string()), "num_buckets": config.get("num_buckets", DEFAULTS["num_buckets"])}
    (folder / "config.json").write_text(json.dumps(written, sort_keys=True) + "\n")
    return folder


if __name__ == "__main__":
    # Some cases by name, or all.
    for name, case in CASES.items() if len(sys.argv) == 1 else [(name, CASES[name]) for name in sys.argv[1:]]:
        shutil.rmtree(GOLDEN / name, ignore_errors=True)
        for seed in range(1, 20):
            if make(name, **case, seed=seed):
                break

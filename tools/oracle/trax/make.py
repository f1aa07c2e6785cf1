"""Makes test/golden/trax anew: checkpoints of trax's ReformerLM as each of its ages wrote them, and the logits that it gives.

trax 1.4.1 of requirements.txt, on JAX; README.md says how. It computes in float64: in float32 a token that sees only itself, at a logit of
-1e5, gets weights of its rounds that do not sum to 1.
"""

import collections
import functools
import gzip
import json
import pickle
import shutil
from pathlib import Path

import stand_ins  # noqa: F401
import jax
import numpy
from trax import layers as tl
from trax import shapes
from trax.models.reformer import reformer
from trax.supervised import history

jax.config.update("jax_enable_x64", True)

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "trax"
SIZES = dict(vocab_size=11, d_model=8, d_ff=12, d_attention_key=4, d_attention_value=4, n_layers=2, n_heads=2, max_len=32)
LENGTH, BATCH = 16, 2

# Name: how it is stored, options of the model, and of its attention as gin binds them.
CASES = {
    "full_learned": ("trainer", {}, {}),
    "shared_axial": (
        "nested",
        {"pos_type": "axial", "pos_axial_shape": [2, 2, 4], "pos_d_axial_embs": [3, 1, 4], "ff_activation": "Relu", "d_attention_key": 3, "d_attention_value": 3},
        {"SelfAttention": {"share_qk": True}},
    ),
    "local_hashed": (
        "loop",
        {
            "attention_type": ["SelfAttention", "LSHSelfAttention"],
            "n_layers": 4,
            "n_heads": 3,
            "pos_type": "sin-cos",
            "ff_activation": "Swish",
        },
        {
            "SelfAttention": {"chunk_len": 4, "n_chunks_before": 1},
            "LSHSelfAttention": {"chunk_len": 4, "n_buckets": [2, 4], "n_hashes": 2},
        },
    ),
    "hashed_fixed_base": (
        "saved",
        {"attention_type": "LSHSelfAttention", "pos_type": "fixed-base", "d_model": 16, "n_layers": 1},
        {"LSHSelfAttention": {"chunk_len": 4}},
    ),
    "shared_local_bare": (
        "trainer",
        {"pos_type": "no", "ff_activation": "Gelu", "ff_chunk_size": 8},
        {"SelfAttention": {"chunk_len": 8, "n_chunks_before": 1, "share_qk": True}},
    ),
}


def model_of(options, bindings):
    def attention(name):
        return functools.partial(getattr(tl, name), **bindings.get(name, {}))

    given = {**SIZES, **options}
    kinds = given.pop("attention_type", "SelfAttention")
    activation = getattr(tl, given.pop("ff_activation", "FastGelu"))
    for tuples in ("pos_axial_shape", "pos_d_axial_embs"):
        if tuples in given:
            given[tuples] = tuple(given[tuples])
    attention_type = [attention(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return reformer.ReformerLM(mode="eval", attention_type=attention_type, ff_activation=activation, **given)


def widen(weights, rng):
    if isinstance(weights, (tuple, list)):
        return type(weights)(widen(part, rng) for part in weights)
    return jax.numpy.asarray(weights + 0.3 * rng.standard_normal(weights.shape), "f4") if hasattr(weights, "shape") else weights


def rotations_of(model, bindings):
    """What the hashing layers will turn by: f32[batch, heads, width, rounds, half] each, from the keys in their states."""
    given = bindings.get("LSHSelfAttention", {})
    keys = [state for state in tl.flatten_weights_and_state(model.weights, model.state)[1] if state.dtype == numpy.uint32]
    buckets = given.get("n_buckets", 2 * (LENGTH // given.get("chunk_len", 1)))
    half = sum(buckets) // 2 if isinstance(buckets, list) else buckets // 2
    rounds = given.get("n_hashes", 1)
    for layer in keys:
        drawn = [jax.random.normal(jax.random.split(key)[1], (SIZES["d_attention_key"], rounds, half)) for key in layer]
        yield numpy.reshape(drawn, (BATCH, -1, *drawn[0].shape)).astype("f4").tolist()


def trained(step):
    record = history.History()
    for at in (1, step):
        record.append("train", "metrics/accuracy", at, numpy.float32(at / 100))
    assert isinstance(record._values["train"], collections.defaultdict)
    return record


def store(form, file, model, signature):
    """As `trainer_lib` wrote them until 2021, as nested tuples before, as `Loop` writes them since, and as `save_to_file` does."""
    flat_weights, flat_state = tl.flatten_weights_and_state(model.weights, model.state)
    arrays = [numpy.asarray(weight) for weight in flat_weights]
    state = [numpy.asarray(part) for part in flat_state]
    if form == "saved":
        model.save_to_file(str(file), input_signature=signature)
        return
    if form == "nested":
        dictionary = {"step": 3, "weights": jax.tree_util.tree_map(numpy.asarray, model.weights)}
    elif form == "trainer":
        slots = tuple((numpy.zeros(3, "f4"), numpy.ones(3, "f4")) for _ in arrays)
        dictionary = {"step": 3, "flat_weights": arrays, "slots": slots, "opt_params": {"b1": numpy.array(0.9, "f4")},
                      "history": trained(3), "flat_state": state, "input_signature": signature}
    else:
        tl.np_to_file(arrays, str(file).replace(".pkl.gz", ".weights.npy.gz"), compresslevel=2)
        dictionary = {"step": 3, "flat_weights": 2, "flat_state": flat_state, "flat_eval_state": flat_state,
                      "history": trained(3).to_dict(), "slots_per_task": 2, "input_signature": signature,
                      "version_timestamp": "Mar-10-2021"}
    file.write_bytes(gzip.compress(pickle.dumps(dictionary, 3 if form == "trainer" else pickle.HIGHEST_PROTOCOL), 2, mtime=0))


def make(name, form, options, bindings, seed):
    rng = numpy.random.default_rng(seed)
    tokens = rng.integers(0, SIZES["vocab_size"], (BATCH, LENGTH))
    model = model_of(options, bindings)
    signature = shapes.signature(tokens)
    model.init(signature, rng=jax.random.PRNGKey(seed))
    model.weights = widen(model.weights, rng)
    folder = GOLDEN / name
    folder.mkdir(parents=True)
    store(form, folder / "model.pkl.gz", model, signature)
    rotations = list(rotations_of(model, bindings))
    model.weights = jax.tree_util.tree_map(lambda weight: weight.astype("f8"), model.weights)
    logits = numpy.asarray(model(tokens))
    assert logits.dtype == "f8"
    given = {**SIZES, **options, **bindings}
    case = {"options": given, "tokens": tokens.tolist(), "rotations": rotations, "logits": numpy.round(logits, 7).tolist()}
    (folder / "case.json").write_text(json.dumps(case) + "\n")


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for seed, (name, case) in enumerate(CASES.items()):
        make(name, *case, seed=seed)

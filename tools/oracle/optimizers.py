"""Steps of other people's Adafactor, one-cycle rates and accumulated gradients: python tools/oracle/optimizers.py.

`optax` in an environment with optax-requirements.txt, `transformers` in one with PyTorch and transformers 4.31 (Debian's python3-torch 1.13 does);
each writes its own file of test/golden/optim.
"""

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "optim"
SHAPES = {"bias": (5,), "kernel": (3, 4), "heads": (2, 3, 4), "wide": (4, 1, 6)}
STEPS = 3

ADAFACTOR = [
    {},
    {"relative": False},
    {"clip": None, "weightDecay": 0.01},
    {"momentum": 0.9, "decayExponent": 0.5},
    {"clip": 0.25, "momentum": 0.5, "weightDecay": 0.1},
    {"factored": False},
]
RATE = 0.05


def numbers(name, shape, salt):
    """Numbers that every language makes alike: a linear congruence, in f32 exactly."""
    state = sum(map(ord, name)) * 7919 + salt * 104729
    count = 1
    for n in shape:
        count *= n
    out = []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        out.append((state // 2**15) / 2**15 - 1.0)
    return out


def params():
    return {name: numbers(name, shape, 0) for name, shape in SHAPES.items()}


def gradients(step):
    return {name: numbers(name, shape, step + 1) for name, shape in SHAPES.items()}


def write(name, cases):
    GOLDEN.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (GOLDEN / name).write_text(f"[\n{lines}\n]\n")


def rounded(xs):
    return [float(f"{x:.8g}") for x in xs]


def with_optax():
    import jax
    import numpy as np
    import optax

    def tree(values):
        return {k: np.asarray(v, np.float32).reshape(SHAPES[k]) for k, v in values.items()}

    def run(optimizer, steps=STEPS):
        p = jax.tree.map(jax.numpy.asarray, tree(params()))
        state = optimizer.init(p)
        for step in range(steps):
            updates, state = optimizer.update(tree(gradients(step)), state, p)
            p = optax.apply_updates(p, updates)
            yield {k: rounded(np.asarray(v).ravel().tolist()) for k, v in p.items()}

    cases = []
    for least in (1, 4, 128):
        for options in ADAFACTOR if least < 128 else ADAFACTOR[:1]:
            optimizer = optax.adafactor(
                RATE,
                min_dim_size_to_factor=least,
                decay_rate=options.get("decayExponent", 0.8),
                multiply_by_parameter_scale=options.get("relative", True),
                clipping_threshold=options.get("clip", 1.0),
                momentum=options.get("momentum"),
                weight_decay_rate=options.get("weightDecay"),
                factored=options.get("factored", True),
            )
            asked = {**options, "leastSize": least, "convention": "optax"}
            cases.append({"kind": "adafactor", "options": asked, "after": list(run(optimizer))})
    accumulated = optax.MultiSteps(optax.adam(0.1), 2)
    cases.append({"kind": "accumulate", "after": list(run(accumulated))})
    for steps, peak, rising in [(10, 1.0, 0.3), (100, 0.25, 0.5), (7, 2.0, 0.2)]:
        rate = optax.cosine_onecycle_schedule(steps, peak, rising)
        rates = [[t, float(rate(t))] for t in range(0, steps + 2, max(1, steps // 9))]
        cases.append({"kind": "oneCycle", "steps": steps, "peak": peak, "rising": rising, "rates": rates})
    write("optax.json", cases)


def with_transformers():
    import torch
    from transformers.optimization import Adafactor

    torch.set_num_threads(1)
    cases = []
    for options in [*ADAFACTOR, {"rate": "relative"}, {"rate": "relativeWarmup", "momentum": 0.9}]:
        if "factored" in options:
            continue
        rate = options.get("rate", RATE)
        p = {k: torch.nn.Parameter(torch.tensor(v).reshape(SHAPES[k])) for k, v in params().items()}
        optimizer = Adafactor(
            p.values(),
            lr=rate if rate == RATE else None,
            clip_threshold=options.get("clip", 1.0) or 1e30,
            decay_rate=-options.get("decayExponent", 0.8),
            beta1=options.get("momentum"),
            weight_decay=options.get("weightDecay", 0.0),
            scale_parameter=options.get("relative", True),
            relative_step=rate != RATE,
            warmup_init=rate == "relativeWarmup",
        )
        after = []
        for step in range(STEPS):
            for k, v in gradients(step).items():
                p[k].grad = torch.tensor(v).reshape(SHAPES[k])
            optimizer.step()
            after.append({k: rounded(v.detach().flatten().tolist()) for k, v in p.items()})
        asked = {**{k: v for k, v in options.items() if k != "rate"}, "convention": "transformers"}
        cases.append({"kind": "adafactor", "rate": rate, "options": asked, "after": after})
    write("transformers.json", cases)


{"optax": with_optax, "transformers": with_transformers}[sys.argv[1]]()

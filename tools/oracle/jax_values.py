"""What JAX computes for a case: values, gradients and second gradients, as words that JSON can carry.

A case is { id, js, py, args, f, mode }: `js` and `py` are one expression of `x` (and `y`, `z`) in both libraries, `args`
nested numbers, `f` whether each argument is f32 (else i32). The answers are
  v, shape, dtype  the result,
  g   the gradient of the sum of the result weighted by 1 + 0.1 i, one for each f32 argument (modes g and gg),
  gg  the gradient of the sum of those gradients, weighted alike (mode gg).
"""

import json
import math

import jax
import numpy
from jax import lax, nn  # noqa: F401 (names that expressions use)
from jax import numpy as np

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
NAMES = ["x", "y", "z"]


def decode(numbers):
    """Nested numbers from JSON, where words stand for what is no JSON number."""
    if isinstance(numbers, list):
        return [decode(n) for n in numbers]
    return SPECIAL.get(numbers, numbers)


def encode(array):
    """The elements as the shortest decimals that round to them."""
    flat = numpy.asarray(array).ravel()
    if flat.dtype != numpy.float32:
        return [int(n) for n in flat]
    return [short(n) for n in flat]


def short(n):
    if not numpy.isfinite(n):
        return "NaN" if numpy.isnan(n) else ("Infinity" if n > 0 else "-Infinity")
    text = float(str(n))
    return int(text) if text == int(text) and abs(text) < 1e15 and not math.copysign(1, text) < 0 else text


def weights(array):
    return np.reshape(1 + 0.1 * np.arange(array.size, dtype=np.float32), array.shape)


def weighted_sum(array):
    return np.sum(weights(array) * array)


def answers(case):
    args = [np.array(decode(a), dtype=np.float32 if f else np.int32) for a, f in zip(case["args"], case["f"])]
    function = eval(f"lambda {', '.join(NAMES[: len(args)])}: {case['py']}")
    result = function(*args)
    found = {"v": encode(result), "shape": list(result.shape), "dtype": str(result.dtype)}
    if case["mode"] == "v" or result.dtype != np.float32:
        return found
    floats = tuple(i for i, f in enumerate(case["f"]) if f)
    gradient = jax.grad(lambda *a: weighted_sum(function(*a)), argnums=floats)
    found["g"] = [encode(g) for g in gradient(*args)]
    if case["mode"] == "gg":
        second = jax.grad(lambda *a: sum(weighted_sum(g) for g in gradient(*a)), argnums=floats)
        found["gg"] = [encode(g) for g in second(*args)]
    return found


def write(path, cases):
    """One case a line."""
    lines = ",\n".join(json.dumps({**case, **answers(case)}, separators=(",", ":")) for case in cases)
    path.write_text(f"[\n{lines}\n]\n")
    print(f"{path}: {len(cases)} cases of JAX {jax.__version__}")

"""Makes the files of test/golden/jax anew: python tools/oracle/make.py, in an environment with requirements.txt."""

import json
from pathlib import Path

import jax
import jax_values
from functions import all_cases
from jax import numpy as np

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "jax"
ANSWERS = ("v", "shape", "dtype", "g", "gg")


def questions(path):
    """The cases of a file without their answers."""
    return [{k: v for k, v in case.items() if k not in ANSWERS} for case in json.loads(path.read_text())]


def randint_cases():
    """The first numbers of random.randint: bounds and dtypes where JAX is even within 2^-12."""
    i32, u32 = "int32", "uint32"
    for low, high, dtype in [
        (0, 6, i32), (-5, 5, i32), (0, 320, i32), (0, 50257, i32), (0, 65536, i32), (0, 65537, i32), (0, 100_000, i32),
        (-1_000_000, 0, i32), (0, 1 << 20, i32), (0, 2**31 - 1, i32), (-(2**31), 2**31 - 1, i32), (0, 1 << 30, i32),
        (3, 3, i32), (5, 2, i32), (0, 6, u32), (0, 2**31, u32), (0, 2**32 - 1, u32), (7, 1000, u32),
    ]:
        for seed in (0, 42):
            drawn = jax.random.randint(jax.random.key(seed), (5,), np.array(low, dtype), np.array(high, dtype), dtype)
            yield {"seed": seed, "low": low, "high": high, "dtype": {i32: "i32", u32: "u32"}[dtype], "out": drawn.tolist()}


values = GOLDEN / "values.json"
jax_values.write(values, questions(values))
jax_values.write(GOLDEN / "functions.json", list(all_cases()))
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in randint_cases())
(GOLDEN / "randint.json").write_text(f"[\n{lines}\n]\n")

"""What JAX says where the squares of f32 numbers overflow: test/golden/jax/large.json.

Run in the environment of requirements.txt: python tools/oracle/large.py
"""

import json
import pathlib

import jax
import jax.numpy as jnp

ROWS = {
    "1e18": [1e18, 2e18, -3e18, 4e18],
    "1e19": [1e19, 2e19, -3e19, 4e19],
    "1e20": [1e20, 2e20, -3e20, 4e20],
    "1e38": [1e38, 2e38, -3e38, 1e38],
    "equal": [1e20, 1e20, 1e20, 1e20],
}
# Name here: what JAX computes. Layer norm by its definition; jax.nn.standardize, which takes the mean of squares, is NaN earlier.
FUNCTIONS = {
    "numpy.mean": jnp.mean,
    "numpy.variance": jnp.var,
    "numpy.std": jnp.std,
    "nn.logSumExp": jax.nn.logsumexp,
    "nn.softmax": jax.nn.softmax,
    "nn.layerNorm": lambda x: (x - jnp.mean(x)) * jax.lax.rsqrt(jnp.var(x) + 1e-6),
}


def number(x):
    return float(x) if jnp.isfinite(x) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(float(x))]


def values(f, row):
    return [number(x) for x in jnp.ravel(f(jnp.array(row, jnp.float32)))]


cases = [
    {"name": name, "row": row, "x": ROWS[row], "y": values(f, ROWS[row])} for name, f in FUNCTIONS.items() for row in ROWS
]
path = pathlib.Path(__file__).parents[2] / "test/golden/jax/large.json"
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")

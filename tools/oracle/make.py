"""Makes the files of test/golden/jax anew: python tools/oracle/make.py, in an environment with requirements.txt."""

import json
from pathlib import Path

import jax_values

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "jax"
ANSWERS = ("v", "shape", "dtype", "g", "gg")


def questions(path):
    """The cases of a file without their answers."""
    return [{k: v for k, v in case.items() if k not in ANSWERS} for case in json.loads(path.read_text())]


values = GOLDEN / "values.json"
jax_values.write(values, questions(values))

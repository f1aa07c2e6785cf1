"""Small pickles of numpy arrays of all types, and their values: test/golden/pickle.

    pip install -r tools/oracle/pickle-requirements.txt
    python tools/oracle/pickles.py
"""

import gzip
import json
import pathlib
import pickle
from collections import defaultdict

import numpy

GOLDEN = pathlib.Path(__file__).parents[2] / "test/golden/pickle"


def arrays():
    """Every element type, and the shapes that are special."""
    rng = numpy.random.default_rng(0)
    whole = [f"{kind}{width}" for kind in "iu" for width in (1, 2, 4, 8)]
    return {
        "step": 7,
        "flat_weights": [
            rng.standard_normal((2, 3)).astype("f4"),
            (rng.standard_normal(4).astype("f4"), ()),
            numpy.zeros((0, 3), "f4"),
        ],
        "types": {
            **{name: numpy.array([0, 1, 100], name) for name in whole},
            **{name: numpy.array([-0.5, 0, 3], name) for name in ("f2", "f4", "f8")},
            "b1": numpy.array([True, False]),
        },
        "columns": numpy.asfortranarray(rng.standard_normal((2, 3, 2)).astype("f4")),
        "scalar": numpy.float32(1.5),
        "lists": defaultdict(list, {"a": [numpy.array(2, "i4")], "b": None}),
        "history": {"loss": [(1, 0.5), (2, -1e300)], "large": 2**40, "negative": -3},
    }


def named(value, path=()):
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        yield ".".join(path), {"shape": list(value.shape), "values": value.ravel().tolist()}
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from named(part, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from named(part, (*path, str(i)))


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for protocol in (2, 3, 4, 5):
        packed = gzip.compress(pickle.dumps(arrays(), protocol), mtime=0)
        (GOLDEN / f"protocol-{protocol}.pkl.gz").write_bytes(packed)
    (GOLDEN / "values.json").write_text(json.dumps(dict(named(arrays()))) + "\n")


main()

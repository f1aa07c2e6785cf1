"""What transformers 4.31 makes of logits: test/golden/generation/sampling.json.

Repetition penalty, temperature, top-k and top-p are its own processors and warpers, in the order of its generation. It has no
min-p yet: that filter is its definition in numpy, tokens of less than min_p times the largest probability are left out.
"""

import json

import numpy as np
import torch
from transformers.generation.logits_process import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


def probabilities(logits, seen, temperature, top_k, top_p, min_p, penalty):
    scores = torch.tensor([logits], dtype=torch.float64)
    ids = torch.tensor([seen])
    if penalty != 1:
        scores = RepetitionPenaltyLogitsProcessor(penalty)(ids, scores)
    scores = TemperatureLogitsWarper(temperature)(ids, scores)
    if top_k is not None:
        scores = TopKLogitsWarper(top_k)(ids, scores)
    if top_p is not None:
        scores = TopPLogitsWarper(top_p)(ids, scores)
    found = torch.softmax(scores, -1).numpy()[0]
    if min_p is not None:
        kept = np.where(found >= min_p * found.max(), found, 0)
        found = kept / kept.sum()
    return found


def main():
    rng = np.random.default_rng(7)
    cases = []
    for _ in range(40):
        size = int(rng.integers(2, 12))
        case = {
            "logits": [float(np.float32(x)) for x in rng.normal(0, 3, size)],
            "seen": [int(x) for x in rng.integers(0, size, int(rng.integers(1, 6)))],
            "temperature": float(rng.choice([0.5, 1.0, 1.7])),
            "topK": None if rng.random() < 0.5 else int(rng.integers(1, size + 1)),
            "topP": None if rng.random() < 0.5 else float(rng.choice([0.3, 0.8, 0.95])),
            "minP": None if rng.random() < 0.5 else float(rng.choice([0.02, 0.1, 0.4])),
            "repetitionPenalty": float(rng.choice([1.0, 1.3, 2.5, 0.7])),
        }
        case["probabilities"] = [
            float(x)
            for x in probabilities(
                case["logits"],
                case["seen"],
                case["temperature"],
                case["topK"],
                case["topP"],
                case["minP"],
                case["repetitionPenalty"],
            )
        ]
        cases.append(case)
    print("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]")


main()

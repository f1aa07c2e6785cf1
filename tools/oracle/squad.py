"""Exact match and F1 of answers, as transformers' copy of SQuAD's official script counts them, for test/golden/squad.json.

    build/oracle-hf/bin/python tools/oracle/squad.py > test/golden/squad.json
"""

import json
import random

from transformers.data.metrics.squad_metrics import compute_exact, compute_f1

ANSWERS = [
    "the Norman dukes",
    "Norman dukes",
    "The  norman-dukes.",
    "a cat and an ox",
    "cat ox",
    "10th and 11th centuries",
    "the 10th and 11th",
    "in the 10th century",
    "U.S.A.",
    "USA",
    "usa",
    "theatre",
    "an anthem",
    "É the É",
    "éthe",
    "the",
    "a",
    "",
    "...",
    "$5.20 (five)",
    "five $520",
    "it's",
    "its",
    "dog dog dog",
    "dog dog cat",
    "one\ttwo\nthree",
    "three two one",
    "naïve façade",
    "Das Geräusch – „ja“",
    "das geräusch ja",
    "日本語 の",
    "the_a_an",
]


def main() -> None:
    draw = random.Random(5)
    words = sorted({word for answer in ANSWERS for word in answer.split()})
    pairs = [(a, b) for a in ANSWERS for b in draw.sample(ANSWERS, 6)]
    for _ in range(60):
        gold = [draw.choice(words) for _ in range(draw.randint(1, 6))]
        found = [word for word in gold if draw.random() < 0.7] + [draw.choice(words)]
        pairs.append((" ".join(gold), " ".join(found)))
    cases = [
        {"answer": a, "found": b, "exact": compute_exact(a, b), "f1": float(compute_f1(a, b))}
        for a, b in pairs
    ]
    print(json.dumps(cases, ensure_ascii=False, indent=1))


main()

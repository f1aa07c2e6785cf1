"""Loads a folder that `reformax export` wrote with transformers, and prints its logits as JSON: load_folder.py FOLDER LENGTH."""

import json
import sys

import torch
from safetensors.torch import load_file
from transformers import ReformerConfig, ReformerModelWithLMHead

folder, length = sys.argv[1], int(sys.argv[2])
config = ReformerConfig.from_pretrained(folder)
model = ReformerModelWithLMHead(config)
found = model.load_state_dict(load_file(f"{folder}/model.safetensors"), strict=False)
assert not found.unexpected_keys, found.unexpected_keys
assert all("mask_value" in name for name in found.missing_keys), found.missing_keys
model.eval()
tokens = torch.tensor([[(7 * i * i + 3 * i + 1) % config.vocab_size for i in range(length)]])
with torch.no_grad():
    logits = model(tokens).logits[0]
json.dump(
    {"tokens": tokens[0].tolist(), "logits": [round(x, 6) for x in logits.flatten().tolist()]},
    sys.stdout,
)

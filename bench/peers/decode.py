"""Processor time of a token in transformers' Reformer with `use_cache`, one thread: a model as large as bytes-small.

decode.py POSITION...: prints JSON, a row for each number of tokens that is read first.
"""

import json
import sys
import time

import torch
from transformers import ReformerConfig, ReformerModelWithLMHead

torch.set_num_threads(1)
torch.manual_seed(0)
tokens = 100
config = ReformerConfig(
    attn_layers=["local", "lsh"],
    vocab_size=256,
    hidden_size=128,
    attention_head_size=64,
    num_attention_heads=2,
    feed_forward_size=256,
    num_buckets=16,
    num_hashes=2,
    local_attn_chunk_length=64,
    lsh_attn_chunk_length=64,
    axial_pos_shape=[64, 128],
    axial_pos_embds_dim=[64, 64],
    max_position_embeddings=8192,
    is_decoder=True,
    use_cache=True,
    hash_seed=0,
)
model = ReformerModelWithLMHead(config).eval()
rows = []
for position in map(int, sys.argv[1:]):
    ids = torch.randint(0, 256, (1, position))
    with torch.no_grad():
        start = time.process_time()
        read = model(ids, use_cache=True)
        prompt = time.process_time() - start
        past = read.past_buckets_states
        for i in range(tokens + 4):
            if i == 4:
                start = time.process_time()
            read = model(torch.randint(0, 256, (1, 1)), use_cache=True, past_buckets_states=past)
            past = read.past_buckets_states
    rows.append(
        {
            "position": position,
            "milliseconds": 1000 * (time.process_time() - start) / tokens,
            "promptSeconds": prompt,
        }
    )
print(json.dumps(rows))

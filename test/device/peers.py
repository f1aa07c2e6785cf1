"""The same model in PyTorch on CUDA, and large matrix products there and in JAX: what ours are compared with.

Each part stands alone: what fails says so in the results, and the others go on. Results go to $LOGS/peers.json;
SCALE=small makes everything small and also runs on a CPU. The last line of the output sums up.
"""

import json
import math
import os
import statistics
import sys
import time

RESULTS = {"suite": "peers", "python": sys.version.split()[0], "parts": {}}
SMALL = os.environ.get("SCALE") == "small"
FOLDER = os.environ.get("LOGS", "/tmp")
BEGIN = time.monotonic()
SECONDS = float(os.environ.get("SUITE_SECONDS", "52"))

# JAX takes most of a device's memory at once otherwise.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

try:
    import torch
    import torch.nn.functional as F

    DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
    RESULTS["torch"] = torch.__version__
    RESULTS["device"] = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
except Exception as error:  # without PyTorch there is nothing to compare with
    torch = None
    RESULTS["error"] = repr(error)


def seconds_left():
    return SECONDS - (time.monotonic() - BEGIN)


def write():
    with open(os.path.join(FOLDER, "peers.json"), "w") as file:
        json.dump(RESULTS, file, indent=1)


def part(name, run, needs=3.0):
    if seconds_left() < needs:
        RESULTS["parts"][name] = {"skipped": "no time is left"}
    else:
        try:
            RESULTS["parts"][name] = run()
        except Exception as error:
            RESULTS["parts"][name] = {"error": repr(error)[:500]}
        if torch is not None and DEVICE == "cuda":
            torch.cuda.empty_cache()
    print(name, json.dumps(RESULTS["parts"][name]), flush=True)
    write()


def wait():
    if torch is not None and DEVICE == "cuda":
        torch.cuda.synchronize()


def timed(run, repeats=5):
    """Median milliseconds after two runs that warm up; fewer repeats where time is short."""
    run()
    wait()
    run()
    wait()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        wait()
        times.append((time.perf_counter() - begin) * 1000)
        if seconds_left() < 3:
            break
    return statistics.median(times)


def set_tf32(allowed):
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def product(dtype, tf32):
    def run():
        set_tf32(tf32)
        side, times = (64, 2) if SMALL else (4096, 10)
        kind = dtype if DEVICE == "cuda" else torch.float32
        a = torch.randn(side, side, device=DEVICE, dtype=kind)
        b = torch.randn(side, side, device=DEVICE, dtype=kind)

        def many():
            for _ in range(times):
                torch.mm(a, b)

        milliseconds = timed(many) / times
        return {"side": side, "milliseconds": milliseconds, "tflops": 2 * side**3 / milliseconds / 1e9}

    return run


def jax_product(dtype, precision):
    """Its own choice of kernel: `highest` is f32 throughout, `default` may round what is multiplied."""

    def run():
        import jax
        import jax.numpy as jnp

        RESULTS["jax"] = jax.__version__
        side, times = (64, 2) if SMALL else (4096, 10)
        left, right = (jax.random.normal(jax.random.PRNGKey(i), (side, side), dtype) for i in range(2))
        multiply = jax.jit(lambda a, b: jnp.matmul(a, b, precision=precision))

        def many():
            for _ in range(times):
                result = multiply(left, right)
            result.block_until_ready()

        milliseconds = timed(many) / times
        return {
            "side": side,
            "milliseconds": milliseconds,
            "tflops": 2 * side**3 / milliseconds / 1e9,
            "device": str(left.devices() if hasattr(left, "devices") else jax.devices()[0]),
        }

    return run


if SMALL:
    LENGTH, WIDTH, HEADS, INNER, DEPTH, AXIAL = 256, 32, 2, 64, 2, (16, 16)
else:
    LENGTH, WIDTH, HEADS, INNER, DEPTH, AXIAL = 65536, 512, 8, 2048, 12, (256, 256)
HEAD = WIDTH // HEADS
CHUNK, ROUNDS, VOCABULARY = 64, 2, 256
BUCKETS = 2 * LENGTH // CHUNK


def train_step_ms(model, loss_of):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    if DEVICE == "cuda":
        torch.cuda.reset_peak_memory_stats()
    losses = []

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())

    milliseconds = timed(step)
    peak = torch.cuda.max_memory_allocated() / 2**20 if DEVICE == "cuda" else None
    return {
        "milliseconds": milliseconds,
        "peakMiB": peak,
        "loss": float(losses[0]),
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": LENGTH,
        "layers": DEPTH,
    }


def transformers_reformer(tf32):
    """Its streams are f32 and rebuilt approximately; dropout is off, as in ours."""

    def run():
        from transformers import ReformerConfig, ReformerModelWithLMHead

        set_tf32(tf32)
        factor = 2 ** (int(math.log2(BUCKETS)) // 2)
        config = ReformerConfig(
            vocab_size=VOCABULARY,
            hidden_size=WIDTH,
            num_attention_heads=HEADS,
            attention_head_size=HEAD,
            feed_forward_size=INNER,
            hidden_act="relu",
            attn_layers=["local", "lsh"] * (DEPTH // 2),
            local_attn_chunk_length=CHUNK,
            lsh_attn_chunk_length=CHUNK,
            local_num_chunks_before=1,
            local_num_chunks_after=0,
            lsh_num_chunks_before=1,
            lsh_num_chunks_after=0,
            num_hashes=ROUNDS,
            num_buckets=[factor, BUCKETS // factor],
            axial_pos_embds=True,
            axial_pos_shape=list(AXIAL),
            axial_pos_embds_dim=[WIDTH // 2, WIDTH // 2],
            max_position_embeddings=LENGTH,
            is_decoder=True,
            use_cache=False,
            hidden_dropout_prob=0.0,
            local_attention_probs_dropout_prob=0.0,
            lsh_attention_probs_dropout_prob=0.0,
            chunk_size_lm_head=0,
            chunk_size_feed_forward=0,
            pad_token_id=0,
            eos_token_id=2,
        )
        model = ReformerModelWithLMHead(config).to(DEVICE).train()
        tokens = torch.randint(0, VOCABULARY, (1, LENGTH), device=DEVICE)
        return train_step_ms(model, lambda: model(input_ids=tokens, labels=tokens, use_cache=False).loss)

    return run


def look_back(x):
    """[..., chunks, chunk, d] with the chunk before in front of each."""
    before = torch.cat([torch.zeros_like(x[..., :1, :, :]), x[..., :-1, :, :]], dim=-3)
    return torch.cat([before, x], dim=-2)


def chunked(q, k, v, at, buckets, is_lsh):
    """q, k, v [h, n, d], places [h, n]: outputs [h, n, d] and log-sum-exps [h, n]."""
    h, n, d = q.shape
    cut = lambda x: x.reshape(h, n // CHUNK, CHUNK, -1)
    queries, keys, values = cut(q), look_back(cut(k)), look_back(cut(v))
    place = at.reshape(h, n // CHUNK, CHUNK)
    # Places from 1, so that what is not there has place 0 and is seen by nobody.
    others = look_back((place + 1).unsqueeze(-1)).squeeze(-1) - 1
    scores = queries @ keys.transpose(-1, -2) / math.sqrt(d)
    seen = (place.unsqueeze(-1) >= others.unsqueeze(-2)) & (others.unsqueeze(-2) >= 0)
    if is_lsh:
        own = buckets.reshape(h, n // CHUNK, CHUNK)
        theirs = look_back((own + 1).unsqueeze(-1)).squeeze(-1) - 1
        seen = seen & (own.unsqueeze(-1) == theirs.unsqueeze(-2))
        itself = place.unsqueeze(-1) == others.unsqueeze(-2)
        scores = torch.where(itself, scores - 1e5, scores)
    scores = scores.masked_fill(~seen, -1e9)
    lse = torch.logsumexp(scores, dim=-1, keepdim=True)
    out = torch.exp(scores - lse) @ values
    return out.reshape(h, n, d), lse.reshape(h, n)


def own_model():
    """Local and LSH attention in turns, with activations of a layer computed again in the backward pass."""
    from torch.utils.checkpoint import checkpoint

    class Layer(torch.nn.Module):
        def __init__(self, is_lsh):
            super().__init__()
            self.is_lsh = is_lsh
            self.norm1 = torch.nn.LayerNorm(WIDTH)
            self.norm2 = torch.nn.LayerNorm(WIDTH)
            self.into = torch.nn.Linear(WIDTH, (2 if is_lsh else 3) * WIDTH, bias=False)
            self.out = torch.nn.Linear(WIDTH, WIDTH, bias=False)
            self.inner = torch.nn.Linear(WIDTH, INNER)
            self.outer = torch.nn.Linear(INNER, WIDTH)

        def attention(self, x, rotations):
            n = x.shape[0]
            vectors = self.into(x).reshape(n, -1, HEADS, HEAD).permute(1, 2, 0, 3)
            place = torch.arange(n, device=x.device).expand(HEADS, n)
            if not self.is_lsh:
                return chunked(vectors[0], vectors[1], vectors[2], place, None, False)[0]
            q, v = vectors
            k = F.normalize(q, dim=-1)
            outs, lses = [], []
            for rotation in rotations:
                with torch.no_grad():
                    turned = torch.einsum("hnd,db->hnb", k, rotation)
                    buckets = torch.cat([turned, -turned], dim=-1).argmax(dim=-1)
                    order = torch.argsort(buckets, dim=-1, stable=True)
                    inverse = torch.argsort(order, dim=-1)
                    sorted_buckets = buckets.gather(1, order)
                rows = order.unsqueeze(-1).expand(-1, -1, HEAD)
                take = lambda y: y.gather(1, rows)
                out, lse = chunked(take(q), take(k), take(v), order, sorted_buckets, True)
                outs.append(out.gather(1, inverse.unsqueeze(-1).expand(-1, -1, HEAD)))
                lses.append(lse.gather(1, inverse))
            shares = torch.softmax(torch.stack(lses), dim=0).unsqueeze(-1)
            return (torch.stack(outs) * shares).sum(dim=0)

        def forward(self, x, rotations):
            mixed = self.attention(self.norm1(x), rotations)
            x = x + self.out(mixed.permute(1, 0, 2).reshape(x.shape[0], WIDTH))
            return x + self.outer(torch.relu(self.inner(self.norm2(x))))

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = torch.nn.Embedding(VOCABULARY, WIDTH)
            self.rows = torch.nn.Parameter(torch.randn(AXIAL[0], 1, WIDTH // 2) * 0.02)
            self.columns = torch.nn.Parameter(torch.randn(1, AXIAL[1], WIDTH // 2) * 0.02)
            self.layers = torch.nn.ModuleList(Layer(i % 2 == 1) for i in range(DEPTH))
            self.norm = torch.nn.LayerNorm(WIDTH)
            self.logits = torch.nn.Linear(WIDTH, VOCABULARY)

        def forward(self, tokens):
            half = lambda x: x.expand(AXIAL[0], AXIAL[1], WIDTH // 2)
            x = self.tokens(tokens) + torch.cat([half(self.rows), half(self.columns)], -1).reshape(LENGTH, WIDTH)
            for layer in self.layers:
                # The same number of buckets as two factors of them; one factor is a larger product.
                rotations = torch.randn(ROUNDS, HEAD, BUCKETS // 2, device=x.device) if layer.is_lsh else None
                x = checkpoint(layer, x, rotations, use_reentrant=False)
            return self.logits(self.norm(x))

    return Model().to(DEVICE)


def plain_torch(tf32):
    def run():
        set_tf32(tf32)
        torch.manual_seed(1)
        model = own_model()
        tokens = torch.randint(0, VOCABULARY, (LENGTH + 1,), device=DEVICE)
        return train_step_ms(model, lambda: F.cross_entropy(model(tokens[:-1]), tokens[1:]))

    return run


def main():
    if torch is not None:
        part("product f32", product(torch.float32, False))
        part("product f32 with TF32", product(torch.float32, True))
        part("product f16", product(torch.float16, False))
        part("plain PyTorch, f32", plain_torch(False))
        part("transformers' Reformer, f32", transformers_reformer(False))
        part("plain PyTorch, TF32", plain_torch(True))
        part("transformers' Reformer, TF32", transformers_reformer(True))
    # Last: it is slow to start, and may not be there.
    part("JAX product f32", jax_product("float32", "highest"), needs=8.0)
    part("JAX product f16", jax_product("float16", "default"), needs=4.0)
    took = {
        name: round(result["milliseconds"], 3)
        for name, result in RESULTS["parts"].items()
        if "milliseconds" in result
    }
    failed = [name for name, result in RESULTS["parts"].items() if "error" in result]
    if torch is None:
        failed.insert(0, "no PyTorch")
    print(f"peers: milliseconds {json.dumps(took)}; failed: {', '.join(failed) or 'none'}")
    return 0


sys.exit(main())

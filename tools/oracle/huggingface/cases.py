"""The cases: a class, settings that differ from the defaults, and how inputs are drawn."""

import torch


def ids(batch, length):
    return lambda g: torch.randint(1, 20, (batch, length), generator=g)


def below(high, batch):
    return lambda g: torch.randint(0, high, (batch,), generator=g)


def right(length, *real):
    """1 for so many tokens of each sequence, 0 behind them."""
    return lambda g: torch.tensor([[1] * n + [0] * (length - n) for n in real])


def left(length, *real):
    return lambda g: torch.tensor([[0] * (length - n) + [1] * n for n in real])


def some(batch, length):
    """Gaps anywhere but at the first token."""
    def draw(g):
        mask = (torch.rand(batch, length, generator=g) < 0.75).long()
        mask[:, 0] = 1
        return mask
    return draw


def sparse(batch, length):
    """Labels of about a third of the tokens; the others do not count."""
    def draw(g):
        labels = torch.randint(0, 20, (batch, length), generator=g)
        labels[torch.rand(batch, length, generator=g) < 0.67] = -100
        return labels
    return draw


LM, MLM = "ReformerModelWithLMHead", "ReformerForMaskedLM"
CLASSES, QA, BASE = "ReformerForSequenceClassification", "ReformerForQuestionAnswering", "ReformerModel"
BOTH = dict(local_num_chunks_after=1, lsh_num_chunks_after=1)


def case(model_class, config, train=True, counted=False, **inputs):
    """counted: labels of masked tokens count too, although what these attend to has no meaning."""
    return dict(model_class=model_class, config=config, train=train, counted=counted, inputs=inputs)


def lm(config, length, train=True, **more):
    tokens = dict(input_ids=ids(2, length), labels=ids(2, length))
    return case(LM, {"is_decoder": True, **config}, train, **tokens, **more)


CASES = {
    "lm_mask_right": lm({}, 24, attention_mask=right(24, 24, 13)),
    "lm_mask_left": lm({}, 24, attention_mask=left(24, 24, 15)),
    "lm_mask_gaps": lm({"num_hashes": 4}, 24, attention_mask=some(2, 24)),
    "lm_odd_19_common_12": lm({"local_attn_chunk_length": 6, "hidden_act": "relu"}, 19, train=False),
    "lm_odd_5_common_12": lm({"local_attn_chunk_length": 6}, 5, train=False),
    "lm_odd_auto_buckets": lm({"num_buckets": None, "lsh_attn_chunk_length": 2}, 29, train=False),
    "lm_auto_factors": lm({"num_buckets": None, "lsh_attn_chunk_length": 2}, 48),
    "lm_factors_2_6_silu": lm({"num_buckets": [2, 6], "hidden_act": "silu", "axial_pos_embds": False}, 32),
    "lm_three_axes_no_before": lm(
        {"axial_pos_shape": [2, 2, 8], "axial_pos_embds_dim": [2, 2, 4], "lsh_num_chunks_before": 2,
         "local_num_chunks_before": 0, "hidden_act": "gelu_new"}, 32),
    "lm_chunked": lm({"chunk_size_feed_forward": 8, "chunk_size_lm_head": 4, "num_hashes": 3}, 24),
    "mlm_right": case(MLM, BOTH, input_ids=ids(2, 28), labels=sparse(2, 28), attention_mask=right(28, 28, 17)),
    "mlm_left_relu": case(MLM, {**BOTH, "hidden_act": "relu", "num_buckets": 6, "layer_norm_eps": 1e-5},
                          input_ids=ids(2, 24), labels=sparse(2, 24), attention_mask=left(24, 20, 24)),
    "mlm_odd_21": case(MLM, {**BOTH, "local_attn_chunk_length": 6}, train=False,
                       input_ids=ids(2, 21), labels=sparse(2, 21)),
    "mlm_circular_local": case(MLM, {"attn_layers": ["local", "local"]}, input_ids=ids(2, 16), labels=sparse(2, 16)),
    "classes_five": case(CLASSES, {**BOTH, "num_labels": 5}, input_ids=ids(3, 20), labels=below(5, 3),
                         attention_mask=right(20, 20, 12, 7)),
    "classes_odd_lsh": case(CLASSES, {"attn_layers": ["lsh", "lsh"]}, train=False,
                            input_ids=ids(3, 18), labels=below(2, 3)),
    "number_of_sequence": case(CLASSES, {"num_labels": 1}, input_ids=ids(3, 16),
                               labels=lambda g: torch.randn(3, generator=g)),
    "labels_of_sequence": case(CLASSES, {"num_labels": 3, "problem_type": "multi_label_classification"},
                               input_ids=ids(2, 16), labels=lambda g: (torch.rand(2, 3, generator=g) < 0.5).float()),
    "spans_right": case(QA, BOTH, input_ids=ids(2, 24), start_positions=below(8, 2), end_positions=below(12, 2),
                        attention_mask=right(24, 24, 18)),
    "spans_odd": case(QA, {}, train=False, input_ids=ids(2, 22), start_positions=below(8, 2),
                      end_positions=below(30, 2)),
    "base_gaps_odd": case(BASE, BOTH, train=False, input_ids=ids(2, 23), attention_mask=some(2, 23)),
    "base_shorter_than_chunk": case(BASE, {"lsh_attn_chunk_length": 16}, train=False, input_ids=ids(2, 11),
                                    attention_mask=left(11, 9, 11)),
    "lm_counted_left": lm({}, 24, attention_mask=left(24, 24, 9), counted=True),
    "lm_counted_local": lm({"attn_layers": ["local", "local"], "local_num_chunks_before": 2}, 24,
                           attention_mask=left(24, 13, 3), counted=True),
    "lm_counted_lsh": lm({"attn_layers": ["lsh", "lsh"]}, 24, attention_mask=left(24, 11, 5), counted=True),
    "lm_counted_short": lm({"local_attn_chunk_length": 16, "lsh_attn_chunk_length": 16}, 16,
                           attention_mask=left(16, 16, 9), counted=True),
    "mlm_counted_right": case(MLM, BOTH, input_ids=ids(2, 32), labels=ids(2, 32), attention_mask=right(32, 11, 32),
                              counted=True),
    "mlm_counted_lsh": case(MLM, {"attn_layers": ["lsh", "lsh"], "num_hashes": 1}, input_ids=ids(2, 28),
                            labels=ids(2, 28), attention_mask=right(28, 6, 28), counted=True),
    "lm_before_beyond_the_ring": lm({"local_num_chunks_before": 3, "lsh_num_chunks_before": 3}, 8),
    "mlm_beyond_the_ring_masked": case(
        MLM, {"local_num_chunks_before": 4, "local_num_chunks_after": 3, "lsh_num_chunks_before": 1,
              "lsh_num_chunks_after": 5, "num_hashes": 2}, input_ids=ids(2, 8), labels=ids(2, 8),
        attention_mask=right(8, 8, 4), counted=True),
    "mlm_window_beyond_the_ring": case(
        MLM, {"local_num_chunks_before": 3, "local_num_chunks_after": 2, "lsh_num_chunks_before": 2,
              "lsh_num_chunks_after": 2, "num_hashes": 1}, input_ids=ids(2, 12), labels=sparse(2, 12),
        attention_mask=right(12, 12, 9)),
}

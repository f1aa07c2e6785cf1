"""What transformers 4.31 finds by beam search: test/golden/generation/beams.json.

The model is a table: logits of the next token by the number of tokens so far and the last one. In that version a text's length counts the prompt and leaves out the
token that ends it; with a prompt of one token that is the number of tokens written, the end included, for texts that have ended.
Cases in which others are found are left out, and so are those with equal scores.
"""

import json

import numpy as np
import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput


class Table(PreTrainedModel):
    config_class = PretrainedConfig
    main_input_name = "input_ids"

    def __init__(self, config, table):
        super().__init__(config)
        self.table = torch.nn.Parameter(torch.tensor(table, dtype=torch.float32))

    def forward(self, input_ids, **_):
        at = torch.arange(input_ids.shape[1])
        return CausalLMOutput(logits=self.table[at, input_ids])

    def prepare_inputs_for_generation(self, input_ids, **_):
        return {"input_ids": input_ids}

    def can_generate(self):
        return True


def main():
    rng = np.random.default_rng(11)
    cases = []
    longest = 8
    while len(cases) < 24:
        size = int(rng.integers(3, 7))
        table = np.round(rng.normal(0, 1.5, (longest, size, size)), 2)
        end = size - 1
        table[:, :, end] += 1
        beams = int(rng.integers(1, 5))
        penalty = float(rng.choice([0, 0.6, 1.0, 2.0]))
        early = bool(rng.random() < 0.5)
        config = PretrainedConfig(
            vocab_size=size, pad_token_id=end, eos_token_id=end, bos_token_id=0, is_encoder_decoder=False
        )
        config.num_hidden_layers = 1
        model = Table(config, table)
        found = model.generate(
            torch.tensor([[0]]),
            max_length=1 + longest,
            num_beams=beams,
            num_return_sequences=beams,
            length_penalty=penalty,
            early_stopping=True if early else "never",
            do_sample=False,
            output_scores=True,
            return_dict_in_generate=True,
        )
        if beams == 1:
            continue
        texts = [[int(t) for t in row[1:]] for row in found.sequences]
        if any(end not in text for text in texts):
            continue
        texts = [text[: text.index(end) + 1] for text in texts]
        scores = [float(s) for s in found.sequences_scores]
        if any(abs(a - b) < 1e-4 for a, b in zip(scores, scores[1:])):
            continue
        cases.append(
            {
                "table": table.tolist(),
                "end": end,
                "longest": longest,
                "beams": beams,
                "lengthPenalty": penalty,
                "earlyStopping": early,
                "found": [{"tokens": t, "score": s} for t, s in zip(texts, scores)],
            }
        )
    print("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]")


main()

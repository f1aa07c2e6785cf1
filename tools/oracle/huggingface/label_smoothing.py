"""Makes test/golden/label-smoothing.json anew: PyTorch's cross-entropy with label smoothing, in float64."""

import json
from pathlib import Path

import torch

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "label-smoothing.json"

cases = []
for smoothing in (0.0, 0.1, 0.5):
    torch.manual_seed(int(10 * smoothing))
    logits = (3 * torch.randn(5, 7)).double().requires_grad_()
    labels = torch.tensor([3, -1, 0, 6, -1])
    losses = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-1, label_smoothing=smoothing, reduction="none")
    mean = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-1, label_smoothing=smoothing)
    (gradient,) = torch.autograd.grad(mean, logits)
    rounded = lambda x: [float(f"{value:.9g}") for value in x.detach().flatten().tolist()]
    cases.append({"smoothing": smoothing, "labels": labels.tolist(), "logits": rounded(logits), "losses": rounded(losses),
                  "mean": rounded(mean), "gradient": rounded(gradient)})
GOLDEN.write_text(json.dumps(cases, indent=1) + "\n")

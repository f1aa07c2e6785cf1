import type { Activation } from "../../nn/index.ts";

/** What transformers calls our activations (`ACT2FN`), but for those with parameters of their own (`prelu`, `xielu`). */
export const hiddenActivations = {
  gelu: "gelu",
  gelu_10: "geluClipped",
  gelu_accurate: "geluTanh",
  gelu_fast: "geluTanh",
  gelu_new: "geluTanh",
  gelu_python: "gelu",
  gelu_python_tanh: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  laplace: "laplace",
  leaky_relu: "leakyRelu",
  linear: "identity",
  mish: "mish",
  quick_gelu: "geluQuick",
  relu: "relu",
  relu2: "reluSquared",
  relu6: "relu6",
  sigmoid: "sigmoid",
  silu: "silu",
  swish: "silu",
  tanh: "tanh",
} as const satisfies Readonly<Record<string, Activation>>;

export const activationNames = Object.keys(
  hiddenActivations,
) as readonly (keyof typeof hiddenActivations)[];

/** What exact reversibility rests on, as computations that name what differs. */
import { jit, toHost, type Backend, type Tensor, type Value } from "../../../src/index.ts";
import type { WebGpuOptions } from "../../../src/backends/webgpu/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as lax from "../../../src/lax/index.ts";
import * as nn from "../../../src/nn/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { invert, reversible, stored } from "../../../src/reformer/stack/reversible.ts";
import { firstDifference, normalTensor } from "../../support/tensors.ts";
import { differences, exact, gradientsOf, streamsOf } from "../../reformer/stack-gradients.ts";
import { defaultOptions, makeStack, type StackOptions } from "../../reformer/stacks.ts";

export const stacks: Readonly<Record<string, Partial<StackOptions>>> = {
  "local and lsh, dropout everywhere": { kinds: ["local", "lsh"] },
  "a shared context, padding, an odd number of rows": {
    kinds: ["memory", "lsh"],
    padded: true,
    causal: false,
    rowChunk: 7,
  },
  "local attention in segments": { kinds: ["local"], length: 24, rowChunk: 12 },
};

/** What is wrong: streams that are not rebuilt, gradients that are not those of the stack with everything kept. */
export async function stackProblems(
  backend: Backend,
  choices: Partial<StackOptions>,
): Promise<readonly string[]> {
  setBackend(backend);
  const stack = makeStack({ ...defaultOptions, batch: 1, ...choices });
  const { layers, params, context, inputs } = stack;
  const start = streamsOf(inputs, exact);
  const { streams } = jit(reversible(layers))(params, start, context);
  const back = jit(invert(layers))(params, streams, context);
  const all = await toHost({
    start,
    back,
    ours: gradientsOf(reversible(layers), stack, exact),
    theirs: gradientsOf(stored(layers), stack, exact),
  });
  const rebuilt = differences(all.back, all.start).map((path) => `stream ${path} is not rebuilt`);
  const gradients = differences(all.ours, all.theirs).map(
    (path) => `gradient ${path} is not the stored one`,
  );
  return [...rebuilt, ...gradients];
}

/** A contribution to an exact stream, computed with other work around it. */
const contribution = (x: Value, y: Value): Value =>
  lax.toFixed(np.add(np.multiply(nn.gelu(x), y), np.divide(x, np.add(np.abs(y), 1))));

/** Ways to compute that must not change a bit, each on a backend of its own. */
const ways: Readonly<Record<string, WebGpuOptions>> = {
  "as it is": {},
  "on another backend": {},
  "without fusion": { fusion: false },
};

/** What differs between contributions of `count` elements that are computed in several ways, twice each. */
export async function contributionProblems(
  open: (options: WebGpuOptions) => Promise<Backend>,
  count: number,
): Promise<readonly string[]> {
  const [x, y] = [normalTensor(1, [count]), normalTensor(2, [count])];
  const problems: string[] = [];
  let first: Value | undefined;
  for (const [name, options] of Object.entries(ways)) {
    const backend = await open(options);
    setBackend(backend);
    const f = jit(contribution);
    for (const run of [1, 2]) {
      const result: Tensor = (await toHost(f(x, y))) as Tensor;
      first ??= result;
      const at = firstDifference(result, first);
      if (at >= 0) problems.push(`${name}, run ${run}: element ${at} differs`);
    }
    await backend.dispose();
  }
  return problems;
}

/*
 * A user's program that touches every public module and says what types it expects. It is compiled, never run, by
 * every compiler and resolution of types.test.ts, without lib "dom" and without Node's types; `npm run check` compiles
 * it against the sources. A type that got lost would be `any`, to which each `@ts-expect-error` is a superfluous one.
 */
import { grad, init, jit, valueAndGrad, vmap, type Tensor, type Value } from "reformax";
import { createReferenceBackend } from "reformax/backends/reference";
import { createWasmBackend, type WasmOptions } from "reformax/backends/wasm";
import {
  createWebGpuBackend,
  type DeviceOfOnesOwn,
  type WebGpuOptions,
} from "reformax/backends/webgpu";
import { nans } from "reformax/debug";
import { formatProblem, fromHuggingFace, safetensors } from "reformax/interop";
import { verifyFolder } from "reformax/interop/node";
import { scan } from "reformax/lax";
import { dense, initializers } from "reformax/nn";
import { array, mean, multiply, square, tanh } from "reformax/numpy";
import { adam, applyUpdates } from "reformax/optim";
import { key, normal, split } from "reformax/random";
import { conventions, lsh, reformerConfig, type ReformerConfig } from "reformax/reformer";
import { checkGrads } from "reformax/testing";
import {
  checkpointFromBytesOrThrow,
  checkpointToBytes,
  parameterHash,
  presets,
  reformerModel,
  resolveConfig,
  train,
  trainConfig,
  type ModelConfig,
  type StopSignal,
  type TrainConfig,
} from "reformax/training";
import { loadCheckpoint } from "reformax/training/node";
import { connectTraining, type WorkerEnd } from "reformax/training/worker";
import * as tree from "reformax/tree";

/** Fails to compile unless both types are the same; `any` is the same only as itself. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(holds: Same<A, B>): unknown => holds;

const options: WasmOptions = { threads: 2 };
export const backends = [createWasmBackend(options), createReferenceBackend(), init("wasm")];

const gpu: WebGpuOptions = { powerPreference: "high-performance", arithmetic: "exact" };
export const onDevice = async (device: DeviceOfOnesOwn): Promise<number> => {
  const { memory } = await createWebGpuBackend({ ...gpu, device });
  // @ts-expect-error the backend says no such thing of its memory
  return memory.nonsense ?? memory.usedBytes;
};
export const fastest = init("auto", { webgpu: gpu, wasm: options });

// Functions and their derivatives.
const loss = (w: Value, x: Value): Value => mean(square(tanh(multiply(w, x))));
const gradient = jit(grad(loss))(array([1, 2]), array([3, 4]));
export const numbers: number = gradient.item();
export const both = valueAndGrad(loss)(array(1), array(2));
export const mapped = vmap(loss, { inAxes: [null, 0] })(array(1), array([2, 3]));
// @ts-expect-error a tensor has no such property
export const noTensor = array(1).nonsense;
same<ReturnType<typeof array>, Value>(true);

// Layers, keys, optimisers.
const [forWeights, forInputs] = split(key(0));
const layer = { kernel: normal(forWeights, [2, 3]), bias: array([0, 0, 0]) };
export const outputs = dense(layer, normal(forInputs, [4, 2]));
const optimizer = adam(1e-3);
const updates = optimizer.update(layer, optimizer.init(layer), layer);
export const [next] = [applyUpdates(layer, updates[0])];
export const drawn = initializers.normal(0.02)([2, 2])(key(1));
export const total = scan((carry: Value, x: Value) => [carry, x] as const, array(0), array([1, 2]));
// @ts-expect-error the leaves have a type
export const noLeaf = tree.leaves<Tensor>(layer)[0].nonsense;

// The Reformer, its configuration and its training.
export const logitScale = conventions.paper.logitScale;
export const rotations = lsh.rotations(key(0), { groups: 1, width: 8, rounds: 2, sizes: [4] });
same<ReturnType<typeof reformerConfig>, ReformerConfig>(true);
// @ts-expect-error no such key
reformerConfig({ nonsense: 1 });
const resolved = resolveConfig({ presets, defaultPreset: "bytes-small" });
// @ts-expect-error neither side of an Either has such a property
export const noEither = resolved.nonsense;
export const messages = resolved._tag === "Left" ? resolved.left.map(formatProblem) : [];
const config = trainConfig({ preset: "bytes-small", training: { batch: 1, length: 64 } });
same<typeof config, TrainConfig>(true);
same<typeof config.model, ModelConfig>(true);
// @ts-expect-error a configuration has no such key
export const noKey = config.training.nonsense;

export async function losses(tokens: Uint8Array, signal: StopSignal): Promise<number[]> {
  const found: number[] = [];
  const model = reformerModel(config);
  const run = train({ model, config, data: { train: tokens }, steps: 3, signal });
  for await (const { step, state, metrics } of run) {
    same<typeof step, number>(true);
    same<ReturnType<typeof parameterHash>, string>(true);
    parameterHash(state.params);
    // @ts-expect-error no such number is measured
    found.push(metrics.nonsense);
    found.push(metrics.bitsPerByte ?? 0);
  }
  return found;
}

// A worker of a page, whatever stands for one.
export async function remote(worker: WorkerEnd): Promise<number> {
  let last = 0;
  const run = await connectTraining(worker).start({ config: { preset: "bytes-small" }, text: "" });
  for await (const { step } of run) last = step;
  return last;
}

// Files.
const parsed = safetensors.parse(new Uint8Array());
// @ts-expect-error neither side has such a property
export const noFile = parsed.nonsense;
const checkpoint = checkpointFromBytesOrThrow(new Uint8Array());
export const bytes: Uint8Array = checkpointToBytes(checkpoint);
const loaded = fromHuggingFace({}, new Map());
// @ts-expect-error what is loaded has no such property
export const noLoaded = loaded.nonsense;
export const files = [loadCheckpoint, verifyFolder, checkGrads, nans] as const;

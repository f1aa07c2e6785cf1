import { checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import { checkParams } from "../../reformer/models/check-pass.ts";
import { keyKind } from "../value-kinds.ts";
import { checkImages } from "./images.ts";
import type { Tensor } from "../../core/tensor.ts";
import { tensorFrom } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import type { Value } from "../../core/value.ts";
import { checkSampling, nextTokenProbabilities, pickToken } from "../../generation/sampling.ts";
import { checkStreams, type StreamHealth } from "../../generation/stream-health.ts";
import { begin, next, type DecodeCache, type Decoded } from "../../reformer/decode/decode.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import { streamHealth } from "../step-metrics.ts";
import { checkImagesConfig, type ImagesConfig } from "./config.ts";
import { countOf, sizeOf, type Images } from "./images.ts";
import { byteOf, levelOf } from "./levels.ts";
import { beginOf } from "./sequences.ts";

export interface CompleteOptions {
  /** Values of each image that are given; all others are written. */
  readonly given: number;
  /** Divides the logits: 1 samples from the model as it is, 0 takes the likeliest. */
  readonly temperature: number;
  /** u32[2]: the hash rotations. */
  readonly key: Tensor;
  /** Number in [0, 1) that chooses the n-th value: all images' first ones, then their second ones. */
  readonly uniform: (n: number) => number;
  /** Called after every value of all images, with the share that is done; may wait. */
  readonly onProgress?: (share: number) => Promise<void>;
}

const completeKinds: KindsOf<CompleteOptions> = {
  given: "count",
  temperature: "number",
  key: keyKind,
  uniform: "function",
  onProgress: orAbsent("function"),
};

interface Step {
  readonly cache: DecodeCache;
  readonly logits: Tensor;
  readonly health: StreamHealth;
}

/**
 * Images whose last values a model writes, one by one, from those before: all images together, at the cost of one value each.
 *
 * @throws NonFiniteError where the streams overflow or hold NaN; ReformaxError for models that cannot be read token by token
 */
export async function completeImages(
  config: ImagesConfig,
  params: ReformerParams,
  images: Images,
  options: CompleteOptions,
): Promise<Images> {
  const where = "completeImages";
  checkImagesConfig(config, where);
  checkParams(params, config.model, where);
  checkImages(images, "images", where);
  checkRecord(options, completeKinds, "options", where);
  const { given, temperature, key, uniform, onProgress } = options;
  checkSampling({ temperature }, where);
  const { model, task } = config;
  const [count, size] = [countOf(images), sizeOf(images)];
  const ofStep = ({ cache, logits, health }: Decoded) => ({
    cache,
    logits,
    health: streamHealth(health),
  });
  const first = jit(
    (p: ReformerParams, tokens: Value, k: Value) =>
      ofStep(begin(model, p, tokens, k, { capacity: size })),
    { name: "readImages" },
  );
  const following = jit(
    (p: ReformerParams, cache: DecodeCache, token: Value) => ofStep(next(model, p, cache, token)),
    { donateArgnums: [1], overwrite: true, name: "nextValues" },
  );
  const levels = Array.from({ length: count }, (_, i) =>
    Array.from(images.values.subarray(i * size, i * size + given), (byte) =>
      levelOf(byte, task.levels),
    ),
  );
  const prompt = levels.flatMap((row) => [beginOf(config), ...row.slice(0, size - 1)]);
  let step: Step | undefined;
  for (let place = given; place < size; place++) {
    const last = (): Tensor =>
      tensorFrom(
        "i32",
        [count],
        Int32Array.from(levels, (row) => row[place - 1]),
      );
    step = concreteTree<Step>(
      step
        ? following(params, step.cache, last())
        : first(params, tensorFrom("i32", [count, given + 1], Int32Array.from(prompt)), key),
    );
    const read = await toHost({ logits: step.logits, health: step.health });
    checkStreams(read.health, "completeImages", model.layers);
    const logits = read.logits.words();
    levels.forEach((row, i) => {
      const from = i * model.vocabulary;
      const own = logits.subarray(from, from + task.levels);
      const n = (place - given) * count + i;
      row.push(pickToken(nextTokenProbabilities(Array.from(own), { temperature }), uniform(n)));
    });
    await onProgress?.((place - given + 1) / (size - given));
  }
  const bytes = levels.flatMap((row) => row.map((level) => byteOf(level, task.levels)));
  return { ...images, values: Uint8Array.from(bytes) };
}

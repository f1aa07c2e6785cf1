import { readFileSync } from "node:fs";
import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import { tensorFrom } from "../../src/core/tensor.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { reformerModel, runKeys, stateOfOrThrow } from "../../src/training/index.ts";
import { loadCheckpoint } from "../../src/training/node/index.ts";

export interface AgreementParameters {
  readonly checkpoint: string;
  readonly text: string;
  /** Bytes that are predicted. */
  readonly tokens: number;
}

export interface Agreement {
  /** Share of bytes after which both think the same one likeliest. */
  readonly same: number;
  /** Mean of KL(whole pass || cache), nats. */
  readonly divergence: number;
  /** Mean losses in bits of the byte that stands there. */
  readonly cacheBits: number;
  readonly wholeBits: number;
}

/** What follows each byte of a text, by the cache and by whole passes: texts of the length of training, one after the other. */
export async function measureAgreement({
  checkpoint: path,
  text,
  tokens,
}: AgreementParameters): Promise<Agreement> {
  setBackend(await createWasmBackend({ threads: 1 }));
  const { checkpoint } = loadCheckpoint(path);
  const model = reformerModel(checkpoint.config);
  const state = stateOfOrThrow(checkpoint, model);
  const { length, seed } = checkpoint.config.training;
  const key = runKeys(seed).evaluation;
  const bytes = readFileSync(text);
  // Its last tenth was not learned from.
  const first = Math.floor(bytes.length * 0.95);
  let [same, divergence, cacheNats, wholeNats] = [0, 0, 0, 0];
  for (let done = 0; done < tokens; done += length - 1) {
    const words = Int32Array.from(bytes.subarray(first + done, first + done + length));
    const count = Math.min(length - 1, tokens - done);
    const { reader } = model;
    if (!reader) throw new Error("this model is not read token by token");
    const begin = tensorFrom("i32", [1, 1], words.slice(0, 1));
    let step = reader.begin(state, begin, key, { capacity: length });
    const whole = tensorFrom("i32", [1, length], words);
    for (let at = 0; at < count; at++) {
      const [own, other] = [
        logProbabilities(step.logits.words()),
        logProbabilities(model.predict(state, whole, at, key, {}).logits.words()),
      ];
      same += Number(likeliest(own) === likeliest(other));
      divergence += other.reduce((sum, log, i) => sum + Math.exp(log) * (log - own[i]), 0);
      cacheNats -= own[words[at + 1]];
      wholeNats -= other[words[at + 1]];
      if (at + 1 < count) {
        step = reader.next(state, step.cache, tensorFrom("i32", [1], words.slice(at + 1, at + 2)));
      }
    }
  }
  return {
    same: same / tokens,
    divergence: divergence / tokens,
    cacheBits: cacheNats / Math.LN2 / tokens,
    wholeBits: wholeNats / Math.LN2 / tokens,
  };
}

function logProbabilities(logits: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(logits);
  const largest = Math.max(...x);
  const total = x.reduce((sum, each) => sum + Math.exp(each - largest), 0);
  return x.map((each) => each - largest - Math.log(total));
}

const likeliest = (x: Float64Array): number => x.indexOf(Math.max(...x));

import type { Tensor } from "../core/tensor.ts";
import type { JsonObject } from "../edge/json.ts";
import type { Problem } from "../edge/problem.ts";
import type { Feature } from "./feature.ts";

/** One golden case of another implementation: what it was given, what it computed. */
export interface GoldenCase {
  /** Folder, relative to the one that is verified. */
  readonly name: string;
  /** `hf/ReformerModelWithLMHead`: whose module the numbers come from. */
  readonly kind: string;
  /** io.json: what the case is, and the shape of every tensor. */
  readonly description: JsonObject;
  /** config.json, where there is one. */
  readonly config?: JsonObject;
  /** model.safetensors under the other library's names, where there is one. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** io.safetensors: inputs, rotations, buckets, expected results and gradients. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * Computes a case with our own functions. The result is named as in the case, without `expected.`: outputs (`logits`,
 * `out`, `train.out`), gradients (`grad.lm_head.bias`) and buckets (`buckets.0`).
 */
export interface CaseRunner {
  /** The kinds that it runs. */
  readonly kinds: readonly string[];
  /** What it can do beyond the plainest case; a case that needs more is skipped. */
  readonly features: ReadonlySet<Feature>;
  run(golden: GoldenCase): Promise<ReadonlyMap<string, Tensor>>;
}

/** What became of one case. */
export type Verdict =
  | { readonly name: string; readonly outcome: "pass"; readonly error: number }
  | { readonly name: string; readonly outcome: "fail"; readonly problems: readonly Problem[] }
  | { readonly name: string; readonly outcome: "skip"; readonly feature: string };

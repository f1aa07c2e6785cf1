/** A small model with everything random in it, and what the tests of known bugs ask of it. */
import { expect } from "vitest";
import { tree, type Tensor, type Value } from "../../src/index.ts";
import { add, array, remainder, where } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  loss,
  type PassOptions,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectSameBits, i32 } from "../support/arrays.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "../reformer/tiny-model.ts";

export const vocabulary = tinyModel.vocabulary;

/** Local, hashed and full layers, dropout, and bucket counts that depend on the length. */
export const config: ReformerConfig = {
  ...tinyModel,
  lsh: { ...tinyModel.lsh, buckets: "auto" },
  dropout: 0.1,
  attentionDropout: 0.1,
};

export const paramsOf = (model: ReformerConfig): ReformerParams => initParams(model, key(0));

export const tokensOf = (seed: number, length: number, batch = 1): Tensor =>
  i32([batch, length], integers(seed, batch * length, vocabulary));

/** Tokens with others from `from` up to `to`. */
export function changedAt(tokens: Tensor, from: number, to = from + 1): Value {
  const [, length] = tokens.shape;
  const isChanged = array(Array.from({ length }, (_, i) => i >= from && i < to));
  return where(isChanged, remainder(add(tokens, 3), vocabulary), tokens);
}

/** The loss of texts that predict themselves, as a function of the parameters. */
export const lossOf =
  (model: ReformerConfig, tokens: Value, k: Value, options: PassOptions = {}) =>
  (p: ReformerParams): Value =>
    loss(model, p, tokens, tokens, k, { mode: "training", ...options }).loss;

export function expectSameTrees(got: unknown, expected: unknown): void {
  const others = tree.leaves<Tensor>(expected);
  const ours = tree.leaves<Tensor>(got);
  expect(ours.length).toBe(others.length);
  ours.forEach((leaf, i) => {
    expectSameBits(leaf, others[i], tree.paths(expected)[i]);
  });
}

/** Whether anything in a tree is not zero. */
export const isSomething = (values: unknown): boolean =>
  tree.leaves<Tensor>(values).some((leaf) => leaf.dataSync().some((word) => word !== 0));

export const isFinite = (values: unknown): boolean =>
  tree.leaves<Tensor>(values).every((leaf) => leaf.dataSync().every(Number.isFinite));

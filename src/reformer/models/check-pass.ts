/** Clear errors for what a model is called with: checked once, where the user's function has a name. */
import { checkKind, checkOptions, type KindsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import type { Value } from "../../core/value.ts";
import type { CrossEntropyOptions } from "../../nn/index.ts";
import { requireKey } from "../../random/key.ts";
import { checkConfig } from "./check-config.ts";
import { paramsCheck } from "./check-params.ts";
import type { ReformerConfig } from "./config.ts";
import { initReformer } from "./parameters.ts";
import type { BodyParams } from "./params.ts";
import type { PassOptions } from "./pass-options.ts";
import { checkTokens, requireLength } from "./token-vectors.ts";

/** What every pass takes. */
interface PassArguments {
  readonly config: ReformerConfig;
  readonly params: BodyParams;
  /** Whether the output is a language model's, which is the default, or one that only the caller knows. */
  readonly head?: "own" | "any";
  /** Under this name in messages. */
  readonly tokens: readonly [name: string, Value];
  readonly key: Value;
  readonly options: PassOptions;
}

const passKinds: KindsOf<PassOptions> = {
  mode: ["training", "evaluation"],
  rounds: "size",
  valid: "arrayOrNull",
  pairs: "arrayOrNull",
  keys: "arrayOrNull",
  keysValid: "arrayOrNull",
  ablation: ["lsh-output", "local-output", "lsh-buckets"],
  buckets: "list",
};

const { mode: _mode, ablation: _ablation, ...stepKinds } = passKinds;

/** The arguments of a pass. @throws ReformaxError that names the function, the argument, and what belongs there */
export function checkPass(pass: PassArguments, where: string): void {
  checkConfig(pass.config, where);
  checkOptions(pass.options, passKinds, where);
  checkArrays(pass, where);
}

/** The same for a training step, whose mode is no choice. */
export function checkStep(step: PassArguments, where: string): void {
  checkOptions<Omit<PassOptions, "mode" | "ablation">>(step.options, stepKinds, where);
  checkArrays(step, where);
}

function checkArrays(given: PassArguments, where: string): void {
  const { config, params, head = "own", tokens, key, options } = given;
  checkParams(params, config, where, head);
  const [batch, length] = checkTokens(tokens[1], tokens[0], where);
  requireLength(config, length, where);
  requireKey(key, where);
  checkMasks(options, [batch, length, config.width], where);
}

/** Throws unless the tree has the arrays that a configuration's parameters have. */
export const checkParams = paramsCheck<ReformerConfig, BodyParams>(initReformer);

/** Throws unless the masks and the keys of a pass have the sizes of its tokens. */
export function checkMasks(
  { valid, pairs, keys, keysValid }: Pick<PassOptions, "valid" | "pairs" | "keys" | "keysValid">,
  [batch, length, width]: readonly [number, number, number],
  where: string,
): void {
  if (valid) checkArray(valid, "i32", [batch, length], "valid", where);
  if (pairs) checkArray(pairs, "i32", [batch, length, length], "pairs", where);
  if (keys) checkArray(keys, "f32", [batch, "S", width], "keys", where);
  if (keysValid) checkArray(keysValid, "i32", [batch, keys?.shape[1] ?? "S"], "keysValid", where);
}

/** The options of a pass, which are checked with it, and those of the loss above it. */
export function splitLossOptions<Options extends CrossEntropyOptions>(
  options: Options,
  where: string,
): { readonly pass: Omit<Options, "labelSmoothing">; readonly smoothing: CrossEntropyOptions } {
  const { labelSmoothing, ...pass } = checkKind(options, "object", "options", where);
  return { pass, smoothing: checkSmoothing({ labelSmoothing }, where) };
}

/** The options of a loss alone. */
export const checkSmoothing = (
  smoothing: CrossEntropyOptions,
  where: string,
): CrossEntropyOptions => checkOptions(smoothing, { labelSmoothing: "rate" }, where);

/** Labels i32 of as many sequences as there are tokens i32[B, L]. */
export const checkLabels = (labels: Value, { shape }: Value, what: string, where: string): Value =>
  checkArray(labels, "i32", [shape[0]], what, where);

/** Targets i32 of the tokens' shape. */
export const checkTargets = (targets: Value, { shape }: Value, where: string): Value =>
  checkArray(targets, "i32", shape, "targets", where);

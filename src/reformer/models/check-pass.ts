/** Clear errors for what a model is called with: checked once, where the user's function has a name. */
import { checkKind, checkOptions, type KindsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";
import * as tree from "../../core/tree.ts";
import { isValue, type Value } from "../../core/value.ts";
import { key as keyOf, requireKey } from "../../random/key.ts";
import { evalShape } from "../../transforms/index.ts";
import { oncePer } from "../once-per.ts";
import { checkConfig } from "./check-config.ts";
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
  checkParams(params, head, config, where);
  const [batch, length] = checkTokens(tokens[1], tokens[0], where);
  requireLength(config, length, where);
  requireKey(key, where);
  const { valid } = options;
  if (valid) checkArray(valid, "i32", [batch, length], "valid", where);
}

/** Targets i32 of the tokens' shape. */
export const checkTargets = (targets: Value, { shape }: Value, where: string): Value =>
  checkArray(targets, "i32", shape, "targets", where);

/**
 * Throws unless the tree has the arrays that a configuration's parameters have.
 *
 * @param head - `own`: the output is that of the configuration. `any`: it is not looked at, and need not be there
 */
export function checkParams(
  params: BodyParams,
  head: "own" | "any",
  config: ReformerConfig,
  where: string,
): void {
  const template = templateOf(config);
  const names = Object.keys(template).filter((name) => head === "own" || name !== "head");
  const given = params as object as Readonly<Record<string, unknown>>;
  checkKind(params, "object", "params", where);
  for (const name of names) checkTree(given[name], template[name], `params.${name}`, where);
}

function checkTree(given: unknown, expected: TreeShape, what: string, where: string): void {
  const { leaves, structure } = tree.flatten(given);
  tree.checkSameStructure(expected.structure, structure, `${where}: ${what}`);
  leaves.forEach((leaf, i) => {
    const got = isValue(leaf) ? typeText(leaf) : describeArgument(leaf);
    if (got === expected.types[i]) return;
    throw new ShapeError(`${what}.${tree.paths(given)[i]} does not fit the configuration`, {
      where,
      expected: expected.types[i],
      got,
      fix: "initParams gives the parameters of a configuration.",
    });
  });
}

interface TreeShape {
  readonly structure: tree.TreeDef;
  readonly types: readonly string[];
}

const typeText = ({ dtype, shape }: Value): string => `${dtype}${formatShape(shape)}`;

/** Structure and types of the parts of a configuration's parameters. */
const templateOf = oncePer((config: ReformerConfig): Readonly<Record<string, TreeShape>> => {
  const shapes = evalShape((key: Value) => initReformer(config)(key)[0], keyOf(0));
  const parts = Object.entries(shapes).map(([name, part]) => {
    const { leaves, structure } = tree.flatten<Value>(part, isShape);
    return [name, { structure, types: leaves.map(typeText) }] as const;
  });
  return Object.fromEntries(parts);
});

const isShape = (x: unknown): boolean =>
  typeof x === "object" && x !== null && "dtype" in x && "shape" in x;

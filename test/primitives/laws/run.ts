import fc from "fast-check";
import type { Tensor } from "../../../src/core/tensor.ts";
import type { Primitive } from "../../../src/ir/primitive.ts";
import { operandsOf, type Case, type Generator } from "../generators/case.ts";
import { checkAdjoint } from "./adjoint.ts";
import { checkBackends, type OnBackend } from "./backends.ts";
import { checkBatch } from "./batch.ts";
import { checkDecomposition } from "./decomposition.ts";
import { checkFusedVjp } from "./fused-vjp.ts";
import { checkJit } from "./jit.ts";
import { checkJvp, checkSecondDerivative } from "./jvp.ts";
import type { Subject } from "./subject.ts";
import { checkTypes } from "./types.ts";

export const lawNames = [
  "types",
  "jvp",
  "second derivative",
  "adjoint",
  "fused vjp",
  "batch",
  "jit",
  "decomposition",
  "backends",
] as const;

export type LawName = (typeof lawNames)[number];

/** The cases of a generator that a law speaks about. */
export function casesOf(law: LawName, primitive: Primitive, generator: Generator): readonly Case[] {
  switch (law) {
    case "types":
    case "jit":
    case "backends":
      return generator.cases;
    case "fused vjp":
      return typeof primitive.vjp === "object" ? generator.cases : [];
    case "batch":
      return generator.cases.filter((each) => !each.isNullary);
    case "jvp":
    case "second derivative":
    case "adjoint":
      return primitive.jvp === "nonDifferentiable"
        ? []
        : generator.cases.filter((each) => each.smooth);
    case "decomposition":
      return primitive.decompose ? generator.cases : [];
    default:
      return law satisfies never;
  }
}

const runsPerCase = 1;

/** Runs a law on generated operands of every case it speaks about; the number of cases. */
export function runLaw(
  on: OnBackend,
  law: LawName,
  primitive: Primitive,
  generator: Generator,
): number {
  const cases = casesOf(law, primitive, generator);
  cases.forEach((each, index) => {
    const examples = fc.tuple(operandsOf(each), operandsOf(each), operandsOf(each));
    const property = fc.property(examples, fc.nat(), (operands, seed) => {
      check(on, law, subjectOf(law, primitive, generator, each), operands, seed);
    });
    const { failed, errorInstance, counterexample } = fc.check(property, {
      numRuns: runsPerCase,
      seed: 5,
      endOnFailure: true,
    });
    if (!failed) return;
    const operands = counterexample?.[0].map((example) => example.map(String).join(" ")).join("; ");
    const where = `${primitive.name} case ${index} ${JSON.stringify(each.params)}`;
    throw new Error(`${where}: ${String(errorInstance)} for ${operands}`, { cause: errorInstance });
  });
  return cases.length;
}

/** Rules compute as the operation itself does, unless the generator says that they do not. */
function subjectOf(law: LawName, primitive: Primitive, generator: Generator, each: Case): Subject {
  const { tolerance = 0, rulesDiffer = false } = generator;
  const isExact = !rulesDiffer && law !== "backends";
  return { primitive, params: each.params, tolerance: isExact ? 0 : tolerance };
}

function check(
  on: OnBackend,
  law: LawName,
  subject: Subject,
  examples: readonly (readonly Tensor[])[],
  seed: number,
): void {
  const [operands] = examples;
  switch (law) {
    case "types":
      return on("reference", () => checkTypes(subject, operands));
    case "jvp":
      return on("reference", () => checkJvp(subject, operands, seed));
    case "second derivative":
      return on("reference", () => checkSecondDerivative(subject, operands, seed));
    case "adjoint":
      return on("reference", () => checkAdjoint(subject, operands, seed));
    case "fused vjp":
      return on("reference", () => checkFusedVjp(subject, examples, seed));
    case "batch":
      return on("reference", () => checkBatch(subject, examples));
    case "jit":
      on("reference", () => checkJit(subject, operands));
      return on("wasm", () => checkJit(subject, operands));
    case "decomposition":
      return on("reference", () => checkDecomposition(subject, operands));
    case "backends":
      return checkBackends(on, subject, operands);
    default:
      return law satisfies never;
  }
}

import { ReformaxError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { toHost } from "../core/to-host.ts";
import { formatProblem, type Problem } from "../edge/problem.ts";
import type { CaseRunner, GoldenCase, Verdict } from "./case.ts";
import {
  compareGradient,
  compareIntegers,
  compareOutput,
  exactTolerance,
  type Comparison,
} from "./compare.ts";
import { contractOf } from "./contract.ts";
import { resultGradient, storedGradients, storedOutputs, type Contract } from "./contract-shape.ts";
import { largestMagnitude } from "./magnitudes.ts";
import { featuresOf } from "./features.ts";
import { literalProblems } from "./huggingface/literals.ts";
import { checkContents, checkListing } from "./integrity.ts";

/** Checks a case's files, computes it with the runner for its kind, and compares. */
export async function verifyCase(
  golden: GoldenCase,
  runners: readonly CaseRunner[],
): Promise<Verdict> {
  const { name } = golden;
  const fail = (problems: readonly Problem[]): Verdict => ({ name, outcome: "fail", problems });
  const listing = checkListing(golden);
  if (listing.length > 0) return fail(listing);
  const contract = contractOf(golden);
  const runner = runners.find(({ kinds }) => kinds.includes(golden.kind));
  if (contract === undefined || runner === undefined) {
    return { name, outcome: "skip", feature: golden.kind };
  }
  const lacking = featuresOf(golden).filter((feature) => !runner.features.has(feature));
  if (lacking.length > 0) return { name, outcome: "skip", feature: lacking.join(", ") };
  const contents = checkContents(golden, contract);
  if (contents.length > 0) return fail(contents);
  try {
    const results = new Map(await toHost([...(await runner.run(golden))]));
    return judge(golden, contract, results);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const problem = error instanceof ReformaxError ? text : `internal error: ${text}`;
    return fail([{ where: "run", problem }]);
  }
}

function judge(
  golden: GoldenCase,
  contract: Contract,
  results: ReadonlyMap<string, Tensor>,
): Verdict {
  const { tolerance = exactTolerance } = contract;
  const comparisons = new Map<string, (got: Tensor) => Comparison>();
  const stored = (names: readonly string[]): Tensor[] =>
    names.map((name) => golden.tensors.get(name)).filter((tensor) => tensor !== undefined);
  for (const bucket of contract.buckets) {
    const [expected] = stored([bucket]);
    comparisons.set(bucket, (got) => compareIntegers(bucket, got, expected));
  }
  for (const output of contract.outputs) {
    const runs = stored(storedOutputs(contract, output));
    const masked = maskOf(golden, runs[0]);
    comparisons.set(output, (got) => compareOutput(output, got, runs, masked, tolerance));
  }
  const ofAll = largestGradient(contract, golden);
  for (const gradient of contract.gradients) {
    const [expected] = stored(storedGradients(contract, gradient));
    const result = resultGradient(contract, gradient);
    comparisons.set(result, (got) => compareGradient(result, got, expected, ofAll, tolerance));
  }
  const found = [...comparisons].map(([name, compare]): Comparison => {
    const got = results.get(name);
    if (got !== undefined) return compare(got);
    return { error: Infinity, problems: [{ where: name, problem: "our result is missing" }] };
  });
  const extra = [...results.keys()]
    .filter((name) => !comparisons.has(name))
    .map((name): Problem => ({
      where: name,
      problem: "our result has no counterpart in the case",
    }));
  const problems = [
    ...found.flatMap((comparison) => comparison.problems),
    ...literalProblems(golden, results, hiddenBy(golden)),
    ...extra,
  ];
  if (problems.length > 0) return { name: golden.name, outcome: "fail", problems };
  const error = found.reduce((most, comparison) => Math.max(most, comparison.error), 0);
  return { name: golden.name, outcome: "pass", error };
}

const largestGradient = (contract: Contract, { tensors }: GoldenCase): number =>
  contract.gradients.reduce((most, gradient) => {
    const expected = tensors.get(storedGradients(contract, gradient)[0]);
    return expected ? Math.max(most, largestMagnitude(expected)) : most;
  }, 0);

/** Positions that the attention mask, [batch, length], takes out. */
function hiddenBy({ tensors }: GoldenCase): (position: number) => boolean {
  const mask = tensors.get("input.attention_mask")?.words();
  return (position) => mask?.[position] === 0;
}

/** Positions of a [batch, length, ...] output that the attention mask, [batch, length], takes out. */
function maskOf({ tensors }: GoldenCase, output: Tensor): (position: number) => boolean {
  const mask = tensors.get("input.attention_mask") ?? tensors.get("input.input_mask");
  const covers =
    mask !== undefined &&
    output.rank === mask.rank + 1 &&
    mask.shape.every((n, axis) => n === output.shape[axis]);
  return covers ? (position) => mask.words()[position] === 0 : () => false;
}

const shownProblems = 3;

/** `PASS name error`, `FAIL name reason` or `SKIP name feature`, on one line. */
export function formatVerdict(verdict: Verdict): string {
  switch (verdict.outcome) {
    case "pass":
      return `PASS ${verdict.name} ${verdict.error.toExponential(1)}`;
    case "skip":
      return `SKIP ${verdict.name} ${verdict.feature}`;
    case "fail": {
      const reasons = verdict.problems.slice(0, shownProblems).map(formatProblem);
      const more = verdict.problems.length - reasons.length;
      const text = [...reasons, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
      return `FAIL ${verdict.name} ${text.replace(/\s+/g, " ")}`;
    }
    default:
      return verdict satisfies never;
  }
}

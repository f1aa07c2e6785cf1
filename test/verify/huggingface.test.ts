/** Our side of HuggingFace's cases, and what is not theirs is refused. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { init } from "../../src/init.ts";
import { formatVerdict, verifyCase, type GoldenCase } from "../../src/verify/index.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { goldenRunners } from "../../src/verify/runners.ts";
import { sharedFiles } from "../support/shared-files.ts";
import { changed } from "./small-case.ts";

beforeAll(async () => {
  await init();
});

const own = join(import.meta.dirname, "../golden/huggingface");
const shared = sharedFiles("fixtures");

const folders = [
  ...(existsSync(own) ? [own] : []),
  ...(shared === undefined ? [] : [join(shared, "hf"), join(shared, "hf_integration")]),
];

const names = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "io.json")))
    .map((name) => [name, join(folder, name)] as const),
);

const verdictOf = async (golden: GoldenCase): Promise<string> =>
  formatVerdict(await verifyCase(golden, goldenRunners));

describe.skipIf(names.length === 0)("HuggingFace's cases", () => {
  test.each(names)("%s", async (name, path) => {
    const verdict = await verdictOf(readCaseOrThrow(path, name));
    expect(verdict).toMatch(/^PASS/);
  });
});

describe.skipIf(shared === undefined)("numbers that are not HuggingFace's", () => {
  const load = (name: string) => readCaseOrThrow(join(shared ?? "", name), name);

  test("a printed number that our result does not have", async () => {
    const golden = load("hf_integration/it_local_model_forward");
    const literal = { compare: "expected.last_hidden_state[0, 0, :5]", with: [-1.6791, 0.72] };
    const description = { ...golden.description, literal };
    expect(await verdictOf({ ...golden, description })).toMatch(
      /^FAIL .*\[0, 0, :5\], number 1: is not what HuggingFace's test prints/,
    );
  });

  test("results of a single run that are off by a hundredth", async () => {
    const golden = load("hf_integration/it_lsh_model_forward");
    const name = "expected.last_hidden_state";
    const result = golden.tensors.get(name);
    const mask = golden.tensors.get("input.attention_mask")?.words();
    if (!result || !mask) throw new Error("no result");
    const place = mask.indexOf(1) * result.shape[2];
    const tensors = new Map(golden.tensors).set(name, changed(result, place, 1e-2));
    expect(await verdictOf({ ...golden, tensors })).toMatch(/^FAIL/);
  });

  test("inputs that the model does not know are said", async () => {
    const golden = load("hf/lm_local");
    const places = tensorFrom("i32", [1], Int32Array.of(0));
    const listed = golden.description.tensors as Record<string, { shape: number[] }>;
    const given: GoldenCase = {
      ...golden,
      description: {
        ...golden.description,
        tensors: { ...listed, "input.position_ids": { shape: [1] } },
      },
      tensors: new Map(golden.tensors).set("input.position_ids", places),
    };
    expect(await verdictOf(given)).toBe("SKIP hf/lm_local other inputs");
  });
});

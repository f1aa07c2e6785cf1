import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { readCase, verifyFolder } from "../../src/verify/node/index.ts";
import { safetensors } from "../../src/interop/index.ts";
import {
  contractOf,
  featuresOf,
  formatVerdict,
  type CaseRunner,
  type GoldenCase,
  type Verdict,
} from "../../src/verify/index.ts";
import { sharedFiles } from "../support/shared-files.ts";
import { changed, echo, f32, line, smallCase } from "./small-case.ts";

const fixtures = sharedFiles("fixtures");

describe.skipIf(fixtures === undefined)("other people's cases", () => {
  const folder = fixtures ?? "";
  const load = (name: string): GoldenCase => {
    const read = readCase(join(folder, name), name);
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left));
    return read.right;
  };
  const known = [
    "hf/op_axial",
    "hf/op_layer_lsh",
    "hf/op_local_causal",
    "hf/op_lsh_causal_h2",
    "hf/op_lsh_masked_h1",
    "hf/lm_local",
    "hf/lm_lsh_h1",
    "hf/lm_lsh_h2",
    "hf/lm_lsh_h4",
    "hf/lm_mixed_crime",
    "lucidrains/lsh_causal_h1",
    "lucidrains/lsh_causal_h4",
  ];

  test("the contract describes every case that must run, tensor by tensor", async () => {
    for (const name of known) expect(await line(load(name))).toBe(`PASS ${name} 0.0e+0`);
  });

  test("every other case is read and skipped for a reason", async () => {
    const verdicts: Verdict[] = [];
    for await (const verdict of verifyFolder(folder, [{ ...echo(), features: new Set() }])) {
      verdicts.push(verdict);
    }
    expect(verdicts.length).toBeGreaterThan(40);
    expect(verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    const plain = verdicts.filter(({ outcome }) => outcome === "pass").map(({ name }) => name);
    expect(plain.sort()).toEqual(
      [
        "hf/lm_local",
        "hf/lm_lsh_h1",
        "hf/lm_lsh_h2",
        "hf/lm_lsh_h4",
        "hf/op_axial",
        "hf/op_layer_lsh",
        "hf/op_lsh_causal_h2",
        "hf_integration/it_local_lm_model_grad",
        "lucidrains/lsh_causal_h1",
        "lucidrains/lsh_causal_h4",
      ].sort(),
    );
  });

  test("features of the cases that need some", () => {
    expect(featuresOf(load("hf/lm_mixed_crime"))).toEqual(["factorised bucket counts"]);
    expect(featuresOf(load("hf/lm_odd_length"))).toContain("padding to the chunk length");
    expect(featuresOf(load("hf/lm_full_fallback"))).toContain("full attention for short sequences");
    expect(featuresOf(load("hf/lm_absolute_pos"))).toContain("learned positions");
    expect(featuresOf(load("hf/gen_cache"))).toContain("cached decoding");
    expect(featuresOf(load("hf/lm_auto_buckets"))).toContain("automatic bucket counts");
    expect(featuresOf(load("hf/lm_chunked_ff_head"))).toEqual([
      "chunked feed-forward",
      "chunked head",
    ]);
    expect(featuresOf(load("lucidrains/lsh_causal_h2_masked_querylen"))).toEqual([
      "shorter query",
      "attention mask",
    ]);
  });

  test("every single missing, extra or misshapen tensor of the language models is found", async () => {
    for (const name of ["hf/lm_lsh_h2", "hf/lm_mixed_crime"]) {
      const golden = load(name);
      for (const part of ["tensors", "weights"] as const) {
        for (const [tensor, value] of golden[part]) {
          if (/mask_value_float/.test(tensor)) continue;
          const missing = new Map(golden[part]);
          missing.delete(tensor);
          expect(await line({ ...golden, [part]: missing })).toMatch(/^FAIL .*missing tensor/);
          const flat = tensorFrom(value.dtype, [1, ...value.shape], value.dataSync());
          const misshapen = new Map(golden[part]).set(tensor, flat);
          expect(await line({ ...golden, [part]: misshapen })).toMatch(/^FAIL .*misshapen/);
        }
        const extra = new Map(golden[part]).set("reformer.extra", f32([1], [1]));
        expect(await line({ ...golden, [part]: extra })).toMatch(/^FAIL .*extra tensor/);
      }
    }
  });

  test("a stored result off by 1e-3 is found, in both runs and in the float64 one alone", async () => {
    const right = echo();
    for (const name of known) {
      const golden = load(name);
      const contract = contractOf(golden);
      const answers = await right.run(golden);
      const runner: CaseRunner = { ...right, run: () => Promise.resolve(answers) };
      for (const output of contract?.outputs ?? []) {
        const stored = contract?.bare ? [output] : [`expected64.${output}`, `expected.${output}`];
        for (const tampered of [stored, stored.slice(0, 1)]) {
          const tensors = new Map(golden.tensors);
          for (const which of tampered) {
            const tensor = tensors.get(which);
            if (tensor) tensors.set(which, changed(tensor, tensor.size >> 1, 1e-3));
          }
          const text = await line({ ...golden, tensors }, runner);
          expect(text, `${name} ${tampered.join()}`).toMatch(/^FAIL/);
        }
      }
    }
  });
});

describe("folders", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "reformax-verify-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const put = (name: string, golden: GoldenCase): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "io.json"), JSON.stringify(golden.description));
    writeFileSync(join(path, "io.safetensors"), safetensors.serialize(golden.tensors));
    return path;
  };

  const lines = async (root = folder): Promise<string[]> => {
    const found: string[] = [];
    for await (const verdict of verifyFolder(root, [echo()])) found.push(formatVerdict(verdict));
    return found;
  };

  test("cases at any depth, in order, one line each", async () => {
    put("b/deep/er", smallCase());
    put("a", smallCase());
    expect(await lines()).toEqual(["PASS a 0.0e+0", "PASS b/deep/er 0.0e+0"]);
    expect(await lines(join(folder, "a"))).toEqual(["PASS a 0.0e+0"]);
  });

  test("damaged files are failures that name the file", async () => {
    const cut = (path: string, name: string) => {
      const bytes = readFileSync(join(path, name));
      writeFileSync(join(path, name), bytes.subarray(0, bytes.length - 2));
    };
    cut(put("cut", smallCase()), "io.safetensors");
    cut(put("json", smallCase()), "io.json");
    rmSync(join(put("lacking", smallCase()), "io.safetensors"));
    rmSync(join(put("silent", smallCase()), "io.json"));
    const [first, ...rest] = await lines();
    expect(first).toMatch(/^FAIL cut io.safetensors data: the file is truncated/);
    expect(rest).toEqual([
      expect.stringMatching(/^FAIL json io.json: is not valid JSON/),
      expect.stringMatching(/^FAIL lacking io.safetensors: cannot read: does not exist/),
      expect.stringMatching(/^FAIL silent io.json: cannot read: does not exist/),
    ]);
  });

  test("a folder without cases, and no folder, are errors", async () => {
    await expect(lines()).rejects.toThrow(/holds no cases/);
    await expect(lines(join(folder, "nowhere"))).rejects.toThrow(/cannot read: does not exist/);
  });

  test.skipIf(fixtures === undefined)("a copy of other people's cases", async () => {
    cpSync(join(fixtures ?? "", "lucidrains"), join(folder, "copy"), { recursive: true });
    const found = await lines();
    expect(found).toHaveLength(readdirSync(join(fixtures ?? "", "lucidrains")).length);
    expect(found.filter((text) => !/^(PASS|SKIP) copy\//.test(text))).toEqual([]);
  });
});

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
import * as E from "fp-ts/Either";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import { readCase, verifyFolder } from "../../../src/interop/node/index.ts";
import { safetensors } from "../../../src/interop/index.ts";
import type { CaseRunner, GoldenCase, Verdict } from "../../../src/interop/verify/index.ts";
import {
  contractOf,
  featuresOf,
  formatVerdict,
  verifyCase,
} from "../../../src/interop/verify/index.ts";
import { sharedFiles } from "../../support/shared-files.ts";

const f32 = (shape: number[], values: number[]): Tensor =>
  tensorFrom("f32", shape, Float32Array.from(values));
const i32 = (shape: number[], values: number[]): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(values));
const range = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(0.1 * (i + 1)));

/** A made-up case of lucidrains' attention: 1 group, 4 positions, width 2, 1 round. */
function smallCase(
  change: Partial<Record<string, Tensor>> = {},
  description: object = {},
): GoldenCase {
  const tensors = new Map<string, Tensor>([
    ["input.qk", f32([1, 4, 2], range(8))],
    ["input.v", f32([1, 4, 2], range(8))],
    ["input.grad_output", f32([1, 4, 2], range(8))],
    ["rotations", f32([1, 2, 1, 2], range(4))],
    ["buckets", i32([1, 4], [0, 1, 2, 3])],
    ["expected.out", f32([1, 4, 2], range(8))],
    ["expected64.out", f32([1, 4, 2], range(8))],
    ...["grad", "grad64"].flatMap((g) =>
      ["qk", "v"].map((name): [string, Tensor] => [`${g}.${name}`, f32([1, 4, 2], range(8))]),
    ),
  ]);
  for (const [name, tensor] of Object.entries(change)) if (tensor) tensors.set(name, tensor);
  const listed = [...tensors].map(([name, tensor]) => [name, { shape: [...tensor.shape] }]);
  return {
    name: "small",
    kind: "lucidrains/LSHAttention",
    description: {
      family: "lucidrains",
      class: "LSHAttention",
      options: { causal: true },
      tensors: Object.fromEntries(listed),
      ...description,
    },
    weights: new Map(),
    tensors,
  };
}

/** Answers with what the case expects, changed by `edit`: stands for an implementation, right or wrong. */
function echo(edit: (results: Map<string, Tensor>) => void = () => undefined): CaseRunner {
  return {
    kinds: [
      "lucidrains/LSHAttention",
      "hf/LSHSelfAttention",
      "hf/LocalSelfAttention",
      "hf/AxialPositionEmbeddings",
      "hf/ReformerLayer in _ReversibleFunction",
      "hf/ReformerModelWithLMHead",
    ],
    features: new Set([
      "attention mask",
      "bidirectional attention",
      "windows of other sizes",
      "factorised bucket counts",
      "learned positions",
    ]),
    run: (golden) => {
      const results = new Map<string, Tensor>();
      for (const [name, tensor] of golden.tensors) {
        const output = /^expected64\.(.*)$/.exec(name);
        const gradient = /^grad64\.(.*)$/.exec(name);
        if (output) results.set(output[1], tensor);
        else if (gradient) results.set(`grad.${gradient[1]}`, tensor);
        else if (/^buckets|^(train|eval)\.(out|grad\.)/.test(name)) results.set(name, tensor);
      }
      edit(results);
      return Promise.resolve(results);
    },
  };
}

const changed = (tensor: Tensor, index: number, by: number): Tensor => {
  const words = tensor.dataSync();
  words[index] += by;
  return tensorFrom(tensor.dtype, tensor.shape, words);
};

const line = async (golden: GoldenCase, runner = echo()): Promise<string> =>
  formatVerdict(await verifyCase(golden, [runner]));

describe("results", () => {
  const editing = (name: string, edit: (tensor: Tensor) => Tensor) =>
    echo((results) => {
      const tensor = results.get(name);
      if (tensor) results.set(name, edit(tensor));
    });

  test("equal results pass with error 0", async () => {
    expect(await line(smallCase())).toBe("PASS small 0.0e+0");
  });

  test.each(["out", "grad.qk", "grad.v"])("%s off by 1e-3 fails at every element", async (name) => {
    for (let i = 0; i < 8; i++) {
      for (const by of [1e-3, -1e-3, NaN]) {
        const text = await line(
          smallCase(),
          editing(name, (t) => changed(t, i, by)),
        );
        expect(text).toMatch(
          /^FAIL small (out, position \d: wrong value|grad\.\w+\[\d\]: wrong gradient)/,
        );
      }
    }
  });

  test("the tolerances are 2e-5 + 1e-4 |e| for outputs, 1e-4 of the largest entry for gradients", async () => {
    const at = (name: string, by: number) =>
      line(
        smallCase(),
        editing(name, (t) => changed(t, 0, by)),
      );
    expect(await at("out", 2.9e-5)).toMatch(/^PASS small 2\.9e-5$/);
    expect(await at("out", 3.1e-5)).toMatch(/^FAIL/);
    expect(await at("grad.qk", 7.9e-5)).toMatch(/^PASS small 9\.9e-5$/);
    expect(await at("grad.qk", 8.1e-5)).toMatch(/^FAIL/);
  });

  test("a wrong bucket, a missing, extra or misshapen result fails", async () => {
    expect(
      await line(
        smallCase(),
        editing("buckets", (t) => changed(t, 2, 1)),
      ),
    ).toBe("FAIL small buckets[2]: wrong bucket: expected 2, got 3");
    expect(
      await line(
        smallCase(),
        echo((r) => r.delete("grad.v")),
      ),
    ).toMatch(/grad.v: our result is missing/);
    expect(
      await line(
        smallCase(),
        echo((r) => r.set("x", f32([], [1]))),
      ),
    ).toMatch(/x: our result has no counterpart/);
    const flat = editing("out", (t) => tensorFrom("f32", [8], t.dataSync()));
    expect(await line(smallCase(), flat)).toMatch(
      /out: our result is misshapen: expected f32\[1,4,2\], got f32\[8\]/,
    );
  });

  test("an exception of the implementation is a failure with its message on one line", async () => {
    const broken: CaseRunner = {
      ...echo(),
      run: () => Promise.reject(new Error("shapes\ndiffer")),
    };
    expect(await line(smallCase(), broken)).toBe("FAIL small run: shapes differ");
  });

  test("each position may agree with either run, but not with both in turn", async () => {
    const rough = f32(
      [1, 4, 2],
      range(8).map((x, i) => (i < 4 ? x + 0.01 : x)),
    );
    const golden = smallCase({ "expected.out": rough });
    expect(await line(golden)).toMatch(/^PASS/);
    const asRough = echo((r) => r.set("out", rough));
    expect(await line(golden, asRough)).toMatch(/^PASS/);
    const halfPosition = echo((r) => r.set("out", changed(changed(rough, 0, -0.01), 2, 0)));
    expect(await line(golden, halfPosition)).toMatch(/^FAIL small out, position 0: wrong value/);
    const mixed = echo((r) =>
      r.set(
        "out",
        f32(
          [1, 4, 2],
          range(8).map((x, i) => (i < 2 ? x + 0.01 : x)),
        ),
      ),
    );
    expect(await line(golden, mixed)).toMatch(/^FAIL small out: agrees only with/);
  });

  test("positions that the mask takes out are not compared, the others are", async () => {
    const golden = smallCase({ "input.input_mask": i32([1, 4], [1, 1, 1, 0]) });
    expect(
      await line(
        golden,
        editing("out", (t) => changed(t, 7, 5)),
      ),
    ).toMatch(/^PASS/);
    expect(
      await line(
        golden,
        editing("out", (t) => changed(t, 5, 5)),
      ),
    ).toMatch(/^FAIL/);
  });
});

describe("contents of a case", () => {
  const without = (golden: GoldenCase, name: string): GoldenCase => {
    const tensors = new Map(golden.tensors);
    tensors.delete(name);
    return { ...golden, tensors };
  };

  test("a tensor that io.json lists and io.safetensors lacks, or the other way round", async () => {
    for (const name of smallCase().tensors.keys()) {
      const text = await line(without(smallCase(), name));
      expect(text).toBe(`FAIL small io.safetensors ${name}: missing tensor`);
    }
    const more = { ...smallCase(), tensors: new Map(smallCase().tensors).set("new", f32([], [1])) };
    expect(await line(more)).toBe("FAIL small io.safetensors new: extra tensor");
  });

  test("missing and extra tensors that io.json agrees with", async () => {
    const extra = smallCase({ "expected.other": f32([1], [1]) });
    expect(await line(extra)).toBe("FAIL small io.safetensors expected.other: extra tensor");
    const listed = smallCase();
    const gone = without(listed, "expected64.out");
    const tensors = { ...(listed.description.tensors as object) } as Record<string, never>;
    delete tensors["expected64.out"];
    expect(await line({ ...gone, description: { ...listed.description, tensors } })).toMatch(
      /expected64.out: missing tensor/,
    );
  });

  test("misshapen tensors, with and without io.json's agreement", async () => {
    const flat = f32([8], range(8));
    const golden = smallCase({ "grad64.qk": flat });
    expect(await line(golden)).toMatch(
      /grad64.qk: misshapen tensor: expected \[1,4,2\], got \[8\]/,
    );
    const disagreeing = { ...golden, description: smallCase().description };
    expect(await line(disagreeing)).toMatch(/io.safetensors grad64.qk: misshapen tensor/);
    expect(await line(smallCase({ "expected64.out": flat }))).toMatch(/misshapen/);
  });

  test("runs that lie farther apart than io.json records", async () => {
    const tampered = {
      "expected64.out": f32(
        [1, 4, 2],
        range(8).map((x, i) => (i === 3 ? x + 1e-3 : x)),
      ),
    };
    const recorded = { max_abs_diff_f32_f64: { out: 2e-6 } };
    expect(await line(smallCase(tampered, recorded))).toMatch(
      /do not lie as far apart as io.json says/,
    );
  });

  test("kinds and features that nobody runs are skipped, by what the case says and not by its name", async () => {
    expect(await line({ ...smallCase(), kind: "hf/ReformerForMaskedLM" })).toBe(
      "SKIP small hf/ReformerForMaskedLM",
    );
    const options = { causal: true, rehash_each_round: false, allow_duplicate_attention: false };
    expect(await line(smallCase({}, { options, query_len: 3 }))).toBe(
      "SKIP small duplicates counted once, hashing once for all rounds, shorter query",
    );
    expect(await line({ ...without(smallCase(), "rotations"), kind: "hf/Other" })).toMatch(/^FAIL/);
  });
});

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

import { describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { Json, JsonObject } from "../../src/edge/json.ts";
import { type CaseRunner, type GoldenCase } from "../../src/verify/index.ts";
import { changed, echo, f32, i32, line, range, smallCase } from "./small-case.ts";

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
    expect(await line(smallCase(), broken)).toBe("FAIL small run: internal error: shapes differ");
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

  test("an element type that io.json promises and the file has not", async () => {
    const small = smallCase();
    const tensors = { ...(small.description.tensors as JsonObject) };
    const promising = (dtype: Json): GoldenCase => ({
      ...small,
      description: {
        ...small.description,
        tensors: { ...tensors, buckets: { shape: [1, 4], dtype } },
      },
    });
    expect(await line(promising("I64"))).toMatch(/^PASS/);
    expect(await line(promising("F32"))).toMatch(
      /^FAIL small io.json buckets: wrong dtype: expected one that is read as i32, got F32$/,
    );
    expect(await line(promising({}))).toMatch(/wrong dtype: .*got an object/);
  });

  test.each<[string, Json]>([
    ["lsh_num_chunks_after", {}],
    ["layer_norm_eps", []],
    ["layer_norm_eps", -1],
    ["hidden_size", "16"],
    ["attn_layers", ["lsh", 3]],
  ])("a setting that means nothing: %s %j", async (key, value) => {
    const golden = { ...smallCase(), kind: "hf/LSHSelfAttention", config: { [key]: value } };
    expect(await line(golden)).toMatch(
      new RegExp(`^FAIL small config.json ${key}.*: wrong value|unknown word`),
    );
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

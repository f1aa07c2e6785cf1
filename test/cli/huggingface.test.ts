import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { fromLucidrainsOrThrow, safetensors } from "../../src/interop/index.ts";
import { parameterHash } from "../../src/training/index.ts";
import { loadCheckpoint } from "../../src/training/node/index.ts";
import { smallOptions, smallWeights } from "../interop/small-lucidrains.ts";
import { bytesOf } from "../interop/tokenizers/golden.ts";
import { call, data, expectMessage, folder, put } from "./harness.ts";

const run = (...args: string[]) => call(args, reformerServices);

const config = {
  model: {
    conventions: "huggingface",
    width: 16,
    heads: 2,
    headWidth: 8,
    feedForwardWidth: 16,
    layers: ["local", "local"],
    local: { chunk: 8 },
    positions: { kind: "axial", shape: [4, 8], widths: [8, 8] },
  },
  training: { length: 32, batch: 1 },
};

const parameters = (text: string): string | undefined => /^parameters .*$/m.exec(text)?.[0];

test("a model that was trained here is exported, imported, trained further and exported again", async () => {
  const file = put("config.json", JSON.stringify(config));
  const [first, second, hf, again] = ["first", "second", "hf", "again"].map((n) => join(folder, n));
  const imported = join(folder, "imported.safetensors");
  const trained = await run(
    "train",
    "--config",
    file,
    "--data",
    data,
    "--out",
    first,
    "--steps",
    "2",
  );
  expect(trained.err).toBe("");
  const exported = await run("export", hf, "--checkpoint", first);
  expect([exported.code, exported.err]).toEqual([0, ""]);
  const read = await run("import", hf, imported);
  expect(read.err).toBe("");
  expect(parameters(read.out)).toBe(parameters(trained.out));
  const none = await run(
    "train",
    "--from",
    imported,
    "--data",
    data,
    "--out",
    second,
    "--steps",
    "0",
  );
  expect(none.err).toBe("");
  expect(parameters(none.out)).toBe(parameters(trained.out));
  const further = await run("train", "--resume", "--data", data, "--out", second, "--steps", "2");
  expect(further.err).toBe("");
  expect(parameters(further.out)).not.toBe(parameters(trained.out));
  expect((await run("export", again, "--checkpoint", second)).code).toBe(0);
  expect(existsSync(join(again, "model.safetensors"))).toBe(true);
  const writing = ["generate", "--checkpoint", imported, "--tokens", "9", "--prompt", "to"];
  const written = await run(...writing, "--decode", "huggingface");
  expect([written.code, written.err, written.out.slice(0, 2)]).toEqual([0, "", "to"]);
  expect((await run(...writing, "--decode", "huggingface")).out).toBe(written.out);
  expectMessage(await run(...writing, "--decode", "own"), /cache, streaming, recompute/, 2);
  expectMessage(await run("export", again, "--checkpoint", second), /again: exists already/);
  expectMessage(await run("import", hf, imported), /imported.safetensors: exists already/);
  const both = ["train", "--from", imported, "--preset", "novel", "--data", data, "--out", hf];
  expectMessage(await run(...both), /--from: cannot be with --preset/);
}, 60_000);

describe("the tokenizer of a model", () => {
  const trainWith = async (tokenizer: string): Promise<string> => {
    const out = join(folder, "run");
    const file = put("config.json", JSON.stringify(config));
    const args = ["--config", file, "--data", data, "--out", out, "--steps", "0"];
    expect((await run("train", "--tokenizer", tokenizer, ...args)).err).toBe("");
    return out;
  };

  test.each(["cp.320.model.gz", "byte-level.json"])("%s is exported and imported", async (name) => {
    const own = await trainWith(put("own", bytesOf(name)));
    const [hf, again] = ["hf", "again"].map((n) => join(folder, n));
    const exported = await run("export", hf, "--checkpoint", own);
    expect([exported.code, exported.err]).toEqual([0, ""]);
    const there = name.endsWith(".json") ? "tokenizer.json" : "spiece.model";
    expect(exported.out).toContain(`its tokenizer is ${there}\n`);
    expect(new Uint8Array(readFileSync(join(hf, there)))).toEqual(new Uint8Array(bytesOf(name)));
    expect((await run("import", hf, again)).err).toBe("");
    const nameOf = (path: string) => loadCheckpoint(path).checkpoint.config.data.tokenizer;
    expect(nameOf(again)).toBe(nameOf(own));
    // With the file that the import keeps.
    expect(
      (await run("generate", "--checkpoint", again, "--tokens", "2", "--prompt", "to")).err,
    ).toBe("");
  });

  const characters = Array.from("\\_u;0123456789abcdefghijklmnopqrstuvwxyz. ");
  const lines = ["<pad>_", "<EOS>_", ...characters].map((line) => `'${line}'\n`);
  const vocab = Object.fromEntries(["?", "the", "dog", "##s"].map((word, id) => [word, id]));
  const bare = {
    model: { type: "WordPiece", unk_token: "?", vocab },
    pre_tokenizer: { type: "Whitespace" },
  };
  const unread = {
    "bytes+2": [undefined, /--tokenizer bytes\+2: bytes\+2 has no file\n$/],
    subwords: [
      lines.join(""),
      /--tokenizer FILE: tokenizer: is of a kind that HuggingFace.* subwords\n$/,
    ],
    bare: [
      JSON.stringify(bare),
      /problems:\n.*model.continuing_subword_prefix: is missing, and Hugg.*\n.*model.max_input/,
    ],
  } as const;

  test.each(Object.entries(unread))(
    "%s is named: it is not read there",
    async (kind, [text, message]) => {
      const own = await trainWith(text === undefined ? kind : put("own", text));
      const hf = join(folder, "hf");
      const exported = await run("export", hf, "--checkpoint", own);
      expect([exported.code, exported.err]).toEqual([0, expect.stringMatching(message)]);
      expect(readdirSync(hf).sort()).toEqual(["config.json", "model.safetensors"]);
    },
  );
});

test("what cannot be exported or imported is said, and nothing is written", async () => {
  const file = put(
    "config.json",
    JSON.stringify({ ...config, model: { ...config.model, conventions: "paper" } }),
  );
  const paper = join(folder, "paper");
  await run("train", "--config", file, "--data", data, "--out", paper, "--steps", "0");
  const to = join(folder, "to");
  expectMessage(await run("export", to, "--checkpoint", paper), /config.conventions: has no field/);
  expectMessage(await run("import", join(folder, "nowhere"), to), /nowhere: does not exist/);
  expectMessage(await run("import", paper, to), /config.json: is missing/);
  expect(existsSync(to)).toBe(false);
}, 60_000);

test("a state dict of lucidrains' with the options of its constructor is imported", async () => {
  const { trained } = smallWeights();
  const [file, imported] = ["state", "imported"].map((n) => join(folder, `${n}.safetensors`));
  writeFileSync(file, safetensors.serialize(trained));
  const options = put("options.json", JSON.stringify(smallOptions));
  const read = await run("import", file, imported, "--lucidrains", options);
  expect([read.code, read.err]).toEqual([0, ""]);
  const { params } = fromLucidrainsOrThrow(smallOptions, trained);
  expect(parameters(read.out)).toBe(`parameters ${parameterHash(params)}`);
  const wrong = put("wrong.json", JSON.stringify({ ...smallOptions, emb_dim: 4 }));
  const refused = await run("import", file, join(folder, "no"), "--lucidrains", wrong);
  expectMessage(refused, /options: emb_dim: has no counterpart here/);
});

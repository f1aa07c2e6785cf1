import { readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { trainConfig, parameterHash, parametersOf } from "../../src/training/index.ts";
import { loadCheckpoint } from "../../src/training/node/index.ts";
import { call } from "./harness.ts";

const models = new URL("../../models/", import.meta.url);
const card = readFileSync(new URL("README.md", models), "utf8");
const { path } = reformerServices.shippedModel;
const { checkpoint } = loadCheckpoint(path);

describe("the model that comes with the package is what its card says", () => {
  test("size, parameters and hash", () => {
    const parameters = Object.values(parametersOf(checkpoint));
    const count = parameters.reduce((sum, { size }) => sum + size, 0);
    const bytes = statSync(path).size;
    expect(bytes).toBeLessThan(640_000);
    expect(card).toContain(`${count.toLocaleString("en")} parameters`);
    expect(card).toContain(`${bytes.toLocaleString("en")} bytes`);
    expect(card).toContain(`\`parameters ${parameterHash(parametersOf(checkpoint))}\``);
    for (const tensor of parameters) expect(tensor.words().every(Number.isFinite)).toBe(true);
  });

  test("configuration", () => {
    const file = new URL("crime-and-punishment.json", models);
    const { preset, ...written } = JSON.parse(readFileSync(file, "utf8")) as { preset: string };
    const { model, training } = trainConfig({ preset, ...written } as Parameters<
      typeof trainConfig
    >[0]);
    expect(checkpoint.config).toMatchObject({ model, training });
    expect(checkpoint.step).toBe(training.schedule.horizon);
  });

  test("bits per byte", async () => {
    const args = ["eval", "--checkpoint", path, "--data", "samples/crime-and-punishment.txt"];
    const { out } = await call(args, reformerServices);
    const [, bits] = /^(\d\.\d{4}) bits per byte over bytes 402080:446755$/m.exec(out) ?? [];
    expect(card).toMatch(new RegExp(`^\\| BF16 +\\| ${bits} `, "m"));
  });

  test("sample", async () => {
    const { code, out, err } = await call(["generate", "--tokens", "200"], reformerServices);
    expect(err).toBe("");
    expect(code).toBe(0);
    const quoted = card
      .split("\n")
      .filter((line) => line.startsWith(">"))
      .map((line) => line.slice(1));
    const words = (text: string): string => text.replace(/\s+/g, " ").trim();
    expect(words(quoted.join(" "))).toBe(words(Buffer.from(out, "latin1").toString()));
  });
});

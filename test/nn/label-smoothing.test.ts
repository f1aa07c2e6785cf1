import { readFileSync } from "node:fs";
import { beforeAll, test } from "vitest";
import { valueAndGrad, type Value } from "../../src/index.ts";
import { init } from "../../src/init.ts";
import { softmaxCrossEntropy } from "../../src/nn/index.ts";
import { array, divide, sum } from "../../src/numpy/index.ts";
import { expectClose, f32, i32 } from "../support/arrays.ts";

interface Case {
  readonly smoothing: number;
  readonly labels: readonly number[];
  readonly logits: readonly number[];
  readonly losses: readonly number[];
  readonly mean: readonly number[];
  readonly gradient: readonly number[];
}

const file = new URL("../golden/label-smoothing.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as readonly Case[];

beforeAll(async () => {
  await init();
});

test.each(cases)("PyTorch's losses and gradients, smoothed by $smoothing", (given) => {
  const { smoothing: labelSmoothing, labels } = given;
  const close = { relative: 2e-6, absolute: 1e-6 };
  const lossesOf = (x: Value): Value =>
    softmaxCrossEntropy(x, i32([5], [...labels]), { labelSmoothing });
  const logits = f32([5, 7], [...given.logits]);
  expectClose(lossesOf(logits).dataSync(), given.losses, close, "losses");
  const counted = array(labels.filter((label) => label >= 0).length);
  const [mean, gradient] = valueAndGrad((x: Value) => divide(sum(lossesOf(x)), counted))(logits);
  expectClose(mean.dataSync(), given.mean, close, "mean");
  expectClose(gradient.dataSync(), given.gradient, close, "gradient");
});

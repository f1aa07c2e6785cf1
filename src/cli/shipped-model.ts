import { join } from "node:path";
import { packageRoot } from "../edge/node/package-root.ts";

/** The small trained model that comes with the package: for `generate` without a checkpoint of one's own. */
export interface ShippedModel {
  /** Where it should lie. */
  readonly path: string;
  /** The beginning of a text that it can continue. */
  readonly prompt: string;
}

const inPackage = join("models", "crime-and-punishment.safetensors");

export const shippedModel = (): ShippedModel => ({
  path: join(packageRoot(), inPackage),
  prompt: "“What is it?” cried Raskolnikov.",
});

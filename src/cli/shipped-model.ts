import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The small trained model that comes with the package: for `generate` without a checkpoint of one's own. */
export interface ShippedModel {
  /** Where it should lie. */
  readonly path: string;
  /** The beginning of a text that it can continue. */
  readonly prompt: string;
}

const inPackage = join("models", "crime-and-punishment.safetensors");

/** Found from the program's own place: sources and bundles lie at different depths below the package's root. */
export const shippedModel = (): ShippedModel => ({
  path: join(packageRoot(dirname(fileURLToPath(import.meta.url))), inPackage),
  prompt: "“What is it?” cried Raskolnikov.",
});

function packageRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "package.json")) ? folder : packageRoot(above);
}

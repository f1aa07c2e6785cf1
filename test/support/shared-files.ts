import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * A file or folder of the test material that lies beside the checkout, in `../shared`, or undefined where it is not
 * there: the tests that need it are skipped then, and say so.
 */
export function sharedFiles(path: string): string | undefined {
  const full = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  if (existsSync(full)) return full;
  console.warn(`skipped: ../shared/${path} does not lie beside the checkout`);
  return undefined;
}

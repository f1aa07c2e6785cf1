import { BackendError } from "../../core/errors.ts";
import { globals } from "./globals.ts";

/** @throws BackendError where there is no WebAssembly at all */
export function checkEngine(): void {
  if (globals.WebAssembly !== undefined) return;
  throw new BackendError("this engine has no WebAssembly", {
    where: "wasm",
    fix: 'Run Node without --jitless or --no-expose-wasm, use another browser, or compute slowly: init("reference").',
  });
}

/** Why the kernels do not start, in words that help. */
export function kernelsRefused(error: unknown): BackendError {
  const got = error instanceof Error ? error.message : String(error);
  const cause = causes.find(({ pattern }) => pattern.test(got)) ?? unknownCause;
  return new BackendError(cause.problem, { where: "wasm", got, fix: cause.fix });
}

const unknownCause = {
  problem: "this engine does not run the kernels",
  fix: "They need WebAssembly with SIMD, as in Node 20 or later and in current browsers.",
};

/** By what engines say. */
const causes = [
  {
    pattern: /content.?security.?policy|\bCSP\b|unsafe-eval/i,
    problem: "the security policy forbids WebAssembly",
    fix: "The page's Content-Security-Policy must allow it: script-src 'self' 'wasm-unsafe-eval'.",
  },
  {
    pattern: /memory|allocat/i,
    problem: "there is no memory for WebAssembly",
    fix: "Raise the limit of address space (ulimit -v), of which engines reserve several GiB.",
  },
];

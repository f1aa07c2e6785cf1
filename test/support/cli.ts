import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleScript } from "./bundle.ts";

export interface Finished {
  /** Exit code, or null where a signal ended the process. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  /** The bundle, for Node to run. */
  readonly path: string;
  /** Runs the program to its end. */
  readonly run: (args: readonly string[], env?: Record<string, string>) => Promise<Finished>;
  /** Starts it; the second value resolves at its end. */
  readonly start: (
    args: readonly string[],
    env?: Record<string, string>,
  ) => { readonly process: ChildProcess; readonly finished: Promise<Finished> };
  readonly dispose: () => void;
}

/** Bundles a program from its source, to be run by Node in a process of its own. */
export async function bundleProgram(source: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), "reformax-program-"));
  const program = join(folder, "program.mjs");
  await bundleScript(source, program);
  const start: Program["start"] = (args, env = {}) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    const finished = new Promise<Finished>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
      });
    });
    return { process: child, finished };
  };
  return {
    path: program,
    start,
    run: (args, env) => start(args, env).finished,
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

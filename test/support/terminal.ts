import { spawn } from "node:child_process";
import { pseudoTerminal } from "./programs.ts";

/** What a program wrote to a terminal. */
export interface TerminalOutput {
  readonly code: number | null;
  /** With everything that moves the cursor. */
  readonly raw: string;
}

/** Runs a program of Node in a terminal of its own with that many columns. */
export function runInTerminal(
  columns: number,
  program: string,
  args: readonly string[],
): Promise<TerminalOutput> {
  const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  const command = `stty cols ${columns}; exec ${quoted}`;
  const child = spawn(pseudoTerminal.path, ["-qec", command, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm-256color" },
  });
  const written: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => written.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, raw: Buffer.concat(written).toString() });
    });
  });
}

const escape = "\u001b";

// One escape sequence, or one character.
const token = new RegExp(`${escape}\\[([?\\d;]*)([A-Za-z])|[^]`, "gu");

/** The column after the rightmost character that the output ever wrote to, in a terminal that never wraps. */
export function widestColumn(raw: string): number {
  let [column, widest] = [0, 0];
  for (const [text, parameters, command] of raw.matchAll(token)) {
    if (command !== undefined) {
      const count = Number(parameters === "" ? 1 : parameters);
      if (command === "G") column = count - 1;
      if (command === "C") column += count;
      if (command === "D") column = Math.max(0, column - count);
      if (command === "H") column = 0;
    } else if (text === "\r" || text === "\n") {
      column = 0;
    } else {
      column += 1;
      widest = Math.max(widest, column);
    }
  }
  return widest;
}

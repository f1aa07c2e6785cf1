import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { codeOf } from "../edge/node/file-errors.ts";

/** Whether a process of this number lives, and began when `started` says, if both are known. */
export function isSameProcess(pid: number, started: string | null): boolean {
  if (!isAlive(pid)) return false;
  const now = startOfProcess(pid);
  return now === undefined || started === null || now === started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One that belongs to somebody else.
    return codeOf(error) === "EPERM";
  }
}

/** A text that tells a process from others that had, or will have, its number; undefined where the system does not say. */
export function startOfProcess(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return linuxStart(pid);
    if (process.platform === "win32") return undefined;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** Ticks from the machine's start to the process's, the 22nd field; proc(5). The second, its name, may hold anything. */
function linuxStart(pid: number): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  // A zombie has ended, though its number is not free yet.
  return state === "Z" || state === "X" ? "ended" : `${boot}/${fields[22 - 3]}`;
}

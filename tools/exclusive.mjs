import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const pause = (milliseconds) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Whether the process that wrote its number into the lock still runs. */
function isHeld(owner) {
  try {
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Runs `work` while no other process runs work under the same lock folder; waits for its turn. A lock whose owner has
 * ended is taken over.
 * @template T
 * @param {string} lock
 * @param {() => T} work
 * @returns {T}
 */
export function exclusively(lock, work) {
  const owner = `${lock}/owner`;
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      pause(200);
      // The first moments of a lock have no owner yet.
      if (tries > 10 && !isHeld(owner)) rmSync(lock, { recursive: true, force: true });
    }
  }
  writeFileSync(owner, String(process.pid));
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

import { programKey, readsIdentity } from "../ir/key.ts";
import type { Program } from "../ir/program.ts";
import { LruCache } from "./lru-cache.ts";

const programs = new LruCache<Program>(256);

/** Forgets every program. */
export const forgetPrograms = (): void => programs.clear();

/**
 * The first of the recorded programs that say the same. Passes and executables are remembered per program object: a function
 * that is traced again at every call is then differentiated and compiled once.
 */
export function sharedProgram(program: Program): Program {
  const key = programKey(program);
  // Functions in it are others at the next call, and would be kept with all that they close over.
  return readsIdentity(key) ? program : programs.getOrCreate(key, () => program);
}

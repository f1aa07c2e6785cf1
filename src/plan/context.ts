import { BackendError } from "../core/errors.ts";
import type { Program } from "../ir/program.ts";
import { clusterKey } from "./cluster-key.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import { opcode } from "./opcodes.ts";
import type { HostCallback } from "./plan.ts";
import type { PlanFlags, PlanTarget, TileCluster } from "./target.ts";

/**
 * How a sub-program is entered. A `loop` body's carries are one parameter each, read and then
 * overwritten: parameters are constants, carries, per-iteration inputs, per-iteration outputs.
 * `donated` inputs are not needed any more by the caller: the function may overwrite them.
 */
export type FunctionForm =
  | { readonly kind: "main" }
  | { readonly kind: "plain"; readonly donated: readonly boolean[] }
  | {
      readonly kind: "loop";
      readonly constants: number;
      readonly carries: number;
      readonly donated: readonly boolean[];
    };

/** Constants lie 16 bytes apart: kernels may expect aligned buffers. */
const constantWords = 4;

/** What the functions of one plan share while they are compiled. */
export class PlanContext {
  readonly target: PlanTarget;
  readonly flags: PlanFlags;
  readonly code: number[] = [];
  readonly callbacks: HostCallback[] = [];
  readonly functions: CompiledFunction[] = [];
  readonly #constants = new Map<number, number>();
  readonly #tilePrograms = new Map<string, readonly number[]>();
  readonly #opcodes: ReadonlyMap<string, number>;
  readonly #compile: (program: Program, form: FunctionForm, name: string) => CompiledFunction;

  constructor(
    target: PlanTarget,
    flags: PlanFlags,
    compile: (
      context: PlanContext,
      program: Program,
      form: FunctionForm,
      name: string,
    ) => CompiledFunction,
  ) {
    this.target = target;
    this.flags = flags;
    this.#opcodes = opcodesOf(target);
    this.#compile = (program, form, name) => compile(this, program, form, name);
  }

  hasKernel(name: string): boolean {
    return this.#opcodes.has(name);
  }

  /**
   * False when the target lacks the kernel but allows reference implementations.
   * @throws BackendError when it does not
   */
  hasKernelFor(kernel: string, where: string): boolean {
    if (!this.hasKernel(kernel) && this.target.allowReference) return false;
    return this.opcodeOf(kernel, where) > 0;
  }

  /** @throws BackendError when the target has no kernel of that name */
  opcodeOf(kernel: string, where: string): number {
    const code = this.#opcodes.get(kernel);
    if (code === undefined) {
      throw new BackendError(`the backend has no kernel ${kernel}`, {
        where,
        fix: "Use the reference backend, or allow reference implementations when the backend is created.",
      });
    }
    return code;
  }

  /** The tile program of a cluster: layers and parameters of one shape have theirs in common. */
  tileProgram(cluster: TileCluster): readonly number[] {
    const key = clusterKey(cluster);
    const known = this.#tilePrograms.get(key);
    if (known) return known;
    const made = this.target.compileTileProgram(cluster);
    this.#tilePrograms.set(key, made);
    return made;
  }

  /** Word offset in the constant pool of the given bits. */
  constant(word: number): number {
    const known = this.#constants.get(word);
    if (known !== undefined) return known;
    const offset = this.#constants.size * constantWords;
    this.#constants.set(word, offset);
    return offset;
  }

  constantPool(): Int32Array {
    if (this.#constants.size === 0) return noConstants;
    const pool = new Int32Array(this.#constants.size * constantWords);
    for (const [word, offset] of this.#constants) pool[offset] = word;
    return pool;
  }

  addCallback(callback: HostCallback): number {
    this.callbacks.push(callback);
    return this.callbacks.length - 1;
  }

  /** The compiled function of a sub-program; equal sub-programs are one function. */
  functionOf(program: Program, form: FunctionForm, name: string): CompiledFunction {
    return this.#compile(program, form, name);
  }
}

const noConstants = new Int32Array(0);
const opcodeTables = new WeakMap<PlanTarget, ReadonlyMap<string, number>>();

function opcodesOf(target: PlanTarget): ReadonlyMap<string, number> {
  const known = opcodeTables.get(target);
  if (known) return known;
  const table = new Map(target.kernels.map((name, i) => [name, opcode.firstKernel + i] as const));
  opcodeTables.set(target, table);
  return table;
}

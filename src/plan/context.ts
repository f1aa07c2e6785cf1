import { bytesPerElement } from "../core/dtype.ts";
import { BackendError } from "../core/errors.ts";
import type { Program } from "../ir/program.ts";
import { clusterKey } from "./cluster-key.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import type { PlanFlags } from "./flags.ts";
import type { KernelCalls, KernelRecipe } from "./kernel-calls.ts";
import type { HostCallback } from "./plan.ts";
import type { ElementwiseCluster, PlanTarget } from "./target.ts";

/**
 * How a sub-program is entered. A `loop` body's carries are one parameter each, read and then
 * overwritten: parameters are constants, carries, per-iteration inputs, per-iteration outputs.
 * `donated` inputs are not needed any more by the caller: the function may overwrite them.
 */
export type FunctionForm =
  | { readonly kind: "main"; readonly outside?: OutsideValues }
  | { readonly kind: "plain"; readonly donated: readonly boolean[] }
  | {
      readonly kind: "loop";
      readonly constants: number;
      readonly carries: number;
      readonly donated: readonly boolean[];
    };

/**
 * Inputs and results of a program that lie outside of its frame, where whoever runs it says: they are parameters of
 * the main function, the inputs first, each in order. Inputs are only read unless a result replaces them, and no two of them and the
 * results may overlap.
 */
export interface OutsideValues {
  readonly inputs: readonly boolean[];
  readonly outputs: readonly boolean[];
  /**
   * By the result: the outside input in whose memory it takes shape, which a run then overwrites; such a result is no parameter of its
   * own. Absent: none does.
   */
  readonly replaces?: readonly (number | undefined)[];
}

/** What the functions of one plan share while they are compiled. */
export class PlanContext {
  readonly target: PlanTarget;
  readonly flags: PlanFlags;
  readonly callbacks: HostCallback[] = [];
  readonly functions: CompiledFunction[] = [];
  readonly #constants = new Map<number, number>();
  readonly #clusterCalls = new Map<string, KernelCalls>();
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
    this.#compile = (program, form, name) => compile(this, program, form, name);
  }

  /**
   * How the target carries out an operation of that name; undefined when it cannot, but allows reference implementations.
   * @throws BackendError when it does not
   */
  recipeFor(operation: string, where: string): KernelRecipe | undefined {
    return this.target.kernels.get(operation) ?? this.#missing(operation, where);
  }

  /** As {@link recipeFor}, for the operations that the planner puts together itself. */
  builtin<Name extends "elementwise" | "reduce" | "contract">(
    name: Name,
    where: string,
  ): PlanTarget[Name] {
    return this.target[name] ?? this.#missing(name, where);
  }

  #missing(kernel: string, where: string): undefined {
    if (this.target.allowReference) return undefined;
    throw new BackendError(`the backend has no kernel ${kernel}`, {
      where,
      fix: "Use the reference backend, or allow reference implementations when the backend is created.",
    });
  }

  /** The calls of a cluster: layers and parameters of one shape have theirs in common. */
  clusterCalls(
    compile: NonNullable<PlanTarget["elementwise"]>,
    cluster: ElementwiseCluster,
  ): KernelCalls {
    const key = clusterKey(cluster);
    const known = this.#clusterCalls.get(key);
    if (known) return known;
    const made = compile(cluster);
    this.#clusterCalls.set(key, made);
    return made;
  }

  /** Offset in the constant pool of the given bits; constants are as far apart as values must be. */
  constant(bits: number): number {
    const known = this.#constants.get(bits);
    if (known !== undefined) return known;
    const offset = this.#constants.size * this.#spacing;
    this.#constants.set(bits, offset);
    return offset;
  }

  /** Bytes from a constant to the next. */
  get #spacing(): number {
    return Math.max(bytesPerElement("f32"), this.target.alignment);
  }

  constantPool(): Int32Array {
    const pool = new Int32Array((this.#constants.size * this.#spacing) / 4);
    for (const [bits, offset] of this.#constants) pool[offset / 4] = bits;
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

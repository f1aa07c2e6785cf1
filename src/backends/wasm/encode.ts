import { BackendError } from "../../core/errors.ts";
import {
  calleesOf,
  type ExecutionPlan,
  type Location,
  type PlacedCall,
  type PlacedControl,
  type PlacedHost,
  type PlanFunction,
  type StepInfo,
} from "../../plan/index.ts";
import type { Shares } from "./calls/recipe.ts";
import { base, opcode } from "./constants/opcodes.ts";

/** A plan in the words that the interpreter of assembly/interpreter/ runs. */
export interface EncodedPlan {
  /** The steps of all functions, callees before callers. */
  readonly code: Int32Array;
  /** First word of the program itself. */
  readonly start: number;
  /** Words of base tables in use at the deepest call. */
  readonly tableWords: number;
  /** The steps by the word where they start. */
  readonly infos: ReadonlyMap<number, StepInfo>;
}

/** What the words depend on besides the plan. */
export interface Encoding extends Shares {
  /** The number of each kernel. */
  readonly kernels: ReadonlyMap<string, number>;
}

const largestWork = 0x7fffffff;

/** Work that is worth a share of its own: some 20 us. */
const workPerShare = 65536;

/**
 * Writes a plan down for the interpreter.
 * @throws BackendError when it calls a kernel that there is not
 */
export function encodePlan(plan: ExecutionPlan, encoding: Encoding): EncodedPlan {
  const encoder = new Encoder(encoding);
  for (const each of plan.functions) encoder.add(each);
  const { code, infos } = encoder;
  const program = plan.functions[plan.functions.length - 1];
  return {
    code: Int32Array.from(code),
    start: encoder.startOf(program),
    tableWords: encoder.tableWordsOf(program),
    infos,
  };
}

class Encoder {
  readonly code: number[] = [];
  readonly infos = new Map<number, StepInfo>();
  readonly #encoding: Encoding;
  readonly #functions = new Map<
    PlanFunction,
    { readonly start: number; readonly tableWords: number }
  >();

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  startOf(each: PlanFunction): number {
    return this.#known(each).start;
  }

  tableWordsOf(each: PlanFunction): number {
    return this.#known(each).tableWords;
  }

  #known(each: PlanFunction): { readonly start: number; readonly tableWords: number } {
    const known = this.#functions.get(each);
    if (!known) throw new Error(`${each.name} is called before it is written down`);
    return known;
  }

  /** Its callees have been added before. */
  add(each: PlanFunction): void {
    const start = this.code.length;
    let deepest = 0;
    for (const { body, info } of each.steps) {
      if (info) this.infos.set(this.code.length, info);
      if (body.kind === "kernel") this.#kernel(body, info?.name ?? each.name);
      else if (body.kind === "host") this.#host(body);
      else {
        this.#control(body);
        deepest = Math.max(
          deepest,
          ...calleesOf(body).map((callee) => this.#known(callee).tableWords),
        );
      }
    }
    this.#push(opcode.return, []);
    const tableWords = base.firstParameter + each.parameters + deepest;
    this.#functions.set(each, { start, tableWords });
  }

  #kernel({ kernel, buffers, immediates, work, mostShares }: PlacedCall, where: string): void {
    const number = this.#encoding.kernels.get(kernel);
    if (number === undefined) {
      throw new BackendError(`the backend has no kernel ${kernel}`, {
        where,
        fix: "A recipe may call the backend's kernels, and those of the libraries that the backend was created with.",
      });
    }
    const { parts, threads } = this.#encoding;
    const most = Math.min(parts, mostShares ?? parts);
    this.#push(opcode.firstKernel + number, [
      Math.min(Math.max(work, 1), largestWork),
      Math.min(most, Math.max(threads, Math.floor(work / workPerShare))),
      buffers.length,
      ...buffers.flatMap(({ at }) => words(at)),
      ...buffers.map(() => 0),
      ...immediates,
    ]);
  }

  #host({ callback, buffers }: PlacedHost): void {
    this.#push(opcode.host, [
      callback,
      buffers.length,
      ...buffers.flatMap(words),
      ...buffers.map(() => 0),
    ]);
  }

  #control(body: PlacedControl): void {
    switch (body.kind) {
      case "call":
        this.#push(opcode.call, [
          this.startOf(body.callee),
          body.frame,
          body.arguments.length,
          ...body.arguments.flatMap(words),
        ]);
        return;
      case "scan":
        this.#push(opcode.scan, [
          this.startOf(body.callee),
          body.frame,
          body.iterations,
          body.arguments.length,
          ...body.arguments.flatMap(({ at, stride }) => [...words(at), stride]),
        ]);
        return;
      case "cond":
        this.#push(opcode.cond, [
          ...words(body.index),
          body.frame,
          body.branches.length,
          ...body.branches.map((branch) => this.startOf(branch)),
          body.arguments.length,
          ...body.arguments.flatMap(words),
        ]);
        return;
      case "while":
        this.#push(opcode.while, [
          this.startOf(body.condition),
          this.startOf(body.callee),
          body.frame,
          ...words(body.predicate),
          body.conditionArguments.length,
          body.arguments.length,
          ...body.conditionArguments.flatMap(words),
          ...body.arguments.flatMap(words),
        ]);
        return;
      default:
        return body satisfies never;
    }
  }

  #push(code: number, following: readonly number[]): void {
    this.code.push(code, following.length + 2);
    for (const word of following) this.code.push(word);
  }
}

/** [entry of the base table, byte offset] of a place. */
export function words(at: Location): readonly [number, number] {
  switch (at.space) {
    case "frame":
      return [base.frame, at.offset];
    case "constants":
      return [base.constants, at.offset];
    case "parameter":
      return [base.firstParameter + at.index, at.offset];
    default:
      return at satisfies never;
  }
}

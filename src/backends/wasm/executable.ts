import { formatAval, sameArrayType } from "../../core/aval.ts";
import { BackendError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Executable, ExecutableReport } from "../../ir/backend.ts";
import { formatPlan, type ExecutionPlan, type OutsideValues } from "../../plan/index.ts";
import { ArenaPlan } from "./arena-plan.ts";
import type { Arena } from "./arena.ts";
import type { EncodedPlan } from "./encode.ts";
import { PlanRun, type Call } from "./plan-run.ts";
import {
  avoidableBytes,
  CallPattern,
  nothingStays,
  withRecurring,
  type Recurrence,
} from "./residency/call-pattern.ts";

/** A plan, and the words of it. */
export interface Planned {
  readonly plan: ExecutionPlan;
  readonly encoded: EncodedPlan;
}

/** A program that is planned anew when its calls show what had better stay in the arena. */
export class PlanExecutable implements Executable {
  readonly report: ExecutableReport;
  readonly #arena: Arena;
  readonly #makePlan: (outside?: OutsideValues) => Planned;
  readonly #poison: boolean;
  readonly #overwrite: boolean;
  /** With nothing in the arena but during a run. */
  readonly #plain: PlanRun;
  readonly #pattern: CallPattern | undefined;
  /** How it runs now. */
  #current: PlanRun;
  /** Bytes that were copied and need not have been, since the last plan was made. */
  #avoidable = 0;
  /** How many make another plan worth its time. */
  #worthPlanning: number;

  /** @param overwrite - donated inputs may be destroyed by a run that fails */
  constructor(
    makePlan: (outside?: OutsideValues) => Planned,
    arena: Arena,
    backend: string,
    { poison, overwrite }: { readonly poison: boolean; readonly overwrite: boolean },
  ) {
    const planned = makePlan();
    const { plan } = planned;
    this.#arena = arena;
    this.#makePlan = makePlan;
    this.#poison = poison;
    this.#overwrite = overwrite;
    const placed = new ArenaPlan(planned.plan, planned.encoded, arena, poison);
    this.#plain = new PlanRun(placed, nothingStays(plan), arena, plan.main.frameBytes);
    this.#current = this.#plain;
    const steps = plan.functions.reduce((sum, each) => sum + each.steps.length, 1);
    this.#worthPlanning = steps * arena.smallestCopy;
    const inputBytes = plan.inputs.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#pattern = inputBytes >= arena.smallestCopy ? new CallPattern(plan) : undefined;
    this.report = this.#makeReport(backend);
  }

  run(inputs: readonly Tensor[], donated: readonly boolean[], where: string): readonly Tensor[] {
    const arena = this.#arena;
    arena.lifetime.check(where);
    this.#checkInputs(inputs, where);
    if (arena.running) throw nestedRun(where);
    arena.running = true;
    try {
      const recurrence = this.#pattern?.see(inputs, donated) ?? nothingRecurs;
      if (this.#pattern) this.#planFor(recurrence);
      const results = this.#runNow({ inputs, donated, where, recurrence });
      if (donated.length > 0) this.#pattern?.made(results);
      return results;
    } finally {
      arena.running = false;
    }
  }

  #runNow(call: Call): readonly Tensor[] {
    const results = this.#current.run(call);
    if (results) return results;
    // There is no room. Whether there is later shows when as much has been copied again as a plan is worth.
    this.#current = this.#plain;
    const plain = this.#plain.run(call);
    if (!plain) throw new Error("a plan without anything that stays needs no room for it");
    return plain;
  }

  /** Plans anew once that would have paid: every time it takes twice as much. */
  #planFor(recurrence: Recurrence): void {
    const { plan } = this.#plain.plan;
    this.#avoidable += avoidableBytes(plan, recurrence, this.#current.residency);
    if (this.#avoidable === 0 || this.#avoidable < this.#worthPlanning) return;
    this.#avoidable = 0;
    this.#worthPlanning *= 2;
    const residency = withRecurring(this.#current.residency, recurrence, this.#overwrite);
    const planned = this.#makePlan(residency);
    const placed = new ArenaPlan(planned.plan, planned.encoded, this.#arena, this.#poison);
    this.#current = new PlanRun(placed, residency, this.#arena, plan.main.frameBytes);
  }

  #checkInputs(inputs: readonly Tensor[], where: string): void {
    const { inputs: regions } = this.#plain.plan.plan;
    const fits =
      inputs.length === regions.length &&
      inputs.every((tensor, i) => sameArrayType(tensor.aval, regions[i].aval));
    if (fits) return;
    throw new BackendError("the inputs are not those of the compiled program", {
      where,
      expected: regions.map(({ aval }) => formatAval(aval)).join(", "),
      got: inputs.map(({ aval }) => formatAval(aval)).join(", "),
    });
  }

  /** Of the plan that runs now; the listing is made only when somebody looks. */
  #makeReport(backend: string): ExecutableReport {
    const current = (): PlanRun => this.#current;
    const main = (): ExecutionPlan["main"] => current().plan.plan.main;
    return {
      backend,
      get plan() {
        return formatPlan(current().plan.plan);
      },
      get flops() {
        return main().flops;
      },
      get bytes() {
        return main().bytes;
      },
      get peakBytes() {
        return main().frameBytes + current().residentBytes;
      },
      get residentBytes() {
        return current().residentBytes;
      },
      get hostBytes() {
        return main().hostBytes;
      },
      get largest() {
        return current().largest;
      },
    };
  }
}

const nothingRecurs: Recurrence = { repeats: [], results: [] };

const nestedRun = (where: string): BackendError =>
  new BackendError("a compiled program was started inside of another one's run", {
    where,
    fix: "A debug callback may read the tensors that it gets, but not compute with array functions.",
  });

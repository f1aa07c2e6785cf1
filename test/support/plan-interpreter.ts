/** Runs the steps of a plan as they are, in plain TypeScript: tests of the planner need no backend. */
import type {
  ExecutionPlan,
  Location,
  PlacedCall,
  PlacedControl,
  PlanFunction,
} from "../../src/plan/index.ts";

/** A kernel: the byte addresses of its buffers, and its immediates. */
export type Kernel = (addresses: readonly number[], immediates: readonly number[]) => void;

/** What running a plan's steps needs. */
export interface Machine {
  /** The whole memory. */
  readonly words: Int32Array;
  readonly kernels: Readonly<Record<string, Kernel>>;
  /** Byte address of the constants. */
  readonly constants: number;
  /** Carries out host step number `callback` on buffers at the given byte addresses. */
  host(callback: number, addresses: readonly number[]): void;
}

/** Byte addresses that a running function knows. */
interface Frame {
  readonly frame: number;
  readonly parameters: readonly number[];
}

/** Runs the program itself, whose frame begins at a byte address. */
export const runPlan = (machine: Machine, { main }: ExecutionPlan, frame: number): void =>
  runFunction(machine, main, { frame, parameters: [] });

/** The byte address of a place. */
export function addressOf({ constants }: Machine, { frame, parameters }: Frame, at: Location) {
  switch (at.space) {
    case "frame":
      return frame + at.offset;
    case "constants":
      return constants + at.offset;
    case "parameter":
      return parameters[at.index] + at.offset;
    default:
      return at satisfies never;
  }
}

function runFunction(machine: Machine, { steps }: PlanFunction, here: Frame): void {
  const address = (at: Location): number => addressOf(machine, here, at);
  for (const { body } of steps) {
    if (body.kind === "kernel") runKernel(machine, body, address);
    else if (body.kind === "host") machine.host(body.callback, body.buffers.map(address));
    else runControl(machine, body, here, address);
  }
}

function runKernel(
  { kernels }: Machine,
  { kernel, buffers, immediates }: PlacedCall,
  address: (at: Location) => number,
): void {
  const body = kernels[kernel];
  if (!body) throw new Error(`there is no kernel ${kernel}`);
  body(
    buffers.map(({ at }) => address(at)),
    immediates,
  );
}

function runControl(
  machine: Machine,
  body: PlacedControl,
  here: Frame,
  address: (at: Location) => number,
): void {
  const frame = here.frame + body.frame;
  const enter = (callee: PlanFunction, parameters: readonly number[]): void =>
    runFunction(machine, callee, { frame, parameters });
  switch (body.kind) {
    case "call":
      enter(body.callee, body.arguments.map(address));
      return;
    case "scan":
      for (let i = 0; i < body.iterations; i++) {
        enter(
          body.callee,
          body.arguments.map(({ at, stride }) => address(at) + i * stride),
        );
      }
      return;
    case "cond": {
      const wanted = machine.words[address(body.index) / 4];
      const index = Math.min(Math.max(wanted, 0), body.branches.length - 1);
      enter(body.branches[index], body.arguments.map(address));
      return;
    }
    case "while":
      for (;;) {
        enter(body.condition, body.conditionArguments.map(address));
        if (machine.words[address(body.predicate) / 4] === 0) return;
        enter(body.callee, body.arguments.map(address));
      }
    default:
      return body satisfies never;
  }
}

import type { Access, ExecutionPlan, Location, PlanFunction } from "../../src/plan/index.ts";

/** One kernel call of a run: what it costs, and the bytes that it touches in the plan's memory. */
export interface Touch {
  /** Operations and bytes moved: what its time grows with. */
  readonly work: number;
  readonly ranges: readonly Range[];
}

export interface Range {
  /** First byte, from the beginning of the plan's memory; undefined outside of it. */
  readonly start: number;
  readonly bytes: number;
  readonly access: Access;
}

/** Where an argument lies; undefined where that is outside of the plan's memory. */
type Address = number | undefined;

/**
 * The kernel calls of a plan in the order of a run. Loops whose length the plan does not know run once, and of branches the last one is taken,
 * which is the common case of all that the library has.
 */
export function* walkPlan({ main }: ExecutionPlan): Generator<Touch> {
  yield* walkFunction(main, 0, []);
}

function* walkFunction(
  called: PlanFunction,
  frame: number,
  parameters: readonly Address[],
): Generator<Touch> {
  const addressOf = (at: Location): Address => {
    switch (at.space) {
      case "frame":
        return frame + at.offset;
      case "constants":
        return undefined;
      case "parameter":
        return offsetBy(parameters[at.index], at.offset);
      default:
        return at satisfies never;
    }
  };
  for (const { body, info } of called.steps) {
    switch (body.kind) {
      case "host":
        break;
      case "kernel":
        yield {
          work: (info?.flops ?? 0) + (info?.bytes ?? 0),
          ranges: body.buffers.flatMap(({ at, bytes, access }) => {
            const start = addressOf(at);
            return start === undefined ? [] : [{ start, bytes, access }];
          }),
        };
        break;
      case "call":
        yield* walkFunction(body.callee, frame + body.frame, body.arguments.map(addressOf));
        break;
      case "scan":
        for (let i = 0; i < body.iterations; i++) {
          const given = body.arguments.map(({ at, stride }) => offsetBy(addressOf(at), i * stride));
          yield* walkFunction(body.callee, frame + body.frame, given);
        }
        break;
      case "cond": {
        const given = body.arguments.map(addressOf);
        yield* walkFunction(body.branches[body.branches.length - 1], frame + body.frame, given);
        break;
      }
      case "while": {
        const given = body.conditionArguments.map(addressOf);
        yield* walkFunction(body.condition, frame + body.frame, given);
        yield* walkFunction(body.callee, frame + body.frame, body.arguments.map(addressOf));
        break;
      }
      default:
        body satisfies never;
    }
  }
}

const offsetBy = (address: Address, bytes: number): Address =>
  address === undefined ? undefined : address + bytes;

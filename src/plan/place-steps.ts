import { bytesPerElement } from "../core/dtype.ts";
import type { PlanContext } from "./context.ts";
import type { PlacedLocals } from "./place-locals.ts";
import {
  formatLocation,
  type Location,
  type PlacedBody,
  type PlacedStep,
  type StepInfo,
} from "./planned-function.ts";
import type { HostBody, KernelCall, LinkedBody, Step } from "./step.ts";
import type { Place } from "./storage.ts";

/** Bits of a NaN that no operation makes: poison is recognised in a debugger. */
const poisonBits = 0x7fc0dead;

/** The steps of one function, with everything in its place. */
export class StepPlacer {
  readonly steps: PlacedStep[] = [];
  readonly #context: PlanContext;
  readonly #placed: PlacedLocals;
  readonly #within: string;

  constructor(context: PlanContext, placed: PlacedLocals, within: string) {
    this.#context = context;
    this.#placed = placed;
    this.#within = within;
  }

  step(step: Step): void {
    const { body } = step;
    if (body.kind === "kernels") {
      const calls = body.calls.filter((call) => !this.#isVoid(call));
      for (const call of calls) {
        const info = this.#info(step, call.kernel, call.flops, step.bytes / calls.length);
        this.#add(this.#call(call), info);
      }
      return;
    }
    const placed = body.kind === "host" ? this.#host(body) : this.#control(body);
    this.#add(placed, this.#info(step, body.kind, step.flops, step.bytes));
  }

  /** Overwrites bytes of the frame with NaNs. */
  poison(offset: number, bytes: number): void {
    if (bytes === 0) return;
    const { steps } = this.#context.target.moves.fill(bytes / bytesPerElement("f32"), poisonBits);
    const at: Location = { space: "frame", offset };
    for (const { kernel, immediates, buffers } of steps) {
      const placed = buffers.map(({ access }) => ({ at, bytes, access }));
      this.#add({ kind: "kernel", kernel, buffers: placed, immediates, work: 1, mostShares: 1 });
    }
  }

  #add(body: PlacedBody, info?: StepInfo): void {
    this.steps.push({ body, info });
  }

  /** A copy onto itself, which in-place execution leaves behind. */
  #isVoid({ isMove, buffers }: KernelCall): boolean {
    if (!isMove) return false;
    const [from, to] = buffers.map(({ place }) => formatLocation(this.#at(place)));
    return from === to;
  }

  #call({ kernel, buffers, immediates, work, mostShares }: KernelCall): PlacedBody {
    return {
      kind: "kernel",
      kernel,
      buffers: buffers.map(({ place, access }) => ({
        at: this.#at(place),
        bytes: place.storage.bytes - place.offset,
        access,
      })),
      immediates,
      work,
      mostShares,
    };
  }

  #host({ callback, buffers }: HostBody): PlacedBody {
    return { kind: "host", callback, buffers: this.#all(buffers) };
  }

  #control(body: LinkedBody): PlacedBody {
    const frame = this.#at(body.frame).offset;
    switch (body.kind) {
      case "call":
        return { ...body, frame, arguments: this.#all(body.arguments) };
      case "scan": {
        const moving = body.arguments.map(({ place, stride }) => ({ at: this.#at(place), stride }));
        return { ...body, frame, arguments: moving };
      }
      case "cond":
        return {
          ...body,
          frame,
          index: this.#at(body.index),
          arguments: this.#all(body.arguments),
        };
      case "while":
        return {
          ...body,
          frame,
          predicate: this.#at(body.predicate),
          conditionArguments: this.#all(body.conditionArguments),
          arguments: this.#all(body.arguments),
        };
      default:
        return body satisfies never;
    }
  }

  #at({ storage, offset }: Place): Location {
    const at = this.#placed.locate(storage);
    return { ...at, offset: at.offset + offset };
  }

  #all(places: readonly Place[]): readonly Location[] {
    return places.map((place) => this.#at(place));
  }

  #info({ name, writes }: Step, operation: string, flops: number, bytes: number): StepInfo {
    const results = writes
      .map((storage) => `${formatLocation(this.#at({ storage, offset: 0 }))}:${storage.bytes}`)
      .join(" ");
    return { operation, within: this.#within, name, flops, bytes, results };
  }
}

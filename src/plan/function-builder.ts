import { bytesOf } from "../core/aval.ts";
import { bytesPerElement } from "../core/dtype.ts";
import { sizeOf, stridesOf } from "../core/shape.ts";
import type { ScalarType } from "../ir/expression.ts";
import type { PlanContext } from "./context.ts";
import { operandBytes, wordOf, type Operand, type Value } from "./graph.ts";
import type { UniformOperand, ViewOperand } from "./graph.ts";
import type { BufferReference, KernelCalls, KernelStep } from "./kernel-calls.ts";
import type { DraftStep } from "./step.ts";
import { placeIn, type Home, type Place, type Storage } from "./storage.ts";
import { isContiguous, viewKey, type ShapedView } from "./view.ts";

const frameHome: Home = { kind: "frame" };

/** Collects the steps and storages of one function. */
export class FunctionBuilder {
  readonly context: PlanContext;
  /** The function's name, empty in the main function. */
  readonly within: string;
  readonly storages: Storage[] = [];
  readonly steps: DraftStep[] = [];
  readonly #places = new Map<Value, Place>();
  /** How values that are elsewhere come to a place. */
  readonly #later = new Map<Value, () => Place>();
  readonly #copies = new Map<Value, Map<string, Place>>();

  constructor(context: PlanContext, within: string) {
    this.context = context;
    this.within = within;
  }

  newStorage(bytes: number, name: string, home: Home = frameHome, guard?: Storage): Storage {
    const storage = { id: this.storages.length, bytes, home, name, guard };
    this.storages.push(storage);
    return storage;
  }

  /** Storage for a value that the next step computes. */
  storageFor(value: Value): Storage {
    const storage = this.newStorage(bytesOf(value.aval), value.name);
    this.bind(value, placeIn(storage));
    return storage;
  }

  bind(value: Value, place: Place): void {
    this.#places.set(value, place);
  }

  /** The value gets its place when it is asked for, by steps that `fetch` appends. */
  bindLater(value: Value, fetch: () => Place): void {
    this.#later.set(value, fetch);
  }

  placeOf(value: Value): Place {
    const fetch = this.#later.get(value);
    if (fetch) {
      this.#later.delete(value);
      this.bind(value, fetch());
    }
    const place = this.#places.get(value);
    if (!place) throw new Error(`the planner reads ${value.name} before it is computed`);
    return place;
  }

  /** Appends a step, unless all that it would do is write nothing. */
  emit(step: DraftStep, effect = false): void {
    const writesNothing =
      step.writes.length > 0 && step.writes.every((storage) => storage.bytes === 0);
    if (!writesNothing || effect) this.steps.push(step);
  }

  /** A step of the calls with which the target carries out an operation. */
  emitCalls(operation: CalledOperation): void {
    const { name, calls, reads, writes, effect = false } = operation;
    const { steps, workspaceBytes = 0 } = calls;
    const workspace =
      workspaceBytes > 0 ? [this.newStorage(workspaceBytes, `${name} workspace`)] : [];
    const placeOf = (reference: BufferReference): Place => {
      if (reference.kind === "input") return reads[reference.index];
      if (reference.kind === "output") return placeIn(writes[reference.index]);
      return placeIn(workspace[0], reference.offset);
    };
    const bytes = bytesMoved(reads, writes);
    const { flops = bytes / 4 } = operation;
    const stated = steps.filter((step) => step.flops !== undefined);
    const rest = flops - stated.reduce((sum, step) => sum + (step.flops ?? 0), 0);
    const equalShare = rest / (steps.length - stated.length);
    const toCall = ({ kernel, buffers, immediates, isMove = false, ...step }: KernelStep) => {
      const share = step.flops ?? equalShare;
      return {
        kernel,
        buffers: buffers.map((buffer) => ({ place: placeOf(buffer), access: buffer.access })),
        immediates,
        work: step.work ?? Math.max(share, bytes / 4 / steps.length),
        mostShares: step.mostShares,
        flops: share,
        isMove,
      };
    };
    const step: DraftStep = {
      name,
      body: { kind: "kernels", calls: steps.map(toCall) },
      reads,
      writes,
      temporaries: workspace,
      share: operation.inPlace ?? [],
      isCopy: operation.isCopy ?? false,
      inputs: [],
      flops,
      bytes,
    };
    this.emit(step, effect);
  }

  constant(word: number, type: ScalarType, name: string): Place {
    const home: Home = { kind: "constant", offset: this.context.constant(word) };
    return placeIn(this.newStorage(bytesPerElement(type), name, home));
  }

  /** Where the operand's elements lie one after the other in row-major order; copied there if need be. */
  contiguous(operand: Operand, name: string): Place {
    if (operand.kind === "uniform") {
      if (sizeOf(operand.shape) === 1) return this.#uniform(operand, name);
      const storage = this.newStorage(operandBytes(operand), name);
      this.copyInto(operand, storage, name);
      return placeIn(storage);
    }
    const { value, view } = operand;
    if (isContiguous(view)) return this.#placeOfView(operand);
    // A value gets its place when it is first asked for, before its copies do.
    this.placeOf(value);
    const copies = this.#copies.get(value) ?? new Map<string, Place>();
    this.#copies.set(value, copies);
    const key = viewKey(view);
    const known = copies.get(key);
    if (known) return known;
    const copy = this.newStorage(operandBytes(operand), name);
    this.copyInto(operand, copy, name);
    copies.set(key, placeIn(copy));
    return placeIn(copy);
  }

  /** Where the operand's elements lie, with the strides that reach them. */
  strided(operand: Operand, name: string): { readonly place: Place; readonly view: ShapedView } {
    if (operand.kind === "uniform") {
      const strides = operand.shape.map(() => 0);
      const view = { shape: operand.shape, offset: 0, strides };
      return { place: this.#uniform(operand, name), view };
    }
    return { place: this.#placeOfView(operand), view: { ...operand.view, offset: 0 } };
  }

  #uniform({ number, type }: UniformOperand, name: string): Place {
    return this.constant(wordOf(number, type), type, name);
  }

  /** Where the first element of a view lies. */
  #placeOfView({ value, view, type }: ViewOperand): Place {
    const { storage, offset } = this.placeOf(value);
    return placeIn(storage, offset + view.offset * bytesPerElement(type));
  }

  /** Writes the operand's elements in row-major order to a storage of exactly their number. */
  copyInto(operand: Operand, output: Storage, name: string): void {
    const { moves } = this.context.target;
    if (operand.kind === "uniform") {
      const calls = moves.fill(sizeOf(operand.shape), wordOf(operand.number, operand.type));
      this.emitCalls({ name, calls, reads: [], writes: [output], flops: 0 });
      return;
    }
    const { place, view } = this.strided(operand, name);
    if (isContiguous(view)) {
      this.copy(place, output, name, false);
      return;
    }
    const to = { offset: 0, strides: stridesOf(view.shape) };
    const calls = moves.copyStrided({ shape: view.shape, from: view, to }, name);
    this.emitCalls({ name, calls, reads: [place], writes: [output], flops: 0 });
  }

  /** Copies as many bytes as the output has. `isFinal`: the copy never changes, so that it may share its source's storage. */
  copy(place: Place, output: Storage, name: string, isFinal: boolean): void {
    this.emitCalls({
      name,
      calls: this.context.target.moves.copy(output.bytes / bytesPerElement("f32")),
      reads: [place],
      writes: [output],
      inPlace: [[0, 0]],
      isCopy: isFinal,
      flops: 0,
    });
  }
}

/** An operation, the places of its operands and results, and the calls that carry it out. */
export interface CalledOperation {
  readonly name: string;
  readonly calls: KernelCalls;
  readonly reads: readonly Place[];
  readonly writes: readonly Storage[];
  /** [position in reads, position in writes]: the result may take over the operand's storage. */
  readonly inPlace?: readonly (readonly [number, number])[];
  /** The result is a plain copy and never changes. */
  readonly isCopy?: boolean;
  /** Floating-point operations in all; one per word moved when absent. */
  readonly flops?: number;
  readonly effect?: boolean;
}

/** A name in a function as seen from the program. */
export const qualified = (within: string, name: string): string =>
  within ? `${within}/${name}` : name;

/** Bytes of operands and results together. */
export const bytesMoved = (reads: readonly Place[], writes: readonly Storage[]): number =>
  reads.reduce((sum, { storage }) => sum + storage.bytes, 0) +
  writes.reduce((sum, { bytes }) => sum + bytes, 0);

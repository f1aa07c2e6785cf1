import { ShapeError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import { wordOf, type Operand, type Value } from "./graph.ts";
import type { PlanContext } from "./context.ts";
import type { DraftStep, KernelCall } from "./step.ts";
import { placeIn, type Home, type Place, type Storage } from "./storage.ts";
import { isContiguous, mergeAxes, viewKey, type ShapedView } from "./view.ts";

const frameHome: Home = { kind: "frame" };
const maxCopyRank = 8;

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

  newStorage(words: number, name: string, home: Home = frameHome, guard?: Storage): Storage {
    const storage = { id: this.storages.length, words, home, name, guard };
    this.storages.push(storage);
    return storage;
  }

  /** Storage for a value that the next step computes. */
  storageFor(value: Value): Storage {
    const storage = this.newStorage(sizeOf(value.aval.shape), value.name);
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
      step.writes.length > 0 && step.writes.every((storage) => storage.words === 0);
    if (!writesNothing || effect) this.steps.push(step);
  }

  /** A step of kernel calls that does nothing in place. */
  emitKernel(
    name: string,
    call: KernelCall,
    reads: readonly Place[],
    output: Storage,
    flops = 0,
  ): void {
    this.emit({
      name,
      body: { kind: "kernels", calls: [call] },
      reads,
      writes: [output],
      temporaries: [],
      share: [],
      isCopy: false,
      inputs: [],
      flops,
      bytes: bytesMoved(reads, [output]),
    });
  }

  constant(word: number, name: string): Place {
    const home: Home = { kind: "constant", word: this.context.constant(word) };
    return placeIn(this.newStorage(1, name, home));
  }

  /** Where the operand's elements lie one after the other in row-major order; copied there if need be. */
  contiguous(operand: Operand, name: string): Place {
    if (operand.kind === "uniform") {
      const size = sizeOf(operand.shape);
      if (size === 1) return this.constant(wordOf(operand.number, operand.type), name);
      const storage = this.newStorage(size, name);
      this.copyInto(operand, storage, name);
      return placeIn(storage);
    }
    const { value, view } = operand;
    const { storage, offset } = this.placeOf(value);
    if (isContiguous(view)) return placeIn(storage, offset + view.offset);
    const copies = this.#copies.get(value) ?? new Map<string, Place>();
    this.#copies.set(value, copies);
    const key = viewKey(view);
    const known = copies.get(key);
    if (known) return known;
    const copy = this.newStorage(sizeOf(view.shape), name);
    this.copyInto(operand, copy, name);
    copies.set(key, placeIn(copy));
    return placeIn(copy);
  }

  /** Where the operand's elements lie, with the strides that reach them. */
  strided(operand: Operand, name: string): { readonly place: Place; readonly view: ShapedView } {
    if (operand.kind === "uniform") {
      const strides = operand.shape.map(() => 0);
      const place = this.constant(wordOf(operand.number, operand.type), name);
      return { place, view: { shape: operand.shape, offset: 0, strides } };
    }
    const { storage, offset } = this.placeOf(operand.value);
    const { view } = operand;
    return { place: placeIn(storage, offset + view.offset), view: { ...view, offset: 0 } };
  }

  /** Writes the operand's elements in row-major order to a storage of exactly their number. */
  copyInto(operand: Operand, output: Storage, name: string): void {
    if (operand.kind === "uniform") {
      const word = wordOf(operand.number, operand.type);
      this.emitKernel(name, this.fillCall(output, word), [], output);
      return;
    }
    const { place, view } = this.strided(operand, name);
    if (isContiguous(view)) this.copyWords(place, output, name, false);
    else this.#copyStrided(place, view, output, name);
  }

  /** `final`: the copy never changes, so that it may share its source's storage. */
  copyWords(place: Place, output: Storage, name: string, final: boolean): void {
    const { words } = output;
    const call = {
      kernel: "copyWords",
      buffers: [place, placeIn(output)],
      immediates: [words],
      work: words,
    };
    this.emit({
      name,
      body: { kind: "kernels", calls: [call] },
      reads: [place],
      writes: [output],
      temporaries: [],
      share: [[0, 0]],
      isCopy: final,
      inputs: [],
      flops: 0,
      bytes: bytesMoved([place], [output]),
    });
  }

  fillCall(output: Storage, word: number): KernelCall {
    const { words } = output;
    return { kernel: "fill", buffers: [placeIn(output)], immediates: [words, word], work: words };
  }

  #copyStrided(place: Place, view: ShapedView, output: Storage, name: string): void {
    const { shape, strides } = mergeAxes(view);
    if (shape.length > maxCopyRank) {
      throw new ShapeError("too many axes for one rearrangement", {
        where: name,
        expected: `at most ${maxCopyRank} axes that do not merge`,
        got: `${shape.length}`,
        fix: "Transpose in several steps.",
      });
    }
    let stride = output.words;
    const outStrides = shape.map((n) => (stride /= n));
    const immediates = [shape.length, ...shape, 0, ...strides, 0, ...outStrides];
    const buffers = [place, placeIn(output)];
    const call = { kernel: "copyStrided", buffers, immediates, work: output.words };
    this.emitKernel(name, call, [place], output);
  }
}

/** A name in a function as seen from the program. */
export const qualified = (within: string, name: string): string =>
  within ? `${within}/${name}` : name;

/** Bytes of operands and results together. */
export const bytesMoved = (reads: readonly Place[], writes: readonly Storage[]): number =>
  4 *
  (reads.reduce((sum, { storage }) => sum + storage.words, 0) +
    writes.reduce((sum, { words }) => sum + words, 0));

import { wordsOf, type Words } from "../../core/dtype.ts";
import { isHostStorage } from "../../core/storage.ts";
import { Tensor } from "../../core/tensor.ts";
import type { LiveValue, Region } from "../../plan/index.ts";
import type { ArenaPlan } from "./arena-plan.ts";
import type { Arena } from "./arena.ts";
import type { Block } from "./residency/block.ts";
import type { Recurrence, Residency } from "./residency/call-pattern.ts";

/** In reports. */
const listedValues = 12;

/** A call of an executable. */
export interface Call {
  readonly inputs: readonly Tensor[];
  readonly donated: readonly boolean[];
  readonly where: string;
  readonly recurrence: Recurrence;
}

/** Where what stays lies in a run: by the input, by the result, and the addresses of all. */
interface StayingBlocks {
  readonly given: readonly (Block | undefined)[];
  readonly results: readonly (Block | undefined)[];
  readonly addresses: readonly number[];
}

const noBlocks: StayingBlocks = { given: [], results: [], addresses: [] };

/**
 * A plan of a program in which some inputs and results stay in the arena, or none: brings in what is not there, runs, and
 * hands out the results.
 *
 * A result that stays is written beside the input that it will take the place of, so that inputs are intact when a run fails. The two
 * blocks take turns. Where the caller allows that inputs are overwritten, it takes shape in the input's own block, and a run that
 * fails leaves nothing of either.
 */
export class PlanRun {
  readonly plan: ArenaPlan;
  readonly residency: Residency;
  readonly #arena: Arena;
  readonly #plannedBytes: number;
  readonly #somethingStays: boolean;
  /** By the result: the empty block that it goes to next. */
  readonly #next: (Block | undefined)[];
  /** By the input: the block for tensors that come once. */
  readonly #own: (Block | undefined)[];

  /** @param plannedBytes what the program needs without anything staying */
  constructor(plan: ArenaPlan, residency: Residency, arena: Arena, plannedBytes: number) {
    this.plan = plan;
    this.residency = residency;
    this.#arena = arena;
    this.#plannedBytes = plannedBytes;
    this.#somethingStays = [...residency.inputs, ...residency.outputs].includes(true);
    this.#next = residency.outputs.map(() => undefined);
    this.#own = residency.inputs.map(() => undefined);
  }

  /** Bytes of what stays: inputs, and results beside them. */
  get residentBytes(): number {
    return this.#staying.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The largest values in the arena at the peak. */
  get largest(): readonly LiveValue[] {
    const { largest } = this.plan.plan.main;
    const staying = this.#staying;
    if (staying.length === 0) return largest;
    return [...staying, ...largest].sort((a, b) => b.bytes - a.bytes).slice(0, listedValues);
  }

  get #staying(): readonly LiveValue[] {
    const { inputs, outputs } = this.plan.plan;
    const values = (name: string, regions: readonly Region[], stays: readonly boolean[]) =>
      regions.flatMap(({ bytes }, i) => (stays[i] ? [{ name: `${name} ${i}`, bytes }] : []));
    return [
      ...values("input", inputs, this.residency.inputs),
      ...values(
        "result",
        outputs,
        this.residency.outputs.map(
          (stays, i) => stays && this.residency.replaces?.[i] === undefined,
        ),
      ),
    ];
  }

  /** The results; undefined, and nothing has happened, when there is no room for what stays. */
  run(call: Call): readonly Tensor[] | undefined {
    const { residents, profile } = this.#arena;
    const entered = profile ? performance.now() : 0;
    residents.begin(this.plan.end, this.#plannedBytes);
    const stay = this.#somethingStays ? this.#blocks(call) : noBlocks;
    if (!stay) return undefined;
    this.plan.load(call.where);
    this.#copyIn(call, stay.addresses);
    const times = this.#execute(call, stay);
    const tensors = this.#handOut(call, stay);
    this.plan.tell(call.where, entered, times);
    return tensors;
  }

  /** What a run that fails has overwritten is nobody's. */
  #execute({ inputs, where }: Call, { given, addresses }: StayingBlocks) {
    try {
      return this.plan.execute(addresses, where);
    } catch (error) {
      for (const input of this.residency.replaces ?? []) {
        if (input === undefined) continue;
        const { residents } = this.#arena;
        residents.discard(inputs[input].donate(where));
        const block = given[input];
        if (block) residents.free(block);
      }
      throw error;
    }
  }

  #blocks(call: Call): StayingBlocks | undefined {
    const { replaces = [] } = this.residency;
    if (!this.#mayOverwrite(call)) return undefined;
    const given = this.#inputBlocks(call);
    const beside = given && this.#resultBlocks();
    if (!given || !beside) return undefined;
    const addresses = [...given, ...beside].flatMap((block) => block?.address ?? []);
    const results = beside.map((block, i) => block ?? given[replaces[i] ?? -1]);
    return { given, results, addresses };
  }

  /** What is overwritten is donated, and given once. */
  #mayOverwrite({ inputs, donated }: Call): boolean {
    const { replaces = [] } = this.residency;
    return replaces.every((input) => {
      if (input === undefined) return true;
      const { storage } = inputs[input];
      return donated[input] && inputs.every((other, i) => i === input || other.storage !== storage);
    });
  }

  #inputBlocks({
    inputs,
    where,
    recurrence: { repeats },
  }: Call): readonly (Block | undefined)[] | undefined {
    const { residents } = this.#arena;
    const stays = this.residency.inputs;
    // Those that are here first: nothing that comes in may take their place.
    const { replaces = [] } = this.residency;
    const here = inputs.map((tensor, i) => {
      if (!stays[i]) return undefined;
      const { storage } = tensor;
      // A copy of what is on the host may be others' too: it is not for overwriting.
      const block = replaces.includes(i) ? residents.blockOf(storage) : residents.find(storage);
      return block && residents.use(block);
    });
    for (const [i, tensor] of inputs.entries()) {
      if (!stays[i] || here[i]) continue;
      const words = tensor.words(where);
      here[i] = repeats[i] ? residents.copyOf(words) : this.#bringIn(i, words);
      if (!here[i]) return undefined;
    }
    return here;
  }

  /** What is not known to come again lies in a block of the input's own. */
  #bringIn(input: number, words: Words): Block | undefined {
    const { memory, residents } = this.#arena;
    const own = this.#own[input];
    const block = own?.present ? residents.use(own) : residents.allocate(words.byteLength);
    if (block) memory.write(block.address, words);
    return (this.#own[input] = block);
  }

  #resultBlocks(): readonly (Block | undefined)[] | undefined {
    const { residents } = this.#arena;
    const { outputs, replaces = [] } = this.residency;
    const beside = (i: number): boolean => outputs[i] && replaces[i] === undefined;
    const known = this.#next.map((block, i) =>
      beside(i) && block?.present ? residents.use(block) : undefined,
    );
    for (const [i, { bytes }] of this.plan.plan.outputs.entries()) {
      if (!beside(i)) continue;
      known[i] ??= residents.allocate(bytes);
      if (!known[i]) return undefined;
      this.#next[i] = known[i];
    }
    return known;
  }

  #copyIn({ inputs, where }: Call, parameters: readonly number[]): void {
    const { memory, residents } = this.#arena;
    this.plan.plan.inputs.forEach(({ at, bytes }, i) => {
      // Looked at even where unused: a donated tensor must be refused.
      const { storage } = inputs[i];
      const block = residents.blockOf(storage);
      if (this.residency.inputs[i]) return;
      const to = at && this.plan.addressOf(at, parameters);
      if (to !== undefined && block) memory.move(block.address, to, bytes);
      else if (to !== undefined) memory.write(to, inputs[i].words(where));
    });
  }

  /** Results in their blocks, in words of donated inputs of the same size, or in new ones. */
  #handOut(
    { inputs, donated, where, recurrence }: Call,
    { given, results, addresses }: StayingBlocks,
  ): readonly Tensor[] {
    const { memory, residents } = this.#arena;
    const { plan } = this.plan;
    const read = (region: Region, words: Words): Words => {
      if (region.at) memory.read(this.plan.addressOf(region.at, addresses), words);
      return words;
    };
    if (donated.length === 0) {
      return plan.outputs.map((region) => new Tensor(region.aval, read(region, newWords(region))));
    }
    const sources = plan.outputs.map((_, i) => {
      const input = results[i] ? this.residency.results.indexOf(i) : -1;
      return recurrence.results[input] === i ? input : undefined;
    });
    const succeeded = new Set(sources.map((input) => input !== undefined && inputs[input]));
    const dying = new Set(inputs.filter((tensor, i) => donated[i] && !succeeded.has(tensor)));
    const reusable = new Set(dying);
    const words = plan.outputs.map((region, i) => {
      if (sources[i] !== undefined) return undefined;
      return read(region, takeBuffer(reusable, region) ?? newWords(region));
    });
    for (const tensor of dying) residents.discard(tensor.donate(where));
    return plan.outputs.map(({ aval }, i) => {
      const [input, block, buffer] = [sources[i] ?? -1, results[i], words[i]];
      if (buffer) return new Tensor(aval, buffer);
      const source = given[input];
      if (!block || !source) throw new Error("a result has no place");
      // They take turns, unless they are one.
      if (source !== block) this.#next[i] = source;
      if (this.#own[input] === source) this.#own[input] = undefined;
      return new Tensor(aval, residents.takeOver(inputs[input].donate(where), source, block, aval));
    });
  }
}

/** Words of a donated tensor whose elements are in the arena already, if they fit. */
function takeBuffer(reusable: Set<Tensor>, { aval, bytes }: Region): Words | undefined {
  for (const tensor of reusable) {
    const { storage } = tensor;
    if (!isHostStorage(storage)) continue;
    if (storage.byteLength !== bytes || storage.byteLength !== storage.buffer.byteLength) continue;
    reusable.delete(tensor);
    return wordsOf(aval.dtype, storage.buffer);
  }
  return undefined;
}

const newWords = ({ aval, bytes }: Region): Words => wordsOf(aval.dtype, new ArrayBuffer(bytes));

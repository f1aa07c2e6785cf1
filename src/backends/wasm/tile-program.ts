/**
 * Programs of the tile VM: the immediates of the `elementwise` kernel. Words of a program:
 *
 * - header: [0] 1 | inputs << 1 | number of loops << 16 (odd, which no address before it is),
 *   [1] elements, [2] words per tile, [3] registers, [4] constants, [5] instructions,
 *   [6] byte offset of the groups and [7] of the registers in the scratch area;
 * - the position of each input's words in the program;
 * - the constants' bits;
 * - instructions: operation, result slot, three operand slots. Slots are numbered outputs, inputs,
 *   constants, registers. An operation beyond the loops loads a tile of a strided input;
 * - the inputs' words: see {@link inputWords}.
 */
import { BackendError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import {
  inputBuffer,
  outputBuffer,
  type ElementwiseCluster,
  type KernelCalls,
} from "../../plan/index.ts";
import { tileScratch } from "./constants/tiles.ts";
import { inputWords, tileInput } from "./tile-inputs.ts";
import { loopCount, loopNumber } from "./tile-ops.ts";
import { allocateRegisters } from "./tile-registers.ts";
import { scheduleTile, type TileStep } from "./tile-schedule.ts";
import { tileValues, type ConstantValue, type StepValue, type TileValue } from "./tile-values.ts";

/** What a tile program computes. */
export type TileCluster = Omit<ElementwiseCluster, "operations">;

/** How the kernel `elementwise` is called: outputs first, then inputs. */
export const elementwise = (cluster: ElementwiseCluster): KernelCalls => ({
  steps: [
    {
      kernel: "elementwise",
      buffers: [
        ...cluster.outputs.map((_, i) => outputBuffer(i)),
        ...cluster.inputs.map((_, i) => inputBuffer(i)),
      ],
      immediates: compileTileProgram(cluster),
      work: sizeOf(cluster.shape) * Math.max(1, cluster.operations),
    },
  ],
});

const headerWords = 8;
const groupBytes = 64;
const slotBytes = 8;
/** Registers and streams together should stay in a first-level cache of 32 KiB. */
const cacheBytes = 28672;
const tileSizes = [1024, 512, 256, 128, 64, 32, 16];

/**
 * Compiles a cluster into the immediates of the `elementwise` kernel, whose buffers are the outputs,
 * then the inputs. An output may have the storage of an input that is read in order from offset 0.
 * @throws BackendError when the cluster needs more scratch memory than the kernel has
 */
export function compileTileProgram({ shape, outputs, ...cluster }: TileCluster): readonly number[] {
  const inputs = cluster.inputs.map(({ view }) => tileInput(shape, view));
  const values = tileValues(outputs, (input) => inputs[input].kind === "strided");
  const steps = scheduleTile(values, (input) => inputs[input].kind === "contiguous");
  const { count: registerCount, registers } = allocateRegisters(steps);
  const constants = constantsOf(steps);
  const firstConstant = outputs.length + inputs.length;
  const firstRegister = firstConstant + constants.length;
  const slotOf = slotNumbering(steps, constants, registers, {
    firstInput: outputs.length,
    firstConstant,
    firstRegister,
  });
  const instructions = steps.flatMap(({ value }) => encodeStep(value, slotOf));
  const layout = scratchLayout({
    slots: firstRegister + registerCount,
    groups: firstRegister,
    registers: registerCount,
    streams: outputs.length + inputs.filter(({ kind }) => kind === "contiguous").length,
  });
  const inputList = inputs.map(inputWords);
  const body = [...constants.map(({ bits }) => bits), ...instructions];
  return [
    1 | (inputs.length << 1) | (loopCount << 16),
    sizeOf(shape),
    layout.tileWords,
    registerCount,
    constants.length,
    steps.length,
    layout.groupsAt,
    layout.registersAt,
    ...positionsOf(inputList, headerWords + inputs.length + body.length),
    ...body,
    ...inputList.flat(),
  ];
}

/** Positions of lists that follow one another from `first` on. */
function positionsOf(lists: readonly (readonly number[])[], first: number): readonly number[] {
  let next = first;
  return lists.map((list) => {
    const position = next;
    next += list.length;
    return position;
  });
}

type SlotOf = (value: TileValue) => number;

function slotNumbering(
  steps: readonly TileStep[],
  constants: readonly ConstantValue[],
  registers: ReadonlyMap<StepValue, number>,
  first: {
    readonly firstInput: number;
    readonly firstConstant: number;
    readonly firstRegister: number;
  },
): SlotOf {
  const outputs = new Map<StepValue, number>();
  for (const { value, output } of steps) if (output !== undefined) outputs.set(value, output);
  return (value) => {
    switch (value.kind) {
      case "input":
        return first.firstInput + value.index;
      case "constant":
        return first.firstConstant + constants.indexOf(value);
      case "step":
        return outputs.get(value) ?? first.firstRegister + (registers.get(value) ?? 0);
      default:
        return value satisfies never;
    }
  };
}

/** Operation, result, three operands; operations with fewer repeat the first. */
function encodeStep(value: StepValue, slotOf: SlotOf): readonly number[] {
  const [x, y = x, z = x] = value.operands.map(slotOf);
  return [value.op === "load" ? loopCount : loopNumber(value.op), slotOf(value), x, y, z];
}

function constantsOf(steps: readonly TileStep[]): readonly ConstantValue[] {
  const constants = new Set<ConstantValue>();
  for (const { value } of steps) {
    for (const operand of value.operands) if (operand.kind === "constant") constants.add(operand);
  }
  return [...constants];
}

interface ScratchNeeds {
  readonly slots: number;
  /** Repeated values, and copies of the last words of buffers. */
  readonly groups: number;
  readonly registers: number;
  /** Buffers that a tile passes over. */
  readonly streams: number;
}

interface ScratchLayout {
  readonly tileWords: number;
  /** Byte offsets within a part's scratch area. */
  readonly groupsAt: number;
  readonly registersAt: number;
}

/** The longest tile with which everything fits. */
function scratchLayout({ slots, groups, registers, streams }: ScratchNeeds): ScratchLayout {
  const groupsAt = Math.ceil((slots * slotBytes) / groupBytes) * groupBytes;
  const registersAt = groupsAt + groups * groupBytes;
  const fits = (words: number): boolean =>
    registersAt + registers * words * 4 <= tileScratch.scratchBytes;
  const staysInCache = (words: number): boolean =>
    registers === 0 || (registers + streams) * words * 4 <= cacheBytes;
  const shortest = tileSizes[tileSizes.length - 1];
  const tileWords = tileSizes.find(
    (words) => fits(words) && (staysInCache(words) || words === shortest),
  );
  if (tileWords === undefined) {
    throw new BackendError("an elementwise cluster is too large for the tile VM", {
      where: "elementwise",
      expected: `at most ${tileScratch.scratchBytes} bytes of scratch memory`,
      got: `${registersAt + registers * groupBytes} bytes for ${slots} values`,
      fix: "Split the cluster.",
    });
  }
  return { tileWords, groupsAt, registersAt };
}

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
import type { TileCluster } from "../../plan/target.ts";
import { inputWords, tileInput, type TileInput } from "./tile-inputs.ts";
import { loopCount, loopNumber } from "./tile-ops.ts";
import { allocateRegisters } from "./tile-registers.ts";
import { scheduleTile, type TileStep } from "./tile-schedule.ts";
import { tileValues, type ConstantValue, type StepValue, type TileValue } from "./tile-values.ts";

/** What the kernel provides: assembly/support/tileScratch.ts has the same numbers. */
export const tileProgramLimits = {
  /** Parts that may run at the same time. */
  parts: 16,
  /** Scratch memory of a part. */
  scratchBytes: 40960,
} as const;

const headerWords = 8;
const instructionWords = 5;
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
export function compileTileProgram(cluster: TileCluster): readonly number[] {
  const { shape, outputs } = cluster;
  const inputs = cluster.inputs.map(({ view }) => tileInput(shape, view));
  const values = tileValues(outputs, (input) => inputs[input].kind === "strided");
  const steps = scheduleTile(values, (input) => inputs[input].kind === "contiguous");
  const { count: registerCount, registers } = allocateRegisters(steps);
  const constants = constantsOf(steps);

  const firstConstant = outputs.length + inputs.length;
  const firstRegister = firstConstant + constants.length;
  const slotOfOutput = new Map<StepValue, number>();
  for (const { value, output } of steps) if (output !== undefined) slotOfOutput.set(value, output);
  const slotOf = (value: TileValue): number => {
    switch (value.kind) {
      case "input":
        return outputs.length + value.index;
      case "constant":
        return firstConstant + constants.indexOf(value);
      case "step":
        return slotOfOutput.get(value) ?? firstRegister + (registers.get(value) ?? 0);
      default:
        return value satisfies never;
    }
  };
  const instructions = steps.flatMap(({ value }) => {
    const operands = value.operands.map(slotOf);
    const [x, y = x, z = x] = operands;
    const op = value.op === "load" ? loopCount : loopNumber(value.op);
    return [op, slotOf(value), x, y, z];
  });

  const groups = constants.length + outputs.length + inputs.length;
  const layout = scratchLayout(
    firstRegister + registerCount,
    groups,
    registerCount,
    streams(inputs, outputs.length),
  );
  const inputPositions: number[] = [];
  const inputList: number[] = [];
  const firstInputWord = headerWords + inputs.length + constants.length + instructions.length;
  for (const input of inputs) {
    inputPositions.push(firstInputWord + inputList.length);
    inputList.push(...inputWords(input));
  }
  return [
    1 | (inputs.length << 1) | (loopCount << 16),
    sizeOf(shape),
    layout.tileWords,
    registerCount,
    constants.length,
    instructions.length / instructionWords,
    layout.groups,
    layout.registers,
    ...inputPositions,
    ...constants.map(({ bits }) => bits),
    ...instructions,
    ...inputList,
  ];
}

function constantsOf(steps: readonly TileStep[]): readonly ConstantValue[] {
  const constants = new Set<ConstantValue>();
  for (const { value } of steps) {
    for (const operand of value.operands) if (operand.kind === "constant") constants.add(operand);
  }
  return [...constants];
}

/** Buffers that a tile passes over. */
const streams = (inputs: readonly TileInput[], outputs: number): number =>
  outputs + inputs.filter(({ kind }) => kind === "contiguous").length;

interface ScratchLayout {
  readonly tileWords: number;
  /** Byte offsets within a part's scratch area. */
  readonly groups: number;
  readonly registers: number;
}

function scratchLayout(
  slots: number,
  groups: number,
  registers: number,
  streamCount: number,
): ScratchLayout {
  const groupsAt = Math.ceil((slots * slotBytes) / groupBytes) * groupBytes;
  const registersAt = groupsAt + groups * groupBytes;
  const tileWords = tileSizes.find(
    (words) =>
      registersAt + registers * words * 4 <= tileProgramLimits.scratchBytes &&
      ((registers + streamCount) * words * 4 <= cacheBytes || words === 16 || registers === 0),
  );
  if (tileWords === undefined) {
    throw new BackendError("an elementwise cluster is too large for the tile VM", {
      where: "elementwise",
      expected: `at most ${tileProgramLimits.scratchBytes} bytes of scratch memory`,
      got: `${registersAt + registers * groupBytes} bytes for ${slots} values`,
      fix: "Split the cluster.",
    });
  }
  return { tileWords, groups: groupsAt, registers: registersAt };
}

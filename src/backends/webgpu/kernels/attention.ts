import delta from "../../../../shaders/attentionDelta.wgsl";
import forward from "../../../../shaders/attentionForward.wgsl";
import keysText from "../../../../shaders/attentionKeys.wgsl";
import pairs from "../../../../shaders/attentionPairs.wgsl";
import queriesText from "../../../../shaders/attentionQueries.wgsl";
import tile from "../../../../shaders/attentionTile.wgsl";
import vectorsText from "../../../../shaders/attentionVectors.wgsl";
import weight from "../../../../shaders/attentionWeight.wgsl";
import threefry from "../../../../shaders/threefry.wgsl";
import { floatBits } from "../../../core/dtype.ts";
import {
  keepThreshold,
  sizesOf,
  withKeys,
  type AttentionSizes,
  type ChunkedAttentionParams,
  type JointAttentionParams,
} from "../../../ir/attention.ts";
import {
  bytesOfWords,
  inputBuffer,
  outputBuffer,
  updatedBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
  type KernelRequest,
  type KernelStep,
} from "../../../plan/index.ts";
import { f32, i32, u32, written, type KernelSource, type Operand } from "../wgsl/kernel-source.ts";
import { aligned, type Recipes } from "./recipe.ts";

/** Constants that all attention kernels but `attentionDelta` are compiled for; see `shaders/attentionPairs.wgsl`. */
const constants = [
  ...u32("D", "E", "ROUNDS", "CHUNK", "BEFORE", "AFTER"),
  ...u32("FLAGS", "JOINT", "QUERIES", "TILE"),
];
const numbers = [
  ...u32("groups", "length", "hashRound"),
  ...f32("scale", "selfLogit", "unitEpsilon"),
  ...u32("keepBelow"),
];

const vectors = f32("q", "k", "v");
const indices: readonly Operand[] = [
  ...i32("order", "inverse", "buckets", "valid"),
  ...u32("dropoutKey"),
];

/** Workgroups of the kernels that have one for each block of a chunk's tokens, of one round or of all. */
const blocksOf = (immediates: readonly number[], rounds: number): number => {
  const [, , , chunk, , , , , queries, , groups, length] = immediates;
  return groups * rounds * (length / chunk) * Math.ceil(chunk / queries);
};

const queriesOf = (values: readonly number[]): number => values[8];

const backward = (name: string, text: string, results: readonly Operand[]): KernelSource => ({
  name,
  granularity: "groups",
  workgroupSize: queriesOf,
  operands: [...vectors, ...indices, ...f32("lse", "dOut", "delta"), ...written(results)],
  constants,
  numbers,
  body: [threefry, pairs, vectorsText, weight, text].join("\n"),
  count: (immediates) => blocksOf(immediates, 1),
});

export const attentionKernels: readonly KernelSource[] = [
  {
    name: "attentionForward",
    granularity: "groups",
    workgroupSize: queriesOf,
    operands: [...vectors, ...indices, ...written(f32("out", "lse", "sums"))],
    constants,
    numbers,
    body: [threefry, pairs, vectorsText, tile, forward].join("\n"),
    count: (immediates) => blocksOf(immediates, immediates[7] === 1 ? 1 : immediates[2]),
  },
  {
    name: "attentionDelta",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...f32("out", "dOut", "dLse"), ...written(f32("delta"))],
    constants: u32("E", "JOINT"),
    numbers: u32("rows"),
    body: delta,
    count: ([, , rows]) => rows,
  },
  backward("attentionQueries", `${tile}\n${queriesText}`, f32("dq")),
  backward("attentionKeys", keysText, f32("dk", "dv")),
];

/** Flags as in `shaders/attentionPairs.wgsl`. */
const flagsOf = (params: ChunkedAttentionParams, unitKeys: number | null): number =>
  (params.causal ? 1 : 0) +
  (params.sameBucket ? 2 : 0) +
  (params.selfMask !== null ? 4 : 0) +
  (params.duplicates ? 8 : 0) +
  (params.circular ? 16 : 0) +
  (params.masked && !params.pairs ? 32 : 0) +
  (params.keepProbability !== null ? 64 : 0) +
  (unitKeys !== null ? 128 : 0) +
  (params.duplicates === "sameRound" ? 256 : 0) +
  (params.pairs ? 512 : 0);

/** Bytes of shared memory that tiles may take: less than what every device has. */
const sharedBytes = 15 * 1024;

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/** The keys of a tile: as many as fit, a power of two. */
function tileOf({ width, valueWidth }: AttentionSizes): number {
  const wordsOfToken = roundUp(width, 4) + roundUp(valueWidth, 4) + 8;
  const sizes = [32, 16, 8, 4, 2];
  return sizes.find((size) => size * wordsOfToken * 4 <= sharedBytes) ?? 1;
}

interface Call {
  readonly joint: boolean;
  readonly unitKeys: number | null;
}

const immediatesOf =
  (params: ChunkedAttentionParams, sizes: AttentionSizes, { joint, unitKeys }: Call) =>
  (round: number): readonly number[] => [
    sizes.width,
    sizes.valueWidth,
    sizes.rounds,
    params.chunkLength,
    params.before,
    params.after,
    flagsOf(params, unitKeys),
    Number(joint),
    params.chunkLength <= 32 ? 32 : 64,
    tileOf(sizes),
    sizes.groups,
    sizes.length,
    round,
    floatBits(params.scale),
    floatBits(params.selfMask ?? 0),
    floatBits(unitKeys ?? 0),
    params.keepProbability === null ? 0 : keepThreshold(params.keepProbability),
  ];

const roundsOf = <T>(count: number, each: (round: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, round) => each(round));

export const attentionRecipes: Recipes = {
  chunkedAttention: ({ params, inputs }) => {
    const immediates = immediatesOf(params, sizesOf(inputs), { joint: false, unitKeys: null });
    const buffers = [...operands(inputs), outputBuffer(0), outputBuffer(1), outputBuffer(1)];
    return { steps: [{ kernel: "attentionForward", buffers, immediates: immediates(0) }] };
  },

  jointAttention: ({ params, inputs }) => {
    const sizes = sizesOf(withKeys(inputs, params));
    const { groups, length, rounds } = sizes;
    const immediates = immediatesOf(params, sizes, { joint: true, unitKeys: params.unitKeys });
    const sums = rounds > 1 ? workspaceBuffer(0) : updatedBuffer(1);
    const buffers = [
      ...withKeys(operands(inputs), params),
      updatedBuffer(0),
      updatedBuffer(1),
      sums,
    ];
    return {
      steps: roundsOf(rounds, (round) => ({
        kernel: "attentionForward",
        buffers,
        immediates: immediates(round),
      })),
      workspaceBytes: rounds > 1 ? bytesOfWords(aligned(groups * length)) : 0,
    };
  },

  chunkedAttentionBackward: (request) => {
    const { params, inputs } = request;
    const sizes = sizesOf(inputs);
    const given = operands(inputs);
    const [out, lse, dOut, dLse] = given.slice(8);
    const call = { joint: false, unitKeys: null };
    return backwardCalls(request, sizes, params, call, { given, out, lse, dOut, dLse });
  },

  jointAttentionBackward: (request) => {
    const { params, inputs } = request;
    const given = withKeys(operands(inputs), params);
    const sizes = sizesOf(withKeys(inputs, params));
    const [out, lse, dOut] = given.slice(8);
    const call = { joint: true, unitKeys: params.unitKeys };
    return backwardCalls(request, sizes, params, call, { given, out, lse, dOut, dLse: lse });
  },
};

interface BackwardBuffers {
  readonly given: readonly BufferReference[];
  readonly out: BufferReference;
  readonly lse: BufferReference;
  readonly dOut: BufferReference;
  readonly dLse: BufferReference;
}

/** delta of every row, then round by round the queries' cotangents and the keys' and values'; each adds to the rounds before it. */
function backwardCalls(
  { outputs }: KernelRequest,
  sizes: AttentionSizes,
  params: ChunkedAttentionParams | JointAttentionParams,
  call: Call,
  { given, out, lse, dOut, dLse }: BackwardBuffers,
): KernelCalls {
  const { groups, length, rounds, valueWidth } = sizes;
  const rows = groups * length * (call.joint ? 1 : rounds);
  const immediates = immediatesOf(params, sizes, call);
  const results = outputs.map((_, i) => updatedBuffer(i));
  const [dq, dk, dv] = call.unitKeys === null ? results : [results[0], ...results];
  const delta = workspaceBuffer(0);
  const shared = [...given.slice(0, 8), lse, dOut, delta];
  const deltaStep: KernelStep = {
    kernel: "attentionDelta",
    buffers: [out, dOut, dLse, delta],
    immediates: [valueWidth, Number(call.joint), rows],
    flops: 0,
  };
  return {
    steps: [
      deltaStep,
      ...roundsOf(rounds, (round): readonly KernelStep[] => [
        {
          kernel: "attentionQueries",
          buffers: [...shared, dq],
          immediates: immediates(round),
        },
        {
          kernel: "attentionKeys",
          buffers: [...shared, dk, dv],
          immediates: immediates(round),
        },
      ]).flat(),
    ],
    workspaceBytes: bytesOfWords(aligned(Math.max(1, rows))),
  };
}

const operands = (inputs: KernelRequest["inputs"]): readonly BufferReference[] =>
  inputs.map((_, i) => inputBuffer(i));

import { avalOf, formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, sizeOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { bindNamed, reshape } from "../../ir/ops.ts";
import { definePrimitive, type BatchResult, type ReferenceArray } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { decomposeHash } from "./decompose.ts";
import { expectDType, expectRank } from "../operand-checks.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly lshHash: LshHashParams;
  }
}

export interface LshHashParams {
  /** Even sizes whose product is the number of buckets; one entry is the plain hash of the paper. */
  readonly sizes: readonly number[];
}

const where = "lshHash";
/** A contraction sums blocks of 256 products from zero and adds up the blocks. */
const contractionBlock = 256;

const hashOp = (x: Value, rotations: Value, sizes: readonly number[]): Value =>
  bindNamed(where, [x, rotations], { sizes })[0];

/**
 * Angular locality-sensitive hash (Kitaev et al. 2020, section 2): x[N, L, d] and
 * rotations[Nr, d, R, H] give buckets i32[N, R, L]. With y = x . rotations of round r and group
 * n mod Nr, factor f of size b takes the position of the largest of [y_f; -y_f] (the lowest wins ties,
 * NaN never wins); bucket = b0 + size0 * (b1 + size1 * ...). H = sum(sizes) / 2; Nr divides N.
 *
 * The products are summed in an order that depends on d alone, so a token's bucket is the same bits
 * under any batching, padding or split.
 */
export const lshHash = definePrimitive<LshHashParams>({
  name: where,
  abstractEval: ([x, rotations], { sizes }) => {
    checkOperands(x, rotations);
    checkSizes(rotations, sizes);
    return [avalOf("i32", [x.shape[0], rotations.shape[2], x.shape[1]])];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: ([x, rotations], [xAxis, rotationsAxis], { sizes }, size) => {
    if (rotationsAxis === undefined)
      return batchTokens(moveAxis(x, xAxis ?? 0, 0), rotations, sizes);
    if (xAxis === undefined) return batchRotations(x, moveAxis(rotations, rotationsAxis, 2), sizes);
    // The mapped axis goes behind the groups, which keeps group n with rotations n mod Nr.
    const [groups, , length, width] = moveAxis(x, xAxis, 1).shape;
    const [rotationGroups, , ...rest] = moveAxis(rotations, rotationsAxis, 1).shape;
    const buckets = hashOp(
      reshape(moveAxis(x, xAxis, 1), [groups * size, length, width]),
      reshape(moveAxis(rotations, rotationsAxis, 1), [rotationGroups * size, ...rest]),
      sizes,
    );
    return { values: [reshape(buckets, [groups, size, ...buckets.shape.slice(1)])], axes: [1] };
  },
  lower: {
    kind: "kernel",
    // The products alone.
    flops: (_params, [x, rotations]) =>
      2 * x.shape[0] * x.shape[1] * sizeOf(rotations.shape.slice(1)),
  },
  decompose: ([x, rotations], { sizes }) => [decomposeHash(x, rotations, sizes)],
  reference: ([x, rotations], [out], { sizes }) => {
    const [groups, length] = x.aval.shape;
    const [rotationGroups, , rounds] = rotations.aval.shape;
    for (let n = 0; n < groups; n++) {
      for (let r = 0; r < rounds; r++) {
        for (let t = 0; t < length; t++) {
          const project = (h: number): number =>
            projection(x, rotations, n * length + t, n % rotationGroups, r, h);
          out.words[(n * rounds + r) * length + t] = bucketOf(project, sizes);
        }
      }
    }
  },
});

function checkOperands(x: Aval, rotations: Aval): void {
  expectDType(where, "x", x, ["f32"]);
  expectDType(where, "rotations", rotations, ["f32"]);
  expectRank(where, "x", x, 3);
  expectRank(where, "rotations", rotations, 4);
  const [groups, , width] = x.shape;
  const [rotationGroups, rotationWidth] = rotations.shape;
  if (width !== rotationWidth || (groups > 0 && groups % rotationGroups !== 0)) {
    throw new ShapeError("tokens and rotations do not fit together", {
      where,
      expected: "x[N,L,d] and rotations[Nr,d,R,H] with Nr dividing N",
      got: `${formatAval(x)} and ${formatAval(rotations)}`,
    });
  }
}

function checkSizes(rotations: Aval, sizes: readonly number[]): void {
  const valid =
    sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size > 0 && size % 2 === 0);
  const columns = sizes.reduce((sum, size) => sum + size / 2, 0);
  const buckets = sizes.reduce((product, size) => product * size, 1);
  if (valid && columns === rotations.shape[3] && buckets < 2 ** 31) return;
  throw new ShapeError("bucket factors do not fit the rotations", {
    where,
    expected: `positive even sizes with sum ${2 * rotations.shape[3]} and a product below 2^31`,
    got: formatShape(sizes),
    fix: "Draw the rotations for the same factors.",
  });
}

/** x[B, N, L, d]: more groups. */
function batchTokens(x: Value, rotations: Value, sizes: readonly number[]): BatchResult {
  const [size, groups, length, width] = x.shape;
  const buckets = hashOp(reshape(x, [size * groups, length, width]), rotations, sizes);
  return { values: [reshape(buckets, [size, groups, ...buckets.shape.slice(1)])], axes: [0] };
}

/** rotations[Nr, d, B, R, H]: more rounds. */
function batchRotations(x: Value, rotations: Value, sizes: readonly number[]): BatchResult {
  const [rotationGroups, width, size, rounds, columns] = rotations.shape;
  const flat = reshape(rotations, [rotationGroups, width, size * rounds, columns]);
  const buckets = hashOp(x, flat, sizes);
  const [groups, length] = x.shape;
  return { values: [reshape(buckets, [groups, size, rounds, length])], axes: [1] };
}

/** One element of x . rotations: row `row` of x, column h of round r. */
function projection(
  x: ReferenceArray,
  rotations: ReferenceArray,
  row: number,
  group: number,
  r: number,
  h: number,
): number {
  const [, width, rounds, columns] = rotations.aval.shape;
  let sum = 0;
  for (let start = 0; start < width; start += contractionBlock) {
    let block = 0;
    for (let k = start; k < Math.min(width, start + contractionBlock); k++) {
      const rotation = rotations.words[((group * width + k) * rounds + r) * columns + h];
      block = Math.fround(block + Math.fround(x.words[row * width + k] * rotation));
    }
    sum = Math.fround(sum + block);
  }
  return sum;
}

function bucketOf(project: (h: number) => number, sizes: readonly number[]): number {
  let bucket = 0;
  let place = 1;
  let firstColumn = 0;
  for (const size of sizes) {
    const half = Array.from({ length: size / 2 }, (_, j) => project(firstColumn + j));
    const candidates = [...half, ...half.map((y) => -y)];
    let best = -1;
    candidates.forEach((y, j) => {
      if (best < 0 ? !Number.isNaN(y) : y > candidates[best]) best = j;
    });
    bucket += place * Math.max(best, 0);
    place *= size;
    firstColumn += size / 2;
  }
  return bucket;
}

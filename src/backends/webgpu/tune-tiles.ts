import type { Dispatch } from "./dispatch-list.ts";
import { immediatesOf } from "./kernels/matmul.ts";
import { plainProduct, type ProductForm } from "./kernels/product-kernels.ts";
import { tileNames, tiles, type TileChoice, type TileName } from "./kernels/tiles.ts";
import type { Pipelines } from "./pipelines.ts";
import { PreparedList } from "./prepared-list.ts";
import { RunTimes } from "./run-times.ts";

/** What is measured: products of so many terms; `large` rows or columns where there are more than 64. */
export interface Probe {
  readonly large: number;
  readonly terms: number;
  /** Runs, of which the fastest counts. */
  readonly runs: number;
}

const usual: Probe = { large: 4096, terms: 1024, runs: 4 };

/** A tile has to be so much faster than the table's to be taken. */
const margin = 0.97;

/**
 * The fastest tile for products of each size, by the device's clock; those that are not in it stay with the table's. All tiles give the same
 * bits. Undefined where the device tells no times, or is the processor itself, for which tiles mean nothing.
 */
export async function measureTiles(
  device: GPUDevice,
  pipelines: Pipelines,
  form: ProductForm,
  probe: Probe = usual,
): Promise<TileChoice | undefined> {
  if (!device.features.has("timestamp-query")) return undefined;
  const choice: { [Size in TileName]?: TileName } = {};
  for (const size of tileNames) {
    const times = await timesOf(device, pipelines, form, size, probe);
    const fastest = tileNames.reduce(
      (best, name) => (times[name] < times[best] ? name : best),
      size,
    );
    if (times[fastest] < margin * times[size]) choice[size] = fastest;
  }
  return choice;
}

/** Milliseconds of one product with each tile. */
async function timesOf(
  device: GPUDevice,
  pipelines: Pipelines,
  form: ProductForm,
  size: TileName,
  { large, terms, runs }: Probe,
): Promise<Readonly<Record<TileName, number>>> {
  const [m, n] = [tiles[size].rows, tiles[size].columns].map((side) => (side > 64 ? large : 64));
  const words = [m * terms, terms * n, m * n];
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const bytes = 4 * words.reduce((sum, count) => sum + count, 0);
  const arena = device.createBuffer({ size: bytes, usage: STORAGE | COPY_DST });
  const windowBytes = Math.floor(device.limits.maxStorageBufferBindingSize / 256) * 256;
  const work = tileNames.map((name) => dispatchOf(form, name, { m, n, terms }));
  const list = new PreparedList({ device, pipelines, arena, windowBytes }, work, "tiles");
  try {
    const seen: (readonly number[])[] = [];
    for (let run = 0; run < runs; run++) {
      const times = new RunTimes(device);
      list.submit({ times });
      const wanted = { onRun: () => undefined, events: work.length };
      const { events } = await times.profile("tiles", pipelines.count, wanted);
      seen.push(events.map(({ begin, end }) => end - begin));
    }
    const fastest = tileNames.map((name, i) => [name, Math.min(...seen.map((each) => each[i]))]);
    return Object.fromEntries(fastest) as Record<TileName, number>;
  } finally {
    list.destroy();
    arena.destroy();
  }
}

/** A product of matrices that lie one behind the other, row by row. */
function dispatchOf(
  form: ProductForm,
  name: TileName,
  { m, n, terms: k }: { readonly m: number; readonly n: number; readonly terms: number },
): Dispatch {
  const product = {
    batch: 1,
    m,
    n,
    k,
    lhs: { batch: m * k, free: k, contract: 1 },
    rhs: { batch: k * n, free: 1, contract: n },
  };
  const plain = { kernel: plainProduct(form), immediates: immediatesOf(product, tiles[name]) };
  const begins = [0, m * k, m * k + k * n];
  const ends = [...begins.slice(1), m * k + k * n + m * n];
  const call = { immediates: plain.immediates, words: begins };
  const { kernel, immediates } = plain.kernel.wide?.(call) ?? plain;
  const { length } = kernel.constants;
  const operands = begins.map((begin, i) => ({ begin: 4 * begin, end: 4 * ends[i] }));
  return {
    kind: "dispatch",
    kernel,
    constants: immediates.slice(0, length),
    jobs: [{ numbers: immediates.slice(length), operands, count: kernel.count(immediates) }],
    reach: operands,
    info: { operation: kernel.name, within: "", name, flops: 2 * m * n * k, bytes: 0, results: "" },
  };
}

/* Kernels and an operation from outside of src/, on several threads, and what is said of those that do not fit. */
import { describe, expect, it } from "vitest";
import {
  createWasmBackend,
  type KernelLibrary,
  type RunProfile,
  type WasmOptions,
} from "../../../src/backends/wasm/index.ts";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import { grad, init, jit, vmap } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { bitsOf } from "../../support/bits.ts";
import {
  compileSource,
  distance,
  libraryOf,
  ordinary,
  shared,
  source,
} from "../../support/own-kernel.ts";
import { randomFloats } from "../../support/random-words.ts";

const modules = {
  "ordinary memory": await compileSource(source, ...ordinary),
  "shared memory": await compileSource(source, ...shared),
};
const [module] = Object.values(modules);

const [rows, width] = [701, 33];
const x = tensorFrom("f32", [rows, width], randomFloats(rows * width, 1));
const y = tensorFrom("f32", [width], randomFloats(width, 2));

/** Every step is split between all threads. */
const split: WasmOptions = { smallest: { step: 0, run: 0 } };

const bits = (value: unknown): readonly number[] => [...bitsOf((value as Tensor).words())];

/** The operation at once, compiled among others, mapped, and its derivative by decomposition. */
const everything = (): readonly (readonly number[])[] => {
  const compiled = jit((a, b) => np.add(distance(np.mul(a, 2), b), 1));
  const mapped = vmap((a) => distance(a, y));
  const derivative = grad((b) => np.sum(distance(x, b)));
  return [distance(x, y), compiled(x, y), mapped(np.stack([x, x])), derivative(y)].map(bits);
};

describe("kernels from outside", () => {
  it.each(Object.keys(modules))(
    "built for %s give the reference's bits on any threads",
    async (kind) => {
      const kernels = [libraryOf(modules[kind as keyof typeof modules])];
      await init("reference");
      const [atOnce, compiled, mapped] = everything();
      const results = [];
      for (const threads of [1, 2, 3]) {
        const backend = await createWasmBackend({ ...split, threads, kernels });
        expect(backend.threads).toEqual({ count: threads });
        setBackend(backend);
        results.push(everything());
      }
      expect(results[0].slice(0, 3)).toEqual([atOnce, compiled, mapped]);
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  it("appear in listings and profiles, shared between threads", async () => {
    const runs: RunProfile[] = [];
    const profile = { onRun: (run: RunProfile) => runs.push(run) };
    const kernels = [libraryOf(module)];
    setBackend(await createWasmBackend({ ...split, threads: 2, kernels, profile }));
    const f = jit(distance, { name: "apart" });
    f(x, y);
    expect(f.lower(x, y).report.plan).toMatch(/sumOfSquares +69399 flops .* rowDistance/);
    const [{ shares, steps }] = runs;
    expect(steps.map(({ step, calls }) => [step.operation, calls])).toEqual([["sumOfSquares", 1]]);
    expect(shares.reduce((a, b) => a + b)).toBeGreaterThan(1);
  });

  it("do without: an operation is computed from simpler ones", async () => {
    setBackend(await createWasmBackend({ threads: 1 }));
    const { plan } = jit(distance).lower(x, y).report;
    expect(plan).not.toContain("sumOfSquares");
    expect(plan).toContain("reduce");
  });

  it("stand beside other libraries, whose kernels they may call", async () => {
    const second = await compileSource(
      source.replaceAll("sumOfSquares", "twice").replace("weight * sum", "2 * weight * sum"),
      ...ordinary,
    );
    const { recipes } = libraryOf(module);
    const kernels: KernelLibrary[] = [
      libraryOf(second, { name: "doubled", kernels: ["twice"], recipes: {} }),
      {
        ...libraryOf(module),
        recipes: {
          rowDistance: (request, shares) => {
            const calls = recipes.rowDistance(request, shares);
            return { ...calls, steps: calls.steps.map((step) => ({ ...step, kernel: "twice" })) };
          },
        },
      },
    ];
    await init("reference");
    const expected = bits(np.mul(distance(x, y), 2));
    setBackend(await createWasmBackend({ ...split, threads: 2, kernels }));
    expect(bits(distance(x, y))).toEqual(expected);
  });
});

describe("kernels that do not fit", () => {
  const starting = (...kernels: readonly KernelLibrary[]): Promise<unknown> =>
    createWasmBackend({ threads: 2, kernels });

  it("are no module", async () => {
    const text = new TextEncoder().encode("(module)");
    await expect(starting(libraryOf(text))).rejects.toThrow(
      /^kernels of distances: the module does not compile: got .*magic.*\. Give the bytes of a WebAssembly module/,
    );
  });

  it("have a memory of their own, or want more than the backend's", async () => {
    await expect(
      starting(libraryOf(await compileSource(source, "--use", "abort="))),
    ).rejects.toThrow(
      /the module must import the memory, and nothing else: expected the memory env\.memory, got no imports/,
    );
    const aborting = source.replace(
      "let sum: f32 = 0;",
      "let sum: f32 = 0; if (width < 0) abort();",
    );
    const demanding = await compileSource(aborting, "--importMemory");
    await expect(starting(libraryOf(demanding))).rejects.toThrow(
      /got the (memory|function) env\.(memory|abort), the (memory|function) env\.(memory|abort)\. .*--use abort=/,
    );
  });

  it("bring data, which would lie over the backend's", async () => {
    const text = source.replace("weight * sum", "weight * sum * load<f32>(memory.data<f32>([2]))");
    await expect(starting(libraryOf(await compileSource(text, ...ordinary)))).rejects.toThrow(
      /write into memory that is not its own: expected functions alone, got data of its own\./,
    );
  });

  it("lack the function, or have one of another form", async () => {
    await expect(starting(libraryOf(module, { kernels: ["missing"] }))).rejects.toThrow(
      "kernels of distances: the module exports no function missing: expected " +
        "missing(args: i32, part: i32, parts: i32): void, got sumOfSquares, notAKernel",
    );
    await expect(starting(libraryOf(module, { kernels: ["notAKernel"] }))).rejects.toThrow(
      /the function notAKernel is no kernel: expected notAKernel\(args: i32/,
    );
  });

  it("take a name that is taken", async () => {
    const fill = await compileSource(source.replaceAll("sumOfSquares", "fill"), ...ordinary);
    await expect(starting(libraryOf(fill, { kernels: ["fill"] }))).rejects.toThrow(
      "kernels of distances: there is a kernel fill already: got one of reformax and one of distances",
    );
    const other = libraryOf(module, { name: "other", recipes: {} });
    await expect(starting(libraryOf(module), other)).rejects.toThrow(
      "kernels of other: there is a kernel sumOfSquares already: got one of distances and one of other",
    );
    const { rowDistance } = libraryOf(module).recipes;
    await expect(starting(libraryOf(module, { recipes: { sort: rowDistance } }))).rejects.toThrow(
      "kernels of distances: there is a recipe for sort already",
    );
  });

  it("are not there when a recipe calls them", async () => {
    setBackend(
      await createWasmBackend({ threads: 1, kernels: [libraryOf(module, { kernels: [] })] }),
    );
    expect(() => distance(x, y)).toThrow(
      /rowDistance: the backend has no kernel sumOfSquares\. A recipe may call/,
    );
  });

  it("trap, and the step is named", async () => {
    const text = source.replace(
      "let sum: f32 = 0;",
      "let sum: f32 = 0; if (row == 5) unreachable();",
    );
    const kernels = [libraryOf(await compileSource(text, ...ordinary))];
    for (const threads of [1, 2]) {
      setBackend(await createWasmBackend({ ...split, threads, kernels }));
      expect(() => distance(x, y)).toThrow(/a kernel failed: .*got sumOfSquares in rowDistance/);
    }
  });
});

import { Worker } from "node:worker_threads";
import { call, callNamed, returningInternal, triedElsewhere, type Table } from "./check.ts";
import { allowing, besides, callback, count, optional, options, record } from "./kinds.ts";

const flags = { cse: true, fusion: true, inPlace: true, poison: false, smallestDonation: 4096 };
const profile = { onRun: () => undefined, events: 0 };
const ofProfile = {
  "a profile without onRun": { profile: {} },
  "a profile of more": { profile: { ...profile, onrun: 1 } },
  "half an event": { profile: { ...profile, events: 0.5 } },
};
const source = { start: () => ({ stop: () => undefined }) };

export const referenceTable: Table = { createReferenceBackend: returningInternal(call()) };

export const wasmTable: Table = {
  createWasmBackend: returningInternal(
    callNamed(
      "threads",
      besides(
        options({ ...flags, threads: 1, allowReference: false, kernels: [], arenaBase: 65536 }),
        {
          ...ofProfile,
          "no threads": { threads: 0 },
          "too many threads": { threads: 1000 },
          "half a thread": { threads: 1.5 },
          "a source of another kind": { threads: 1, threadSource: "blob" },
        },
      ),
    ),
  ),
  inputBuffer: call(count("index", 0)),
  nodeThreads: returningInternal(
    call(besides(record("workerThreads", { Worker }), { "no class": { Worker: 1 } })),
  ),
  outputBuffer: call(count("index", 0)),
  probeThreads: callNamed("threads", besides(options({ threads: 1 }), { none: { threads: 0 } })),
  threadSupport: call(optional(besides(record("own", source), { "no function": { start: 1 } }))),
  updatedBuffer: call(count("index", 0)),
  webThreads: returningInternal(
    call(options({ url: "/worker.js", create: callback("create", () => undefined).good })),
  ),
  workspaceBuffer: call(count("offset", 0)),
};

/** Good calls need an adapter: test/backends/webgpu has them. */
export const webgpuTable: Table = {
  createWebGpuBackend: triedElsewhere(
    callNamed(
      "webgpu",
      besides(
        options({
          ...flags,
          powerPreference: "low-power",
          windowBytes: 65536,
          fuseProductsFrom: 0,
          quadsFrom: 0,
          allowReference: true,
        }),
        {
          ...ofProfile,
          "products of another kind": { products: "bf16" },
          "tiles for no size": { tiles: { "32x32": "64x64" } },
          "no tile": { tiles: { "64x64": "32x32" } },
          "unknown arithmetic": { arithmetic: "strict" },
          "another power": { powerPreference: "most" },
          "no device": { device: {} },
          "no bytes": { windowBytes: 0 },
        },
      ),
    ),
  ),
  describeAdapter: triedElsewhere(
    call(
      besides(allowing(options({ powerPreference: "low-power" })), {
        "another power": { powerPreference: "most" },
      }),
    ),
  ),
};

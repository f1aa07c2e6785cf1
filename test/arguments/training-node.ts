import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { init } from "reformax";
import * as np from "reformax/numpy";
import {
  checkpointOf,
  checkpointToBytes,
  parametersOnly,
  reformerModel,
  runKeys,
  trainConfig,
} from "reformax/training";
import { recordHashes, saveCheckpoint, writeAtomically } from "reformax/training/node";
import { call, returning, triedElsewhere, type Table } from "./check.ts";
import {
  allowing,
  besides,
  bytes,
  callback,
  count,
  optional,
  options,
  parts,
  path,
  record,
  type Argument,
} from "./kinds.ts";

const folder = mkdtempSync(join(tmpdir(), "arguments-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

const config = trainConfig({
  model: {
    width: 8,
    heads: 2,
    headWidth: 4,
    feedForwardWidth: 8,
    layers: ["full"],
    positions: { kind: "learned", length: 8 },
  },
  training: { batch: 1, length: 8 },
});
const checkpoint = checkpointOf({
  config,
  step: 1,
  state: reformerModel(config).init(runKeys(0).initial),
});
saveCheckpoint(place("run"), checkpoint);
writeAtomically(place("file.safetensors"), checkpointToBytes(parametersOnly(checkpoint)));
writeAtomically(place("text"), Uint8Array.of(1, 2, 3));

const owner = { seed: 0 };
const buckets = [np.zeros([1, 1, 1, 2], "i32")];
const recorder = recordHashes(place("hashes"), owner, 0);
recorder.record(0, buckets);
recorder.close();

let made = 0;
/** Another place for every call. */
const newPlace = (): Argument => path("to", place(`new-${made++}`));
const task = optional(
  besides(record("task", { name: "next-token" }), { "a number for a name": { name: 1 } }),
);
const storing = besides(options({ dtype: "f32", parametersOnly: false, significantBits: 24 }), {
  "unknown dtype": { dtype: "f64" },
});
const step: Argument = besides(count("step", 0), { list: [0] });

/** Where a run goes on whose file may be there. */
const laterStep: Argument = besides(count("step", 1), { list: [1] });

/** What training has for Node. */
export const nodeTable: Table = {
  convertAnyCheckpoint: call(path("from", place("run")), newPlace(), storing),
  convertCheckpoint: call(path("from", place("run")), newPlace(), storing),
  loadAnyCheckpoint: call(path("path", place("run"))),
  loadCheckpoint: call(path("path", place("run")), task),
  noFaults: call(),
  peakMemoryBytes: call(),
  playHashes: returning(
    call(
      path("path", place("hashes")),
      besides(record("of", owner), { "of another run": { seed: 1 } }),
    ),
    {
      replay: call(step),
      close: call(),
    },
  ),
  readData: call(
    path("path", place("text")),
    besides(options({ most: 100 }), { "less than there is": { most: 2 } }),
  ),
  recordHashes: returning(
    call(path("path", place("hashes-again")), record("of", owner), laterStep),
    {
      record: call(
        step,
        besides(record("buckets", buckets), { empty: undefined, list: undefined }),
      ),
      rewind: call(step),
      close: call(),
    },
  ),
  saveCheckpoint: call(
    path("folder", place("saved")),
    besides(allowing(parts("checkpoint", { ...checkpoint }, "writer"), "unknown option"), {
      "half a step": { ...checkpoint, step: 0.5 },
    }),
    besides(options({ keep: 2, fault: () => undefined }), { "keep 0": { keep: 0 } }),
  ),
  sha256: call(bytes("bytes", Uint8Array.of(1))),
  stepsIn: call(path("folder", place("run"))),
  writeAtomically: call(
    path("path", place("written")),
    bytes("bytes", Uint8Array.of(1)),
    optional(callback("fault", () => undefined)),
  ),
};

const channel = new MessageChannel();
process.on("exit", () => channel.port1.close());
channel.port1.unref();
channel.port2.unref();

/** Training in a worker. What the connection's runs are asked is tried in test/training/worker. */
export const workerTable: Table = {
  connectTraining: returning(
    call(besides(record("worker", channel.port1), { "no end": { postMessage: 1 } })),
    {
      start: triedElsewhere(
        call(
          besides(parts("request", { text: "to be", steps: 1 }, "steps"), {
            "a text of numbers": { text: [1] },
            "half a step": { text: "to be", steps: 0.5 },
            "unknown backend": { text: "to be", backend: "cuda" },
          }),
        ),
      ),
    },
  ),
  serveTraining: call(
    besides(options({ startBackend: () => init("reference"), port: channel.port2 }), {
      "without a backend": { port: channel.port2 },
      "a port that is none": { startBackend: () => init("reference"), port: { start: 1 } },
    }),
  ),
};

import { readFileSync } from "node:fs";
import { init } from "reformax";
import { connectTraining, serveTraining } from "reformax/training/worker";
import { configuration } from "../src/configuration.mjs";

/** Steps after which the page compares its parameters with Node's. */
const steps = 20;

const text = readFileSync(new URL("../src/sample.txt", import.meta.url), "utf8");

/** What Node's parameters are after so many steps of the page's configuration on the page's text. */
export async function nodeHash() {
  const { port1, port2 } = new MessageChannel();
  serveTraining({ startBackend: ({ threads }) => init("wasm", { threads }), port: port2 });
  const run = await connectTraining(port1).start({
    config: configuration,
    text,
    threads: 1,
    steps,
    hashAt: [steps],
  });
  let hash;
  for await (const step of run) hash = step.parameterHash;
  port1.close();
  return { steps, hash, version: process.version };
}

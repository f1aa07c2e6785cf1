/* What a page hands to the package: objects of lib "dom", where the declarations ask only for what they use of them. */
import { parameterHash, reformerModel, train, trainConfig } from "reformax/training";
import { connectTraining, serveTraining } from "reformax/training/worker";
import { init } from "reformax";
import { webThreads, type WasmOptions } from "reformax/backends/wasm";

export const options: WasmOptions = { threads: 2, threadSource: webThreads() };

const worker = new Worker(new URL("./worker.js", location.href), { type: "module" });
export const run = connectTraining(worker).start({ config: { preset: "bytes-small" }, text: "x" });

serveTraining({
  startBackend: ({ backend, threads }) =>
    backend === "auto" ? init("auto", { wasm: { threads } }) : init(backend),
});

const config = trainConfig();
const stop = new AbortController();
document.addEventListener("click", () => stop.abort());
const data = { train: new TextEncoder().encode(document.body.textContent ?? "") };
const { signal } = stop;
for await (const { state } of train({ model: reformerModel(config), config, data, signal })) {
  document.title = parameterHash(state);
}

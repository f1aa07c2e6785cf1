/**
 * A worker file for pages whose security policy forbids workers from `blob:`; `webThreads({ url })` starts it. The built
 * file imports nothing, so it can be copied to where a page wants it.
 */
import { serveThread, type ThreadStart } from "./threads/serve.ts";

/** What the global object of a Web Worker has. */
interface WorkerScope {
  readonly WorkerGlobalScope?: unknown;
  addEventListener?(
    type: "message",
    listener: (event: { readonly data: ThreadStart }) => void,
  ): void;
}

const scope: WorkerScope = globalThis;
// Elsewhere, where it can only be loaded by mistake, a listener would keep the program from ending.
if (scope.WorkerGlobalScope !== undefined) {
  scope.addEventListener?.("message", ({ data }) => serveThread(data));
}

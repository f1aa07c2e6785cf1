/**
 * A worker file for pages whose security policy forbids workers from `blob:`; `webThreads({ url })` starts it. The built
 * file imports nothing, so it can be copied to where a page wants it.
 */
import { serveThread, type ThreadStart } from "./threads/serve.ts";

/** What the global object of a worker has, and Node's has not. */
interface WorkerScope {
  addEventListener?(
    type: "message",
    listener: (event: { readonly data: ThreadStart }) => void,
  ): void;
}

const scope: WorkerScope = globalThis;
// A window that loads this file by mistake must go on.
if (typeof document === "undefined") {
  scope.addEventListener?.("message", ({ data }) => serveThread(data));
}

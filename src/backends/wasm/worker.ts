/**
 * A worker file for pages whose security policy forbids workers from `blob:`. It imports nothing, so it can be
 * copied anywhere: `webThreads({ url })` starts it.
 */
import { serveThread, type ThreadStart } from "./threads/serve.ts";

addEventListener("message", ({ data }: MessageEvent<ThreadStart>) => serveThread(data));

/** One more thread of the computation. */
import { serveThread, type ThreadStart } from "reformax/backends/wasm";

addEventListener("message", ({ data }) => serveThread(data as ThreadStart), { once: true });

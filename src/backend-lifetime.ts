import { currentBackend, selectedBackend, setBackend } from "./ir/backend.ts";

/**
 * Resolves when everything that was started on the backend is done: for taking times, and before the end of a
 * program. Backends that compute on the host are always done. As `jax.block_until_ready`.
 *
 * Rejects with a BackendError when the backend is lost, and with the first failure since the last
 * call, of which those who read results hear too.
 *
 * @example
 * import { init, synchronize } from "reformax";
 * await init();
 * await synchronize();
 */
export const synchronize = async (): Promise<void> => currentBackend().synchronize();

/**
 * Ends the backend that `init` has chosen, once what was started is done: its threads end, and its
 * memory is free. Arrays on the host remain; for anything else call `init` again. Does nothing where
 * there is no backend.
 *
 * @example
 * import { dispose, init } from "reformax";
 * await init();
 * await dispose();
 * await init("reference"); // another one
 */
export async function dispose(): Promise<void> {
  const backend = selectedBackend();
  setBackend(undefined);
  await backend?.dispose();
}

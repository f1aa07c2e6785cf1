import { init, type BackendName } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { PretendedDevice } from "./device.ts";

/** A pretended device around a backend of that name, for all calls from now on. */
export async function startDevice(
  inner: BackendName = "reference",
  name?: string,
): Promise<PretendedDevice> {
  const device = new PretendedDevice(await init(inner), name);
  setBackend(device);
  return device;
}

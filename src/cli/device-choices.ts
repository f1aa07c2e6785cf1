import { isJsonObject, type JsonObject } from "../edge/json.ts";
import type { Checkpoint } from "../training/node/index.ts";
import type { BackendFlags, ProductsFlag } from "./services.ts";
import { mayBeDevice } from "./start-backend.ts";

/** What a run's device was told and found out, as its checkpoints keep it: a resumed run goes on with it. */
export interface DeviceChoices {
  readonly tuning?: JsonObject;
  readonly products?: ProductsFlag;
}

/** Those of a checkpoint, and what is asked for now. */
export function choicesOf(
  checkpoint: Checkpoint<object> | undefined,
  flags: Pick<BackendFlags, "products">,
): DeviceChoices {
  const { tuning, products: before } = checkpoint?.progress ?? {};
  const products = flags.products ?? (before === "f16" || before === "f32" ? before : undefined);
  return { ...(isJsonObject(tuning) && { tuning }), ...(products && { products }) };
}

/** The flags with what a run has kept; a processor goes on with a run of a graphics processor in its own way. */
export const withChoices = <Flags extends BackendFlags>(
  flags: Flags,
  { products }: DeviceChoices,
): Flags => (mayBeDevice(flags.backend) ? { ...flags, products } : flags);

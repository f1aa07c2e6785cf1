import { init, type BackendName } from "reformax";
import { reformerModel, train, trainConfig } from "reformax/training";
import { choices, steps, type Told } from "./small-run.ts";

/** Trains on the page's own thread. */
export async function windowRun(text: string, name: BackendName): Promise<Told> {
  const { name: backend, fallback } = await init(name);
  const config = trainConfig(choices);
  const data = { train: new TextEncoder().encode(text) };
  const losses: number[] = [];
  for await (const { metrics } of train({ model: reformerModel(config), config, data, steps })) {
    losses.push(metrics.bitsPerByte ?? NaN);
  }
  return { backend, fallback, losses };
}

import type { RemoteRun } from "reformax/training/worker";
import type { Store } from "../state/store.ts";
import { beginningOf, passageOf } from "./passage.ts";

/** Milliseconds between two looks at what the model has learned. */
const interval = 4000;
/** Bytes that it writes each time, and looks back at while it does. */
const count = 120;
const context = 96;
/** Passages that are kept. */
const kept = 3;

/**
 * Lets the model write, and inspects a passage of the text, after the first step and then every few seconds. The run
 * waits meanwhile, the page does not.
 */
export function observe(run: RemoteRun, store: Store): (step: number) => void {
  const { text } = store.get();
  const { length } = run.facts.config.training;
  const bytes = passageOf(text, length);
  const prompt = beginningOf(text);
  let last = -Infinity;
  let looking = false;

  const look = async (step: number): Promise<void> => {
    const report = await run.inspect(bytes);
    store.update(() => ({ inspected: { step, bytes, report } }));
    const written = await run.generate({ prompt, count, context, temperature: 0.7, seed: step });
    // As a stream: a character that the last byte only begins is left out.
    const passage = { step, text: prompt + new TextDecoder().decode(written, { stream: true }) };
    store.update((state) => ({ written: [...state.written, passage].slice(-kept) }));
  };

  return (step) => {
    if (looking || performance.now() - last < interval) return;
    looking = true;
    last = performance.now();
    look(step)
      .catch((error: unknown) => store.update(() => ({ error: String(error) })))
      .finally(() => {
        looking = false;
      });
  };
}

/** What the golden training run reads, and how its threads are made to share all that they can. */
import { readFileSync } from "node:fs";

const sample = new URL("../../samples/crime-and-punishment.txt", import.meta.url);

export const goldenText = readFileSync(sample, "utf8").slice(20_000, 24_000);

/** Every step is split, and every run is worth all threads. */
export const splitAll = { smallest: { step: 0, run: 0 } };

/** The schedule of trainings that end within minutes: a rise over `warmup` steps, then half a cosine down to a twentieth of the rate. */
export const cosineTo = (steps: number, rate: number, warmup: number) =>
  ({ kind: "cosine", rate, warmup, horizon: steps, floor: 0.05 }) as const;

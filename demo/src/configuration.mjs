/**
 * The model that the page trains: small, so that it learns within a minute, and with two LSH layers of two heads and two
 * rounds to look at. Plain JavaScript, because Node reads it too, when the page is built.
 *
 * @type {import("reformax/training").TrainConfigChoices}
 */
export const configuration = {
  preset: "bytes-small",
  model: {
    width: 64,
    headWidth: 32,
    feedForwardWidth: 128,
    layers: ["local", "lsh", "local", "lsh"],
    local: { chunk: 8 },
    lsh: { chunk: 32, rounds: 2, evaluationRounds: null },
    positions: { shape: [8, 32], widths: [32, 32] },
  },
  training: {
    batch: 4,
    length: 256,
    schedule: { rate: 0.005, warmup: 20, horizon: 2000, floor: 0.1 },
    validateEvery: 50,
    validateBytes: 1024,
  },
};

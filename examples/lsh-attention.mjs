// @ts-check
/*
 * LSH attention by hand (section 2 of the paper): rotate, hash, sort into buckets, attend within
 * chunks, combine the rounds; beside full attention with the same shared queries and keys. More of
 * the pairs that matter meet in every round: expect recall, the share of full attention's weight
 * on the pairs that met, to rise from less than a half in one round to over 90 % in eight, while a
 * quarter of all scores is computed and none of them stored; and the outputs to approach full
 * attention's.
 */
import { init, jit } from "reformax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import { globalNorm } from "reformax/optim";
import * as random from "reformax/random";
import { attention, lsh, unitKeys } from "reformax/reformer";

/** @typedef {import("reformax").Value} Value */
/** @typedef {{ out: Value, logWeight: Value }} Attended The weights' sum beside what they give. */

await init();

const [length, width, chunkLength, kinds] = [4096, 32, 64, 200];
const sizes = [(2 * length) / chunkLength];

// Tokens of 200 kinds, so that each has some others to attend to, as in trained models.
const [centreKey, kindKey, noiseKey, valueKey, hashKey] = random.split(random.key(0), 5);
const centres = np.multiply(random.normal(centreKey, [kinds, width]), 2);
const noise = np.multiply(random.normal(noiseKey, [1, length, width]), 0.5);
const q = np.add(np.take(centres, random.randint(kindKey, [1, length], 0, kinds), 0), noise);
const v = random.normal(valueKey, [1, length, width]);
const k = unitKeys(q, { keyEpsilon: 1e-6 });

/** @type {() => Attended} Every token sees all others. */
function full() {
  const itself = np.multiply(np.eye(length), 1e5);
  const scores = np.subtract(np.matmul(q, np.swapaxes(k, 1, 2)), itself);
  return { out: np.matmul(nn.softmax(scores), v), logWeight: nn.logSumExp(scores, -1) };
}

/** @type {(rounds: number) => Attended} Every token sees those in its bucket and near it. */
function hashed(rounds) {
  const rotations = lsh.rotations(hashKey, { groups: 1, width, rounds, sizes });
  const buckets = lsh.hash(q, rotations, sizes);
  const { order, inverse } = lsh.sort(buckets, sizes[0]);
  const [outs, lse] = attention.chunked(q, k, v, { order, inverse, buckets }, { chunkLength });
  return { out: lsh.combine(outs, lse), logWeight: nn.logSumExp(lse, 1) };
}

const attend = jit(hashed, { staticArgnums: [0] });
const expected = jit(full)();
const results = [1, 2, 4, 8].map((rounds) => {
  const { out, logWeight } = attend(rounds);
  const recall = np.mean(np.exp(np.subtract(logWeight, expected.logWeight))).item();
  const distance = globalNorm(np.subtract(out, expected.out)).item();
  return { rounds, recall, error: distance / globalNorm(expected.out).item() };
});

console.log("rounds  recall  error  share of scores computed");
for (const { rounds, recall, error } of results) {
  const share = (rounds * 2 * chunkLength) / length;
  console.log(`${rounds}       ${recall.toFixed(3)}   ${error.toFixed(3)}  ${share.toFixed(3)}`);
}
const rises = results.every(({ recall }, i) => i === 0 || recall > results[i - 1].recall);
const last = results[results.length - 1];
if (!(rises && last.recall > 0.9 && last.error < 0.25)) throw new Error("too much was missed");

/** The memory of a pretended device: words lie here scrambled, so that what was not read by message is noise. */
import { parentPort } from "node:worker_threads";

/** @type {Map<number, Int32Array>} */
const memory = new Map();

/** @param {Int32Array} words @returns {Int32Array} the same words scrambled, or scrambled ones as they were */
const scramble = (words) => words.map((word, i) => word ^ Math.imul(i + 1, 0x9e3779b1));

parentPort?.on("message", ({ kind, ids, words, request }) => {
  switch (kind) {
    case "write":
      memory.set(ids[0], scramble(words));
      break;
    case "free":
      for (const id of ids) memory.delete(id);
      break;
    case "read": {
      const found = ids.map((id) => memory.get(id)).map((held) => held && scramble(held));
      parentPort?.postMessage({ request, found, held: memory.size });
      break;
    }
  }
});

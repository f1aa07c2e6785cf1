/** Answers the question in the page's address, in its window or in a worker, and writes the answer into the page. */
import { answer, type Question } from "./answer.ts";

const query = new URLSearchParams(location.search);
const question = JSON.parse(query.get("question") ?? "") as Question;

const inWorker = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", ({ message }) => reject(new Error(`worker: ${message}`)));
    worker.postMessage(question);
  });

const write = (result: unknown): void => {
  const output = document.createElement("output");
  output.textContent = JSON.stringify(result);
  document.body.append(output);
};

(query.get("where") === "worker" ? inWorker() : answer(question)).then(write, (error: unknown) =>
  write({ error: "page", message: String(error) }),
);

/** What a page or its worker is asked to do, and what it says. */
import { init } from "reformax";
import { sin, zeros } from "reformax/numpy";
import { probeThreads, webThreads, type WasmOptions } from "reformax/backends/wasm";
import { trainingRun } from "../training-run.ts";
import type { TokenizedTexts } from "./tokenized.ts";

export interface Question {
  /**
   * What to do: the golden run; to see how many threads there would be; to compute when a worker has been ended; to tokenize the texts that
   * lie beside the page; to load the model of another system that lies there.
   */
  readonly task: "train" | "probe" | "lose" | "tokenize" | "load";
  readonly options: WasmOptions;
  /** A file that threads' workers load. */
  readonly workerFile?: string;
}

/** Does it; an error becomes its name and message. */
export async function answer({ task, options: given, workerFile }: Question): Promise<unknown> {
  const threadSource =
    workerFile === undefined
      ? undefined
      : webThreads({ url: new URL(workerFile, import.meta.url) });
  const options = { ...given, threadSource };
  try {
    if (task === "probe") return await probeThreads(options);
    if (task === "lose") return await computeAlone(options);
    if (task === "tokenize") return await tokenize();
    if (task === "load") return await loadFolder(options);
    const { parameters, threads, report } = await trainingRun(await bytesOf("text.txt"), options);
    return { parameters, threads, report };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name, message: error.message };
  }
}

const bytesOf = async (name: string): Promise<Uint8Array> =>
  (await fetch(new URL(name, import.meta.url))).bytes();

/** What each tokenizer makes of its texts, and of their ids. */
async function tokenize(): Promise<TokenizedTexts> {
  const { bytesPlusTwo, loadTokenizer } = await import("reformax/interop");
  const given = JSON.parse(
    new TextDecoder().decode(await bytesOf("tokenizers/texts.json")),
  ) as TokenizedTexts;
  const answers = Object.entries(given).map(async ([name, texts]) => {
    const tokenizer =
      name === bytesPlusTwo.kind
        ? bytesPlusTwo
        : await loadTokenizer(await bytesOf(`tokenizers/${name}`));
    const made = texts.map(({ text, ids }) => ({
      text,
      ids: [...tokenizer.encode(text)],
      decoded: tokenizer.decode(ids),
    }));
    return [name, made] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** The hash of a model that came as HuggingFace's folder with its tokenizer, written as one and read again. */
async function loadFolder(options: WasmOptions): Promise<unknown> {
  const { fromHuggingFace, huggingFaceFiles, loadTokenizer, parseHuggingFaceFiles } =
    await import("reformax/interop");
  const { parameterHash } = await import("reformax/training");
  await init("wasm", options);
  const names = ["config.json", "model.safetensors", "tokenizer.json"];
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await bytesOf(`folder/${name}`)] as const)),
  );
  const written = huggingFaceFiles(parseHuggingFaceFiles((name) => files.get(name)));
  const { config, tensors, tokenizer } = parseHuggingFaceFiles((name) => written.get(name));
  const { size } = await loadTokenizer(tokenizer ?? new Uint8Array(0));
  return { parameters: parameterHash(fromHuggingFace(config, tensors).params), size };
}

/** Computes on two threads, one of which somebody has ended; an error says so, and then computes again. */
async function computeAlone(options: WasmOptions): Promise<unknown> {
  const workers: Worker[] = [];
  const create = (): Worker => {
    const worker = new Worker(new URL("./reformax/dist/backends/wasm/worker.js", import.meta.url), {
      type: "module",
    });
    workers.push(worker);
    return worker;
  };
  const backend = await init("wasm", { ...options, threadSource: webThreads({ create }) });
  const before = backend.threads;
  for (const worker of workers) worker.terminate();
  // Chromium lets a worker run on for two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const begin = performance.now();
  let problem: unknown;
  try {
    sin(zeros([1000]));
  } catch (error) {
    problem = String(error);
  }
  const soon = performance.now() - begin < 10_000;
  return { before, problem, soon, after: backend.threads, value: sin(zeros([1])).toArray() };
}

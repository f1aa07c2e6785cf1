import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { measureFlag } from "../process.ts";
import { startSteps, type StepsParameters } from "./steps.ts";

/** Programs that wait to be told to train for a turn. */
export interface Programs extends Sizes {
  /** Lets all of them do a turn at the same time; milliseconds a step, until the last one is done. */
  readonly turn: () => Promise<number>;
}

/** Of a step of one program. */
interface Sizes {
  readonly tokens: number;
  readonly flops: number;
}

/** Starts `count` processes that train the same, each for itself. */
export async function startPrograms(parameters: StepsParameters, count: number): Promise<Programs> {
  const args = [measureFlag, "served", JSON.stringify(parameters)];
  const children = Array.from({ length: count }, () =>
    fork(process.argv[1], args, { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  );
  const answers = children.map((child) => answersOf(child));
  const [sizes] = await Promise.all(answers.map((answer) => answer()));
  return {
    ...(sizes as Sizes),
    turn: async () => {
      const done = answers.map((answer) => answer());
      const begin = performance.now();
      for (const child of children) child.send("turn");
      await Promise.all(done);
      return (performance.now() - begin) / parameters.steps;
    },
  };
}

/** What waits for the next message of a child, and fails when it ends instead. */
function answersOf(child: ChildProcess): () => Promise<unknown> {
  const left = once(child, "exit").then(() => {
    throw new Error("a program of the comparison ended");
  });
  return async () => {
    const message = once(child, "message").then(([value]: readonly unknown[]) => value);
    return Promise.race([message, left]);
  };
}

/** One of the programs: says its sizes, then does a turn whenever it gets a message, until its parent leaves. */
export async function serveTurns(parameters: StepsParameters): Promise<null> {
  const training = await startSteps(parameters);
  process.on("message", () => {
    training.turn();
    process.send?.("done");
  });
  const sizes: Sizes = { tokens: training.tokens, flops: training.flops };
  process.send?.(sizes);
  await once(process, "disconnect");
  return null;
}

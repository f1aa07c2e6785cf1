import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { measureFlag } from "../process.ts";
import { startSteps, type StepsParameters } from "./steps.ts";

/** Programs that wait to be told to train for a turn. */
export interface Programs {
  /** Lets all of them do a turn at the same time; milliseconds a step, until the last one is done. */
  readonly turn: () => Promise<number>;
}

/** Starts `count` processes that train the same, each for itself. */
export async function startPrograms(parameters: StepsParameters, count: number): Promise<Programs> {
  const args = [measureFlag, "served", JSON.stringify(parameters)];
  const children = Array.from({ length: count }, () =>
    fork(process.argv[1], args, { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  );
  await Promise.all(children.map(answer));
  return {
    turn: async () => {
      const answers = children.map(answer);
      const begin = performance.now();
      for (const child of children) child.send("turn");
      await Promise.all(answers);
      return (performance.now() - begin) / parameters.steps;
    },
  };
}

async function answer(child: ChildProcess): Promise<void> {
  const left = once(child, "exit").then(() => {
    throw new Error("a program of the comparison ended");
  });
  await Promise.race([once(child, "message"), left]);
}

/** One of the programs: does a turn whenever it gets a message, until its parent leaves. */
export async function serveTurns(parameters: StepsParameters): Promise<null> {
  const training = await startSteps(parameters);
  process.on("message", () => {
    training.turn();
    process.send?.("done");
  });
  process.send?.("ready");
  await once(process, "disconnect");
  return null;
}

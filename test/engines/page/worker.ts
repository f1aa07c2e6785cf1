/** Answers the page's question in a worker. */
import { answer, type Question } from "./answer.ts";

addEventListener("message", ({ data }: MessageEvent<Question>) => {
  void answer(data).then((result) => postMessage(result));
});

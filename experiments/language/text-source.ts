import type { DataSource } from "../frame/data.ts";

/** What language models of a few minutes learn from. */
export const textSource: DataSource = {
  name: "text",
  what: "a text of some hundred kilobytes, whose last tenth is kept back",
  sample: "samples/crime-and-punishment.txt",
};

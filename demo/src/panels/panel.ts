import type { State } from "../state/state.ts";
import { element } from "../ui/element.ts";

/** A part of the page: what it shows is a function of the state. */
export interface Panel {
  readonly root: HTMLElement;
  render(state: State): void;
}

/** The frame of a panel: its heading, one or two sentences that explain it, and what is in it. */
export function section(
  name: string,
  heading: string,
  explanation: string,
  ...children: (Node | string)[]
): HTMLElement {
  const id = `${name}-heading`;
  return element(
    "section",
    { class: `panel ${name}`, "aria-labelledby": id },
    element("h2", { id }, heading),
    element("p", { class: "explanation" }, explanation),
    ...children,
  );
}

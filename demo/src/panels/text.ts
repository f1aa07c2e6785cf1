import { defaultText, type State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { element, setText } from "../ui/element.ts";
import { formatCount } from "../ui/format.ts";
import { section, type Panel } from "./panel.ts";

/** The text to learn. */
export function textPanel(store: Store): Panel {
  const input = element("textarea", {
    id: "text",
    rows: 9,
    spellcheck: "false",
    "aria-describedby": "text-size",
  });
  const size = element("p", { id: "text-size", class: "note" });
  const restore = element("button", { type: "button", class: "quiet" }, "Use the sample again");
  input.addEventListener("input", () => store.update(() => ({ text: input.value })));
  restore.addEventListener("click", () => store.update(() => ({ text: defaultText })));
  const root = section(
    "text",
    "Text",
    "The sample is the first chapter of Crime and Punishment. Any text of a few thousand characters will do.",
    element("label", { for: "text" }, "Text to learn"),
    input,
    element("div", { class: "row" }, size, restore),
  );
  let shown: string | undefined;
  return {
    root,
    render: ({ text, phase }: State) => {
      const busy = phase === "starting" || phase === "running" || phase === "paused";
      input.readOnly = busy;
      restore.hidden = busy || text === defaultText;
      if (text === shown) return;
      shown = text;
      if (input.value !== text) input.value = text;
      setText(size, `${formatCount(new TextEncoder().encode(text).length)} bytes`);
    },
  };
}

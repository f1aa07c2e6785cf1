import type { State } from "../state/state.ts";
import { element } from "../ui/element.ts";
import { section, type Panel } from "./panel.ts";

/** What the model writes. */
export function writingPanel(): Panel {
  const passages = element("ol", { class: "passages" });
  const root = section(
    "writing",
    "What it writes",
    "Every few seconds the model goes on from the first words of the text, byte by byte, with what it has learned so far.",
    passages,
  );
  let shown: State["written"] | undefined;
  return {
    root,
    render: ({ written }) => {
      if (written === shown) return;
      shown = written;
      passages.replaceChildren(
        ...[...written]
          .reverse()
          .map(({ step, text }) =>
            element(
              "li",
              {},
              element("span", { class: "when" }, `after step ${step}`),
              element("blockquote", {}, text),
            ),
          ),
      );
      if (written.length === 0) passages.append(element("li", { class: "note" }, "Nothing yet."));
    },
  };
}

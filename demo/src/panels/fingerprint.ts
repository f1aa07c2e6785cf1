import { defaultText, type State } from "../state/state.ts";
import { element, setText } from "../ui/element.ts";
import { section, type Panel } from "./panel.ts";

/** The parameters' hash here beside Node's. */
export function fingerprintPanel(): Panel {
  const here = element("code", { id: "hash-here" });
  const node = element("code", { id: "hash-node" }, __NODE__.hash);
  const verdict = element("p", { class: "verdict", role: "status" });
  const root = section(
    "fingerprint",
    "The same bits everywhere",
    `Training is exact: from the same text, every engine, processor and number of threads comes to the same parameters, to ` +
      `the last bit. This is their SHA-256 after ${__NODE__.steps} steps.`,
    element(
      "dl",
      {},
      element("div", {}, element("dt", {}, "This page"), element("dd", {}, here)),
      element(
        "div",
        {},
        element("dt", {}, `Node ${__NODE__.version}, for the sample`),
        element("dd", {}, node),
      ),
    ),
    verdict,
  );
  return {
    root,
    render: (state) => {
      setText(here, state.hash ?? "–");
      const [text, kind] = verdictOf(state);
      setText(verdict, text);
      verdict.dataset.kind = kind;
    },
  };
}

function verdictOf({ hash, learned, facts }: State): readonly [string, string] {
  if (hash === null) return ["", "none"];
  if (learned !== defaultText) return ["Another text, another hash.", "none"];
  if (facts?.backend.name === "webgpu") {
    return [
      "A graphics processor adds in another order: the same bits again and again, but its own.",
      "none",
    ];
  }
  return hash === __NODE__.hash
    ? ["Equal, bit for bit.", "equal"]
    : ["They differ. Please report this, with the name of your browser.", "different"];
}

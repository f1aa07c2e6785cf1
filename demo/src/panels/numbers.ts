import type { State } from "../state/state.ts";
import { median } from "../state/median.ts";
import { element, setText } from "../ui/element.ts";
import { formatBits, formatCount, formatMegabytes } from "../ui/format.ts";
import { section, type Panel } from "./panel.ts";

/** Steps whose speeds are averaged. */
const recent = 15;

/** What each number is called, and how it follows from the state, once there is one. */
const numbers: Readonly<Record<string, (state: State) => string | undefined>> = {
  Step: stepOf,
  "Bits per byte": bitsOf,
  "Tokens per second": speedOf,
  "Planned memory": memoryOf,
  Parameters: ({ facts }) => (facts ? formatCount(facts.parameters) : undefined),
  "Computes on": ({ facts }) => facts?.backend.name,
  Threads: ({ facts }) => (facts ? String(facts.threads.count) : undefined),
};

export function numbersPanel(): Panel {
  const entries = Object.entries(numbers).map(([name, valueOf]) => ({
    name,
    valueOf,
    value: element("dd"),
  }));
  const reason = element("p", { class: "note" });
  const root = section(
    "numbers",
    "Progress",
    "Before its first step the step is planned: how much memory it will need, to the byte, is known in advance.",
    element(
      "dl",
      {},
      ...entries.map(({ name, value }) => element("div", {}, element("dt", {}, name), value)),
    ),
    reason,
  );
  return {
    root,
    render: (state) => {
      for (const { value, valueOf } of entries) setText(value, valueOf(state) ?? "–");
      const notes = notesOn(state);
      setText(reason, notes.join(" "));
      reason.hidden = notes.length === 0;
    },
  };
}

/** Why it is not what one might have wanted. */
function notesOn({ facts, reopened }: State): readonly string[] {
  const { backend, threads } = facts ?? {};
  const why = (what: string, reason: string | undefined): readonly string[] =>
    reason === undefined ? [] : [`Why ${what}: ${reason.replace(/\.$/, "")}.`];
  return [
    ...why("not on a graphics processor", backend?.fallback),
    ...why("not more threads", backend?.name === "wasm" ? threads?.reason : undefined),
    ...why(`it went back to step ${reopened?.from ?? 0}`, reopened?.reason),
  ];
}

function stepOf({ steps, facts }: State): string | undefined {
  if (!facts) return undefined;
  const { horizon } = facts.config.training.schedule;
  return `${formatCount(steps.at(-1)?.step ?? 0)} of ${formatCount(horizon)}`;
}

function bitsOf({ steps }: State): string | undefined {
  const bits = steps.at(-1)?.metrics.bitsPerByte;
  return bits === undefined ? undefined : formatBits(bits);
}

function speedOf({ steps }: State): string | undefined {
  const speeds = steps.slice(-recent).map(({ metrics }) => metrics.tokensPerSecond);
  return speeds.length === 0 ? undefined : formatCount(median(speeds));
}

function memoryOf({ facts }: State): string | undefined {
  return facts?.plannedBytes === undefined ? undefined : formatMegabytes(facts.plannedBytes);
}

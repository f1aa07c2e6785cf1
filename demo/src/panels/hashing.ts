import type { Choice, State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { bucketKey } from "../tokens/bucket-key.ts";
import { describeHashing, describeToken } from "../tokens/describe.ts";
import { attendedBy, hashingOf, type Hashing } from "../tokens/hashing.ts";
import { labelsOf, type TokenLabel } from "../tokens/labels.ts";
import { tokenList, type Mark } from "../tokens/token-list.ts";
import { element, setText } from "../ui/element.ts";
import { radioGroup } from "../ui/radio-group.ts";
import { section, type Panel } from "./panel.ts";

const none = "Press Start: the first passage is hashed after the first step.";
const hint = "Point at a token, or move with the arrow keys: up and down stay within its bucket.";

/** The tokens of a passage, coloured by bucket: in reading order, and sorted into chunks. */
export function hashingPanel(store: Store): Panel {
  const choose = (field: keyof Choice, title: string) =>
    radioGroup(field, title, (index) =>
      store.update(({ choice }) => ({ choice: { ...choice, [field]: index } })),
    );
  const [layer, head, round] = [
    choose("layer", "Layer"),
    choose("head", "Head"),
    choose("round", "Round"),
  ];
  const point = (pointed: number): void => store.update(() => ({ pointed }));
  const key = bucketKey();
  const reading = tokenList("reading", "Tokens in reading order", point);
  const sorted = tokenList("sorted", "Tokens sorted into chunks", point);
  const summary = element("p", { class: "note" }, none);
  const detail = element("p", { class: "detail" }, hint);
  const views = element(
    "div",
    { class: "views", hidden: true },
    element("div", { class: "choices" }, layer.root, head.root, round.root),
    key.root,
    detail,
    element("h3", {}, "In reading order"),
    reading.root,
    element("h3", {}, "Sorted into chunks"),
    sorted.root,
  );
  const root = section(
    "hashing",
    "Who attends to whom",
    "Locality-sensitive hashing (LSH) puts tokens whose vectors point the same way into one bucket, shown by its colour. " +
      "Sorted by bucket, the tokens are cut into chunks of equal size, and each attends only to its own chunk and the one " +
      "before: that is how a Reformer avoids comparing every token with every other.",
    summary,
    views,
  );

  let shown: Pick<State, "inspected" | "choice"> | undefined;
  let current: { hashing: Hashing; labels: readonly TokenLabel[] } | undefined;

  const showTokens = ({ inspected, choice }: State): void => {
    const hashing = inspected && hashingOf(inspected.report, choice);
    current = hashing && inspected ? { hashing, labels: labelsOf(inspected.bytes) } : undefined;
    views.hidden = !current;
    if (!current || !inspected || !hashing) return setText(summary, none);
    const { report, bytes, step } = inspected;
    const { labels } = current;
    layer.show(
      report.layers.map((each) => String(each.layer + 1)),
      choice.layer,
    );
    head.show(numbered(report.heads), choice.head);
    round.show(numbered(report.rounds), choice.round);
    key.show(report.numBuckets);
    setText(summary, `After step ${step}: ${describeHashing(hashing)}`);
    const all = { name: null, tokens: [...bytes.keys()] };
    reading.show([all], labels, hashing);
    const chunks = hashing.chunks.map((tokens, i) => ({ name: `Chunk ${i}`, tokens }));
    sorted.show(chunks, labels, hashing);
  };

  return {
    root,
    render: (state) => {
      const { inspected, choice, pointed } = state;
      if (inspected !== shown?.inspected || choice !== shown.choice) showTokens(state);
      shown = { inspected, choice };
      if (!current) return;
      const { hashing, labels } = current;
      const marks = pointed === null ? new Map<number, Mark>() : marksOf(hashing, pointed);
      key.mark(pointed === null ? null : hashing.buckets[pointed]);
      reading.mark(marks, pointed);
      sorted.mark(marks, pointed);
      setText(detail, pointed === null ? hint : describeToken(hashing, labels, pointed));
    },
  };
}

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => String(i + 1));

/** The token that is pointed at, those that it attends to, and the others of its bucket. */
function marksOf(hashing: Hashing, pointed: number): ReadonlyMap<number, Mark> {
  const marks = new Map<number, Mark>();
  hashing.buckets.forEach((bucket, token) => {
    if (bucket === hashing.buckets[pointed]) marks.set(token, "same");
  });
  for (const token of attendedBy(hashing, pointed)) marks.set(token, "attended");
  return marks.set(pointed, "pointed");
}

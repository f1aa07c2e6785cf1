import { element } from "../ui/element.ts";
import type { Hashing } from "./hashing.ts";
import type { TokenLabel } from "./labels.ts";
import { nextToken } from "./keys.ts";

/** Tokens in some order, in one group or several. */
export interface TokenGroup {
  readonly name: string | null;
  readonly tokens: readonly number[];
}

/** How tokens are marked besides their colour. */
export type Mark = "pointed" | "attended" | "same";

export interface TokenList {
  readonly root: HTMLElement;
  show(groups: readonly TokenGroup[], labels: readonly TokenLabel[], hashing: Hashing): void;
  mark(marks: ReadonlyMap<number, Mark>, pointed: number | null): void;
}

/** Bucket colours repeat after so many. */
export const colours = 16;

/**
 * A list of coloured tokens: one stop of the tab key, arrow keys inside. Pointing at a token, by pointer or keys, is
 * reported.
 */
export function tokenList(
  name: string,
  label: string,
  onPoint: (token: number) => void,
): TokenList {
  const root = element("div", {
    class: `tokens ${name}`,
    role: "listbox",
    tabindex: 0,
    "aria-label": label,
  });
  let order: readonly number[] = [];
  let buckets: ArrayLike<number> = [];
  let pointed: number | null = null;
  // Known at once, not with the next frame: keys may come faster than frames.
  const point = (token: number): void => {
    pointed = token;
    onPoint(token);
  };
  const pointAt = ({ target }: Event): void => {
    const token = target instanceof HTMLElement ? target.dataset.token : undefined;
    if (token !== undefined) point(Number(token));
  };
  root.addEventListener("pointerover", pointAt);
  root.addEventListener("click", pointAt);
  root.addEventListener("focus", () => {
    if (pointed === null && order.length > 0) point(order[0]);
  });
  root.addEventListener("keydown", (event) => {
    const next = nextToken(event.key, order, pointed, buckets);
    if (next === undefined) return;
    event.preventDefault();
    point(next);
  });

  return {
    root,
    show: (groups, labels, hashing) => {
      order = groups.flatMap(({ tokens }) => tokens);
      buckets = hashing.buckets;
      root.replaceChildren(
        ...groups.flatMap(({ name: title, tokens }) => {
          const made = tokens.map((token) => option(name, token, labels[token], hashing));
          return title === null ? made : [group(title, made)];
        }),
      );
    },
    mark: (marks, at) => {
      pointed = at;
      for (const token of root.querySelectorAll<HTMLElement>("[data-token]")) {
        const mark = marks.get(Number(token.dataset.token)) ?? "";
        if (token.dataset.mark !== mark) token.dataset.mark = mark;
        token.ariaSelected = String(mark === "pointed");
      }
      if (at === null) root.removeAttribute("aria-activedescendant");
      else root.setAttribute("aria-activedescendant", `${name}-${at}`);
    },
  };
}

const option = (
  list: string,
  token: number,
  { glyph, spoken }: TokenLabel,
  { buckets, chunkOf }: Hashing,
): HTMLElement =>
  element(
    "span",
    {
      id: `${list}-${token}`,
      role: "option",
      class: `token b${buckets[token] % colours}`,
      "aria-selected": "false",
      "aria-label": `${spoken}, bucket ${buckets[token]}, chunk ${chunkOf[token]}`,
      title: `bucket ${buckets[token]}`,
      "data-token": token,
    },
    glyph,
  );

const group = (title: string, tokens: readonly HTMLElement[]): HTMLElement =>
  element(
    "div",
    { role: "group", class: "chunk", "aria-label": title },
    element("span", { class: "chunk-name", "aria-hidden": "true" }, title),
    element("span", { class: "chunk-tokens", role: "presentation" }, ...tokens),
  );

import { element } from "../ui/element.ts";
import { colours, type TokenList } from "./token-list.ts";

/** Which colour is which bucket. What it shows is said of every token in words, so that it need not be read out. */
export interface BucketKey extends Pick<TokenList, "root"> {
  show(numBuckets: number): void;
  mark(bucket: number | null): void;
}

export function bucketKey(): BucketKey {
  const root = element("div", { class: "bucket-key", "aria-hidden": "true" });
  let chips: readonly HTMLElement[] = [];
  return {
    root,
    show: (numBuckets) => {
      if (chips.length === numBuckets) return;
      chips = Array.from({ length: numBuckets }, (_, bucket) =>
        element("span", { class: `token b${bucket % colours}` }, String(bucket)),
      );
      root.replaceChildren(element("span", {}, "Buckets"), ...chips);
    },
    mark: (marked) =>
      chips.forEach((chip, bucket) => (chip.dataset.mark = bucket === marked ? "pointed" : "")),
  };
}

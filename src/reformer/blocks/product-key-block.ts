import { dropout, productKeys, type ProductKeyParams } from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import type { FeedForwardContext, FeedForwardOptions } from "./feed-forward-block.ts";
import { rows, type BlockContext, type RowsBlock } from "./half-block.ts";
import { normalize, type NormParams } from "./norm.ts";
import type { GainParams } from "./weighted-block.ts";

/** A memory with product keys in place of a feed-forward layer (Lample et al. 2019); what is absent is as lucidrains has it. */
export interface ProductKeyKind {
  /** The numbers of the layers that have one, from 0; all when absent. */
  readonly at?: readonly number[];
  /** Keys for each half of a query, 128 when absent: the memory has their square of rows. */
  readonly keys?: number;
  /** Queries, 4 when absent. */
  readonly heads?: number;
  /** Rows that each reads, 32 when absent. */
  readonly best?: number;
  /** Features of a query, 256 when absent: even. */
  readonly queryWidth?: number;
}

/** With all that may be absent. */
export const productKeySizes = ({
  keys = 128,
  heads = 4,
  best = 32,
  queryWidth = 256,
}: ProductKeyKind): Required<Omit<ProductKeyKind, "at">> => ({
  keys,
  heads,
  best,
  queryWidth,
});

/** Parameters of such a half-block. */
export interface ProductKeyBlockParams extends GainParams {
  readonly norm: NormParams;
  readonly memory: ProductKeyParams;
}

type Options = Pick<FeedForwardOptions, "chunk" | "dropout" | "norm" | "normEpsilon">;

/** Norm, then the memory, row by row in chunks. */
export function productKeyBlock(options: Options, kind: ProductKeyKind): RowsBlock {
  const { chunk, norm = "layer", normEpsilon: epsilon } = options;
  const { best } = productKeySizes(kind);
  return rows(
    "productKeys",
    chunk,
    (params: ProductKeyBlockParams, x, { own }: BlockContext<FeedForwardContext>, index) => {
      const normed = normalize(norm, params.norm, x, epsilon);
      const out = productKeys(params.memory, normed, { best, epsilon });
      const { dropoutKey } = own;
      return dropoutKey ? dropout(foldIn(dropoutKey, index), options.dropout, out) : out;
    },
  );
}

import type { Groups } from "./liveness.ts";
import type { Location } from "./planned-function.ts";
import { placeBlocks, type Block, type Placement } from "./placement.ts";
import type { Storage } from "./storage.ts";

/** Where a function's storages lie. */
export interface PlacedLocals extends Placement {
  /** One storage of each group that lies in the frame. */
  readonly locals: readonly Storage[];
  /** Their sizes and lives. */
  readonly blocks: readonly Block[];
  /** Where a storage begins. */
  readonly locate: (storage: Storage) => Location;
}

/** Gives every group of storages its place: the frame's are packed, the others have theirs. */
export function placeLocals(groups: Groups, alignment: number): PlacedLocals {
  const locals = groups
    .roots()
    .filter(({ home }) => home.kind === "frame")
    .filter((storage) => groups.intervalOf(storage).start < Number.POSITIVE_INFINITY);
  const blocks = locals.map((storage) => ({
    bytes: Math.ceil(storage.bytes / alignment) * alignment,
    ...groups.intervalOf(storage),
  }));
  const placement = placeBlocks(blocks);
  const offsetOf = new Map(locals.map((storage, i) => [storage, placement.offsets[i]] as const));
  const locate = (storage: Storage): Location => {
    const root = groups.rootOf(storage);
    const { home } = root;
    switch (home.kind) {
      case "constant":
        return { space: "constants", offset: home.offset };
      case "parameter":
        return { space: "parameter", index: home.index, offset: 0 };
      case "frame":
        return { space: "frame", offset: offsetOf.get(root) ?? 0 };
      default:
        return home satisfies never;
    }
  };
  return { ...placement, locals, blocks, locate };
}

import { isHostStorage, type Storage } from "./storage.ts";

/** By the storage: who has copies of its elements elsewhere, and how they are freed. */
const copies = new WeakMap<Storage, Map<object, () => void>>();

/** What is to happen to the copy that `owner` has of the elements when they are released; an earlier copy of its is forgotten. */
export function noteCopy(of: Storage, owner: object, free: () => void): void {
  const known = copies.get(of) ?? new Map<object, () => void>();
  copies.set(of, known);
  known.set(owner, free);
}

/** Gives the memory of a storage that nobody uses any more back, and that of all copies. */
export function releaseStorage(storage: Storage): void {
  if (!isHostStorage(storage)) storage.release();
  copies.get(storage)?.forEach((free) => free());
  copies.delete(storage);
}

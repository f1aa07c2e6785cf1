import type { Words } from "./dtype.ts";
import { BackendError } from "./errors.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Where the elements of a tensor are: words of the host; *resident* in a backend's own memory, where the host can read
 * them at once; or on a *device*, where reading takes a while.
 */
export type Storage = Words | ResidentStorage | DeviceStorage;

/** Whose memory it is. Places are told apart by identity: two backends of one name are two places. */
export interface Place {
  /** The backend's name, for messages. */
  readonly name: string;
}

/** A place whose storages are read late. */
export interface Device extends Place {
  /**
   * The elements of several of its storages, in arrays that the caller owns, by one transfer. It reads what is there
   * when it is called: no run or donation that the caller starts afterwards changes that. Whether the
   * elements were computed at all is the business of their outcomes.
   */
  read(storages: readonly DeviceStorage[]): Promise<readonly Words[]>;
}

/** Elements in the memory of a backend that the host can read at once. */
export interface ResidentStorage {
  readonly kind: "resident";
  readonly place: Place;
  /** The elements; nobody may write to them. */
  words(): Words;
  /** The elements, once they had to make room and lie on the host: the tensor owns them from then on. */
  readonly evicted?: Words | undefined;
  /** Gives the memory back; nobody reads or releases it afterwards. */
  release(): void;
}

/** Elements on a device. */
export interface DeviceStorage {
  readonly kind: "device";
  readonly place: Device;
  /** Whether they were computed: that of the run, which no input of it has. */
  readonly outcome: Outcome;
  /** Gives the memory back, once what was started before is done; nobody reads or releases it afterwards. */
  release(): void;
  /** Keeps the elements until what is returned is called, whoever releases the storage meanwhile. */
  hold(): () => void;
}

export const isHostStorage = (storage: Storage): storage is Words => ArrayBuffer.isView(storage);

export const isDeviceStorage = (storage: Storage | undefined): storage is DeviceStorage =>
  storage !== undefined && !isHostStorage(storage) && storage.kind === "device";

/**
 * The elements, where they can be read at once.
 * @param where the call that needs them, for the message
 * @throws BackendError when they are on a device
 */
export function wordsAtOnce(storage: Storage, where: string): Words {
  if (isHostStorage(storage)) return storage;
  if (storage.kind === "resident") return storage.words();
  const { name } = storage.place;
  throw new BackendError(`the elements are on ${name}, where they cannot be read at once`, {
    where,
    fix: "Write `await x.data()`, or `await toHost(tree)` for the same tree on the host.",
  });
}

/**
 * The elements of device storages, by one read per device.
 *
 * Rejects with what went wrong when they were computed, or when they cannot be read any more.
 */
export async function readDevices(storages: readonly DeviceStorage[]): Promise<readonly Words[]> {
  const places = [...new Set(storages.map(({ place }) => place))];
  // What is asked for is what there is now: reads begin, and outcomes are looked at, before anything is awaited.
  const outcomes = [...new Set(storages.map(({ outcome }) => outcome))];
  const settled = outcomes.map((outcome) => outcome.settled());
  const reads = places.map(async (place) => {
    const own = [...new Set(storages)].filter((storage) => storage.place === place);
    const words = await place.read(own);
    return own.map((storage, i) => [storage, words[i]] as const);
  });
  const read = Promise.all(reads);
  for (const promise of [read, ...settled]) promise.catch(() => undefined);
  // Why elements were not computed says more than why they cannot be read.
  for (const each of settled) await each;
  const found = new Map((await read).flat());
  return storages.map((storage) => {
    const words = found.get(storage);
    if (words) return words;
    throw new BackendError("the elements did not come", { where: storage.place.name });
  });
}

import type { State } from "./state.ts";

/** The page's only memory: panels read it and are told when it has changed. */
export interface Store {
  get(): State;
  /** Replaces some fields, computed from the state as it is. */
  update(change: (state: State) => Partial<State>): void;
  subscribe(listener: () => void): void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const listeners: (() => void)[] = [];
  return {
    get: () => state,
    update: (change) => {
      state = { ...state, ...change(state) };
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}

/** Calls `render` with the newest state once per frame in which it changed. */
export function renderOnFrames(store: Store, render: (state: State) => void): void {
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      render(store.get());
    });
  };
  store.subscribe(schedule);
  render(store.get());
}

import type { RunBackend } from "reformax/training/worker";
import type { Place, State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { element } from "../ui/element.ts";
import type { Panel } from "./panel.ts";

const backends = {
  auto: "whatever is fastest here",
  wasm: "the processor (WebAssembly)",
  webgpu: "the graphics processor (WebGPU)",
} as const satisfies Partial<Record<RunBackend, string>>;

const places: Readonly<Record<Place, string>> = {
  worker: "in a worker",
  page: "in the page itself",
};

const threadsNote = crossOriginIsolated
  ? "One core is best left to the page."
  : "One only: this page was served without the headers that more need.";

/** What computes, in whose thread, and on how many threads. */
export function machineChoices(store: Store, cores: number): Panel {
  const backend = select("backend", backends, (chosen) =>
    store.update(() => ({ backend: chosen })),
  );
  const place = select("place", places, (chosen) => store.update(() => ({ place: chosen })));
  const counts = Object.fromEntries(
    Array.from({ length: cores }, (_, i) => [String(i + 1), String(i + 1)]),
  );
  const threads = select("threads", counts, (chosen) =>
    store.update(() => ({ threads: Number(chosen) })),
  );
  place.ariaLabel = "In whose thread";
  threads.setAttribute("aria-describedby", "threads-note");
  const root = element(
    "div",
    {},
    element(
      "p",
      { class: "row" },
      element("label", { for: "backend" }, "Compute on"),
      backend,
      place,
    ),
    element(
      "p",
      { class: "row" },
      element("label", { for: "threads" }, "Threads"),
      threads,
      element("span", { id: "threads-note", class: "note" }, threadsNote),
    ),
  );
  return {
    root,
    render: (state: State) => {
      const { phase } = state;
      const busy = phase === "starting" || phase === "running" || phase === "paused";
      backend.value = state.backend;
      place.value = state.place;
      threads.value = String(crossOriginIsolated ? state.threads : 1);
      backend.disabled = busy;
      place.disabled = busy;
      threads.disabled = busy || !crossOriginIsolated || state.backend === "webgpu";
    },
  };
}

/** A choice among named things. */
function select<Name extends string>(
  id: string,
  options: Readonly<Record<Name, string>>,
  onChoose: (name: Name) => void,
): HTMLSelectElement {
  const names = Object.keys(options) as Name[];
  const made = element(
    "select",
    { id },
    ...names.map((value) => element("option", { value }, options[value])),
  );
  made.addEventListener("change", () => onChoose(names[made.selectedIndex]));
  return made;
}

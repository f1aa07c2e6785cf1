import type { Phase, State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import type { Controller } from "../training/controller.ts";
import { element, setText } from "../ui/element.ts";
import type { Panel } from "./panel.ts";

/** What the large button says in each phase; it never disappears, so that it keeps the focus. */
const labels: Readonly<Record<Phase, string>> = {
  idle: "Start",
  starting: "Starting …",
  running: "Pause",
  paused: "Resume",
  stopped: "Start again",
  failed: "Start again",
};

const statuses: Readonly<Record<Phase, string>> = {
  idle: "Ready.",
  starting: "The model is being compiled.",
  running: "Learning.",
  paused: "Paused.",
  stopped: "Finished.",
  failed: "Stopped by an error.",
};

const threadsNote = crossOriginIsolated
  ? "One core is best left to the page."
  : "One only: this page was served without the headers that more need.";

/** Start, pause, stop, and on how many threads. */
export function controls(store: Store, controller: Controller, cores: number): Panel {
  const main = element("button", { type: "button", class: "main" });
  const stop = element("button", { type: "button" }, "Stop");
  const status = element("p", { role: "status", class: "note" });
  const error = element("p", { role: "alert", class: "error" });
  const threads = element("select", { id: "threads", "aria-describedby": "threads-note" });
  for (let n = 1; n <= cores; n++) threads.append(element("option", { value: n }, String(n)));
  main.addEventListener("click", () => press(store.get().phase, controller));
  stop.addEventListener("click", () => controller.stop());
  threads.addEventListener("change", () =>
    store.update(() => ({ threads: Number(threads.value) })),
  );
  const root = element(
    "div",
    { class: "controls" },
    element("div", { class: "row" }, main, stop, status),
    error,
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
      setText(main, labels[phase]);
      main.ariaDisabled = String(phase === "starting");
      stop.disabled = phase !== "running" && phase !== "paused";
      threads.value = String(crossOriginIsolated ? state.threads : 1);
      threads.disabled = phase === "starting" || !stop.disabled || !crossOriginIsolated;
      setText(status, statuses[phase]);
      setText(error, state.error ?? "");
      error.hidden = state.error === null;
    },
  };
}

function press(phase: Phase, controller: Controller): void {
  switch (phase) {
    case "running":
      return controller.pause();
    case "paused":
      return controller.resume();
    case "starting":
      return undefined;
    case "idle":
    case "stopped":
    case "failed":
      return controller.start();
    default:
      phase satisfies never;
  }
}

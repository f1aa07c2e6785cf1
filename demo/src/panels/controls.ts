import type { Phase, State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import type { Controller } from "../training/controller.ts";
import { element, setText } from "../ui/element.ts";
import { machineChoices } from "./machine.ts";
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

/** Start, pause, stop, and on what. */
export function controls(store: Store, controller: Controller, cores: number): Panel {
  const main = element("button", { type: "button", class: "main" });
  const stop = element("button", { type: "button" }, "Stop");
  const status = element("p", { role: "status", class: "note" });
  const error = element("p", { role: "alert", class: "error" });
  const machine = machineChoices(store, cores);
  main.addEventListener("click", () => press(store.get().phase, controller));
  stop.addEventListener("click", () => controller.stop());
  const root = element(
    "div",
    { class: "controls" },
    element("div", { class: "row" }, main, stop, status),
    error,
    machine.root,
  );
  return {
    root,
    render: (state: State) => {
      const { phase } = state;
      setText(main, labels[phase]);
      main.ariaDisabled = String(phase === "starting");
      stop.disabled = phase !== "running" && phase !== "paused";
      machine.render(state);
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

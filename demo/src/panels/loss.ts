import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { State } from "../state/state.ts";
import { element } from "../ui/element.ts";
import { formatBits } from "../ui/format.ts";
import { curvesOf } from "../state/curves.ts";
import { chartOptions } from "./loss-options.ts";
import { section, type Panel } from "./panel.ts";

/** The loss over the steps, drawn by uPlot and told in words. */
export function lossPanel(): Panel {
  const plot = element("div", { class: "plot", role: "img", "aria-label": "No loss yet." });
  const root = section(
    "loss",
    "Loss",
    "Bits per byte: how many bits the model would need to write down the next byte. 8 is guessing blindly; " +
      "a zip file takes about 3; less is better.",
    element(
      "p",
      { class: "legend" },
      element("span", { class: "key training" }, "on what it learns from"),
      element("span", { class: "key smooth" }, "averaged"),
      element("span", { class: "key validation" }, "on the last tenth, which it never learns from"),
    ),
    plot,
  );
  let chart: uPlot | undefined;
  let shown: State["steps"] | undefined;

  const build = (): void => {
    chart?.destroy();
    const options = chartOptions(getComputedStyle(plot), plot.clientWidth);
    chart = new uPlot(options, curvesOf(shown ?? []), plot);
  };
  new ResizeObserver(() => {
    if (!chart) build();
    else if (chart.width !== plot.clientWidth) {
      chart.setSize({ width: plot.clientWidth, height: chart.height });
    }
  }).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", build);

  return {
    root,
    render: ({ steps }) => {
      if (steps === shown) return;
      shown = steps;
      chart?.setData(curvesOf(steps));
      plot.ariaLabel = inWords(steps);
    },
  };
}

function inWords(steps: State["steps"]): string {
  const [first, last] = [steps.at(0), steps.at(-1)];
  if (!first || !last) return "No loss yet.";
  const [from, to] = [first, last].map(({ metrics }) => formatBits(metrics.bitsPerByte ?? NaN));
  return `Loss curve: from ${from} bits per byte at the first step to ${to} at step ${last.step}.`;
}

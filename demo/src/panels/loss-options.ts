import type uPlot from "uplot";

const height = 240;

/** How the loss is drawn, in the colours that the style sheets give the plot. */
export function chartOptions(style: CSSStyleDeclaration, width: number): uPlot.Options {
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: colour("soft-text"),
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { stroke: colour("grid"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => rangeOf(low, high) } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? tick : "")) },
      { ...axis, size: 40 },
    ],
    series: [
      {},
      { stroke: colour("training"), width: 1, points: { show: false } },
      { stroke: colour("smooth"), width: 2, points: { show: false } },
      { stroke: colour("validation"), width: 2, spanGaps: true, points: { show: true, size: 5 } },
    ],
  };
}

/** From whole bits to whole bits; 0 to 9 before there is anything. */
const rangeOf = (low: number | null, high: number | null): [number, number] =>
  low === null || high === null ? [0, 9] : [Math.floor(low), Math.ceil(high)];

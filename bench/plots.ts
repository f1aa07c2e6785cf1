import { renderChart } from "../tools/render-chart.mjs";

/** Lines over one axis; every series is a key of the rows. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  /** The row's key along the horizontal axis, on a logarithmic scale, and what it means. */
  readonly x: string;
  readonly xTitle: string;
  readonly series: readonly string[];
  readonly yTitle: string;
}

/** The chart of a table's rows as an SVG document. */
export function drawChart(
  { title, x, xTitle, series, yTitle }: Chart,
  rows: readonly Readonly<Record<string, string | number>>[],
): Promise<string> {
  const values = rows.flatMap((row) =>
    series.map((name) => ({ x: row[x], y: row[name], series: name })),
  );
  return renderChart({
    title,
    width: 420,
    height: 280,
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: xTitle,
        scale: { type: "log", base: 2 },
        axis: { values: [...new Set(rows.map((row) => Number(row[x])))] },
      },
      y: { field: "y", type: "quantitative", title: yTitle, scale: { zero: true } },
      color: { field: "series", type: "nominal", title: null, sort: [...series] },
    },
  });
}

/**
 * A Vega-Lite specification as an SVG document.
 * @param {import("vega-lite").TopLevelSpec} spec
 * @returns {Promise<string>}
 */
export async function renderChart(spec) {
  // Here, because programs that draw nothing load this file too.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const whole = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    // No name in a legend is cut.
    config: { legend: { labelLimit: 0 } },
    ...spec,
  };
  return new vega.View(vega.parse(compile(whole).spec), { renderer: "none" }).toSVG();
}

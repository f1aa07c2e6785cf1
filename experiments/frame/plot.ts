import { escapeHtml } from "../../src/edge/html.ts";
import { scaleOf, type Scale, type ScaleKind } from "./scale.ts";

/** Lines with points over numbers. */
export interface Chart {
  /** Name of the file, without extension. */
  readonly file: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly title: string;
  /** Default: from zero. */
  readonly scale?: ScaleKind;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [least, height] = [560, 320];
/** Room for a letter of a name. */
const letter = 6.2;
const plot = { left: 70, right: 400, top: 36, bottom: 270 } as const;
/** Told apart by most people who do not see all colours (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** A chart as an SVG document. Series without points are left out. */
export function chartSvg({ title, x, y, series }: Chart): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const across = scaleOf(
    all.map(([value]) => value),
    x.scale ?? "zero",
    plot.left,
    plot.right,
  );
  const up = scaleOf(
    all.map(([, value]) => value),
    y.scale ?? "zero",
    plot.bottom,
    plot.top,
  );
  const longest = Math.max(0, ...drawn.map(({ name }) => name.length));
  const width = Math.max(least, Math.ceil(plot.right + 36 + letter * longest));
  const parts = [
    text(plot.left, 20, title, 'font-weight="bold"'),
    ...across.ticks.map((tick) => acrossTick(across, tick)),
    ...up.ticks.map((tick) => upTick(up, tick)),
    text((plot.left + plot.right) / 2, height - 12, x.title, 'text-anchor="middle"'),
    text(
      16,
      (plot.top + plot.bottom) / 2,
      y.title,
      `text-anchor="middle" transform="rotate(-90 16 ${(plot.top + plot.bottom) / 2})"`,
    ),
    ...drawn.map((one, i) => line(one, colours[i % colours.length], across, up)),
    ...drawn.map(({ name }, i) => legend(name, colours[i % colours.length], i)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img" aria-label="${escapeHtml(title)}">
<rect width="${width}" height="${height}" fill="white"/>
${parts.join("\n")}
</svg>
`;
}

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escapeHtml(content)}</text>`;

const acrossTick = ({ place }: Scale, { value, label }: Scale["ticks"][number]): string => {
  const x = rounded(place(value));
  return `<path d="M${x} ${plot.top}V${plot.bottom}" stroke="#ddd"/>${text(x, plot.bottom + 16, label, 'text-anchor="middle"')}`;
};

const upTick = ({ place }: Scale, { value, label }: Scale["ticks"][number]): string => {
  const y = rounded(place(value));
  return `<path d="M${plot.left} ${y}H${plot.right}" stroke="#ddd"/>${text(plot.left - 6, y + 4, label, 'text-anchor="end"')}`;
};

function line({ points }: Series, colour: string, across: Scale, up: Scale): string {
  const places = points.map(([x, y]) => [rounded(across.place(x)), rounded(up.place(y))] as const);
  const path = places.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join("")}`;
}

const legend = (name: string, colour: string, i: number): string => {
  const y = plot.top + 10 + 18 * i;
  return `<path d="M${plot.right + 12} ${y}h18" stroke="${colour}" stroke-width="2"/>${text(plot.right + 36, y + 4, name)}`;
};

const rounded = (value: number): number => Math.round(value * 10) / 10;

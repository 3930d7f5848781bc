import { escaped } from "./escaped.ts";

/** Lines over time, as inline SVG. Colours come from the page: `.s0`, `.s1` ... for lines, `.shade` for events. */
export interface LineChart {
  readonly title: string;
  /** How long one value stands for. */
  readonly pieceMs: number;
  readonly lines: readonly Line[];
  /** `log` for latencies: what is slow and what is fast are both seen. */
  readonly scale: "linear" | "log";
  readonly label: (value: number) => string;
  /** The least that the top of the scale stands for. */
  readonly atLeast: number;
  /** From when to when something is otherwise. */
  readonly shades: readonly { readonly fromMs: number; readonly toMs: number }[];
}

interface Line {
  readonly name: string;
  /** undefined: nothing is known there, and the line has a gap. */
  readonly values: readonly (number | undefined)[];
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 10;
const TOP = 26;
const BOTTOM = 24;
const INNER_WIDTH: number = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT: number = HEIGHT - TOP - BOTTOM;
/** Colours there are; more lines begin anew. */
const COLOURS = 8;

export function lineChart(chart: LineChart): string {
  const { title, lines, pieceMs, shades } = chart;
  const pieces = Math.max(...lines.map(({ values }) => values.length), 1);
  const totalMs = pieces * pieceMs;
  const x = (atMs: number): number => LEFT + (Math.min(atMs, totalMs) / totalMs) * INNER_WIDTH;
  const scale = scaleOf(chart);
  const shaded = shades.map(({ fromMs, toMs }) => {
    return `<rect class="shade" x="${fixed(x(fromMs))}" y="${TOP}" width="${fixed(x(toMs) - x(fromMs))}" height="${INNER_HEIGHT}"/>`;
  });
  const grid = scale.ticks.map((value) => {
    const y = fixed(scale.y(value));
    return `<line class="grid" x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}"/><text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${escaped(chart.label(value))}</text>`;
  });
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    return `<text x="${fixed(x(totalMs * part))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${(totalMs * part) / 1_000} s</text>`;
  });
  const drawn = lines.map(({ name, values }, i) => {
    const path = pathOf(values, (piece) => x((piece + 0.5) * pieceMs), scale.y);
    return `<path class="line s${i % COLOURS}" d="${path}"><title>${escaped(name)}</title></path>`;
  });
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    `<text class="title" x="${LEFT}" y="14">${escaped(title)}</text>`,
    ...shaded,
    ...grid,
    ...times,
    ...drawn,
    "</svg>",
  ].join("\n");
}

interface Scale {
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
}

function scaleOf({ lines, scale, atLeast }: LineChart): Scale {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const top = Math.max(atLeast, ...known);
  if (scale === "linear") {
    const y = (value: number): number => TOP + INNER_HEIGHT * (1 - value / top);
    return { y, ticks: [0, top / 2, top] };
  }
  // Whole powers of ten around everything.
  const low = Math.floor(Math.log10(Math.max(0.1, Math.min(top, ...known.filter((value) => value > 0)))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(top)));
  const y = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
    return TOP + INNER_HEIGHT * (1 - share);
  };
  return { y, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}

/** From point to point by how far they are apart, in tenths: half as long as with places, and as exact. */
function pathOf(values: Line["values"], x: (piece: number) => number, y: (value: number) => number): string {
  let path = "";
  let drawing = false;
  let lastX = 0;
  let lastY = 0;
  values.forEach((value, piece) => {
    if (value !== undefined) {
      const atX = Math.round(x(piece) * 10);
      const atY = Math.round(y(value) * 10);
      const [byX, byY] = [drawing ? atX - lastX : atX, drawing ? atY - lastY : atY].map((tenths) => tenths / 10);
      path += drawing && byY === 0 ? `h${byX}` : `${drawing ? "l" : "M"}${byX} ${byY}`;
      [lastX, lastY] = [atX, atY];
    }
    drawing = value !== undefined;
  });
  return path;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

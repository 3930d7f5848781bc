import { mark, svg } from "./dom.js";

const POINTS = 60;
const [WIDTH, HEIGHT] = [120, 28];

/**
 * A small line of the last values, for the eyes only: the newest stands beside it in digits.
 *
 * @param {Element} place
 */
export function spark(place) {
  const [area, line] = [svg("path", { class: "area" }), svg("path", { class: "line" })];
  const viewBox = `0 0 ${WIDTH} ${HEIGHT}`;
  place.append(svg("svg", { viewBox, preserveAspectRatio: "none", "aria-hidden": "true", class: "spark" }, area, line));
  /** @type {number[]} */
  let values = [];
  return {
    /** @param {number | undefined} value undefined: a gap, drawn as the value before */
    add(value) {
      const next = value ?? values.at(-1);
      if (next === undefined) return;
      values = [...values, next].slice(-POINTS);
      const most = Math.max(...values, 1e-9);
      const step = WIDTH / (POINTS - 1);
      const points = values.map((one, at) => {
        const x = WIDTH - (values.length - 1 - at) * step;
        return `${x.toFixed(1)} ${(HEIGHT - 1.5 - (one / most) * (HEIGHT - 3)).toFixed(1)}`;
      });
      const d = values.length < 2 ? "" : `M${points.join("L")}`;
      const start = (WIDTH - (values.length - 1) * step).toFixed(1);
      mark(line, "d", d);
      mark(area, "d", d === "" ? "" : `${d}L${WIDTH} ${HEIGHT}L${start} ${HEIGHT}Z`);
    },
    clear() {
      values = [];
      mark(line, "d", "");
      mark(area, "d", "");
    },
  };
}

/** @import { Condition } from "./dom.js" */
import { mark, svg } from "./dom.js";

/**
 * @typedef {object} Thread
 * @property {number} y where it ends, in px from the top
 * @property {number} share of the traffic, 0 to 1; decides how thick it is
 * @property {Condition} condition
 * @property {boolean} chosen
 */

/**
 * Threads from one thing to many, as thick as their traffic: what runs where, at a glance. For the eyes only: the
 * lists on both sides say the same in words.
 *
 * @param {HTMLElement} place
 */
export function fan(place) {
  const picture = svg("svg", { "aria-hidden": "true", focusable: "false" });
  place.append(picture);
  /** @type {SVGPathElement[]} */
  const paths = [];
  return {
    /** @param {number | undefined} fromY undefined: from nothing @param {readonly Thread[]} threads */
    draw(fromY, threads) {
      const { clientWidth: width, clientHeight: height } = place;
      mark(picture, "viewBox", `0 0 ${width} ${height}`);
      const drawn = fromY === undefined || width === 0 ? [] : threads.filter(({ y }) => y > -30 && y < height + 30);
      while (paths.length < drawn.length) paths.push(picture.appendChild(svg("path")));
      for (const [at, path] of paths.entries()) {
        const thread = drawn[at];
        path.toggleAttribute("hidden", thread === undefined);
        if (thread === undefined || fromY === undefined) continue;
        const half = width / 2;
        mark(path, "d", `M0 ${fromY}C${half} ${fromY} ${half} ${thread.y} ${width} ${thread.y}`);
        mark(path, "data-is", thread.condition);
        path.classList.toggle("chosen", thread.chosen);
        path.style.strokeWidth = `${1 + 5 * Math.sqrt(Math.min(1, thread.share))}px`;
      }
    },
  };
}

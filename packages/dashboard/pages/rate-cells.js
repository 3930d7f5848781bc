/** @import { Rates } from "./types.d.ts" */
import { failsOften } from "./conditions.js";
import { cell, say, sayLength } from "./dom.js";
import { length, percent, rate } from "./format.js";

/** The cells that services and endpoints have in common: how much, how well, how fast. */
export function rateCells() {
  const [perSecond, success, p50, p99] = [cell("num"), cell("num"), cell("num half"), cell("num")];
  return {
    cells: [perSecond, success, p50, p99],
    /** @param {Rates} rates */
    show(rates) {
      say(perSecond, rate(rates.perSecond));
      say(success, percent(rates.successRatio));
      success.classList.toggle("worse", failsOften(rates));
      sayLength(p50, length(rates.p50Ms));
      sayLength(p99, length(rates.p99Ms));
    },
    /** Nothing is known yet. */
    wait() {
      for (const one of [perSecond, success, p50, p99]) say(one, "…");
    },
  };
}

/** @import { Overview, Rates } from "./types.d.ts" */
import { failsOften } from "./conditions.js";
import { el, sayLength } from "./dom.js";
import { count, length, percent, rate } from "./format.js";
import { spark } from "./spark.js";

/** Between two points of the small lines, in ms: answers may come more often, when one scrolls. */
const POINT_MS = 900;

/** The whole sidecar in a few numbers. @param {HTMLElement} place */
export function figures(place) {
  const calls = figure(place, "Calls", true);
  const success = figure(place, "Success", true);
  const p50 = figure(place, "Half within (p50)", true);
  const p99 = figure(place, "99 % within (p99)", true);
  const running = figure(place, "Running now", true);
  const endpoints = figure(place, "Endpoints", false);
  let pointAtMs = Number.NEGATIVE_INFINITY;
  return {
    /** @param {Overview} overview @param {Rates} rates @param {number | undefined} perSecond just now */
    update({ services, atMs }, rates, perSecond) {
      const point = atMs - pointAtMs >= POINT_MS || atMs < pointAtMs;
      if (point) pointAtMs = atMs;
      const known = services.reduce((sum, { members }) => sum + members.total, 0);
      const available = services.reduce((sum, { members }) => sum + members.available, 0);
      const under = services.reduce((sum, service) => sum + service.calls.running, 0);
      calls.show([rate(rates.perSecond), "a second"], point, perSecond);
      success.show(
        [percent(rates.successRatio), rates.successRatio === undefined ? "" : "%"],
        point,
        rates.successRatio,
      );
      p50.show(length(rates.p50Ms), point, rates.p50Ms);
      p99.show(length(rates.p99Ms), point, rates.p99Ms);
      running.show([count(under), under === 1 ? "call" : "calls"], point, under);
      endpoints.show([count(available), `of ${count(known)} take traffic`], false);
      success.element.classList.toggle("bad", failsOften(rates));
    },
    /** The lines begin anew, as after a restart. */
    clear() {
      for (const one of [calls, success, p50, p99, running]) one.clear();
    },
  };
}

/** @param {HTMLElement} place @param {string} name @param {boolean} withLine */
function figure(place, name, withLine) {
  const value = el("dd");
  const element = el("dl", { class: "figure" }, el("dt", {}, name), value);
  place.append(element);
  const line = withLine ? spark(element) : undefined;
  return {
    element,
    /** @param {readonly [string, string]} text @param {boolean} point whether the line gets one more @param {number} [at] */
    show(text, point, at) {
      sayLength(value, text);
      if (point) line?.add(at);
    },
    clear: () => line?.clear(),
  };
}

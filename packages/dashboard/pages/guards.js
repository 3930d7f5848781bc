/** @import { Limit, Rates, Service } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
import { byId, el, glyph, mark, say, shape } from "./dom.js";
import { about, count, length, lengthText } from "./format.js";

/**
 * What protects a service and its callers: breaker, limits, retry budget; how fresh the list of endpoints is, which of
 * them are used, and how calls divide among zones.
 */
export function guards() {
  const place = byId("guards");
  const list = el("dl");
  const none = el("p", { class: "sub" }, "Choose a service.");
  place.append(none, list);
  const latency = histogram(list);
  const breaker = fact(list, "Circuit");
  const calls = fact(list, "Calls", true);
  const connections = fact(list, "Connections", true);
  const retries = fact(list, "Retries left");
  const discovery = fact(list, "Discovery");
  const subset = fact(list, "Endpoints used");
  const zones = fact(list, "Zones");
  const balancer = fact(list, "Balancer");
  return {
    /** @param {Service | undefined} service @param {Rates} rates @param {readonly number[]} boundsMs @param {number} ageMs */
    update(service, rates, boundsMs, ageMs) {
      say(byId("guards-title"), service === undefined ? "Guards" : `Guards of ${service.name}`);
      list.hidden = service === undefined;
      none.hidden = service !== undefined;
      if (service === undefined) return;
      breaker.show(...breakerText(service.breaker, ageMs));
      calls.limit(service.calls);
      connections.limit(service.connections);
      retries.show(...retriesText(service));
      discovery.show(...discoveryText(service, ageMs));
      subset.show(undefined, service.subset ?? "all");
      zones.show(...zonesText(service));
      balancer.show(undefined, `${service.balancer}, typically ${lengthText(service.typicalMs)}`);
      latency.show(rates.latency, boundsMs);
    },
  };
}

/** @param {Service["breaker"]} breaker @param {number} ageMs @returns {[Condition, string]} */
function breakerText(breaker, ageMs) {
  if (breaker === null) return ["idle", "none"];
  const ms = Math.max(0, (breaker.nextTrialMs ?? 0) - ageMs);
  switch (breaker.state) {
    case "closed":
      return ["well", "closed: calls flow"];
    case "open":
      return ["down", `open: calls are refused, next trial ${ms > 0 ? `in ${about(ms)}` : "now"}`];
    default:
      return ["trial", "half-open: trial calls decide"];
  }
}

/** @param {Service} service @returns {[Condition, string]} */
function retriesText({ retriesLeft, retries }) {
  if (retriesLeft === null || retries === null) return ["idle", "none: the policy allows no retries"];
  if (retriesLeft < 1) return ["trouble", "0: the budget is spent"];
  const { running, most } = retries;
  return running < most
    ? ["well", count(retriesLeft)]
    : ["trouble", `${count(retriesLeft)}, and ${running} of ${most} under way`];
}

/** @param {Service} service @param {number} ageMs @returns {[Condition, string]} */
function discoveryText({ discovery, source, panic }, ageMs) {
  const { state, staleMs, error } = discovery;
  const age = about((staleMs ?? 0) + ageMs);
  const ignored = panic ? ". None passes the checks, so these are ignored." : "";
  const why = error === undefined ? "" : ` (${error})`;
  switch (state) {
    case "live":
      return [panic ? "trouble" : "well", `live: ${source}${ignored}`];
    case "stale":
      return ["trouble", `stale for ${age}: ${source} cannot be asked${why}${ignored}`];
    case "snapshot":
      return ["trouble", `read from disk, ${age} old: ${source} has not answered${why}${ignored}`];
    default:
      return ["trial", `waiting: ${source} has not answered yet${why}`];
  }
}

/** @param {Service} service @returns {[Condition, string]} */
function zonesText({ zonesOff, groups }) {
  if (zonesOff !== null) return ["idle", `off because ${zonesOff}`];
  const zoned = groups.filter(({ zone }) => zone !== null);
  if (zoned.length === 0) return ["idle", "do not count"];
  const spill = zoned.find((group) => group.spill !== null)?.spill;
  const shares = zoned.map(({ zone, share }) => `${zone || "none"} ${Math.round(share * 100)} %`).join(", ");
  return spill === undefined || spill === null ? ["well", shares] : ["trouble", `${shares}: ${spill}`];
}

/** @param {HTMLElement} list @param {string} name @param {boolean} [withMeter] */
function fact(list, name, withMeter = false) {
  const [sign, words, part] = [glyph(), el("span"), el("i")];
  const meter = el("div", { class: "meter", role: "meter", "aria-label": name, "aria-valuemin": "0" }, part);
  const value = el("dd", {}, sign, words);
  if (withMeter) value.append(meter);
  const line = el("div", {}, el("dt", {}, name), value);
  list.append(line);
  /** @param {Condition | undefined} condition @param {string} text */
  const show = (condition, text) => {
    sign.toggleAttribute("hidden", condition === undefined);
    if (condition !== undefined) shape(sign, condition);
    say(words, text);
  };
  return {
    show,
    /** @param {Limit} limit */
    limit({ running, most }) {
      const ratio = most === 0 ? 1 : Math.min(1, running / most);
      const condition = ratio >= 1 ? "down" : ratio >= 0.9 ? "trouble" : "well";
      show(condition, `${count(running)} of ${Number.isFinite(most) ? count(most) : "any number"}`);
      mark(meter, "data-is", condition);
      mark(meter, "aria-valuenow", String(running));
      mark(meter, "aria-valuemax", String(most));
      part.style.width = `${ratio * 100}%`;
    },
  };
}

/** @param {HTMLElement} list */
function histogram(list) {
  const [bars, from, to] = [el("div", { class: "histogram", role: "img" }), el("span"), el("span")];
  const scale = el("div", { class: "scale", "aria-hidden": "true" }, from, to);
  list.append(el("div", {}, el("dt", {}, "Latency"), el("dd", {}, bars, scale)));
  return {
    /** @param {readonly number[]} counts @param {readonly number[]} boundsMs */
    show(counts, boundsMs) {
      const first = Math.max(0, counts.findIndex((value) => value > 0) - 1);
      const last = Math.max(first + 5, counts.findLastIndex((value) => value > 0) + 1);
      const most = Math.max(1, ...counts);
      const seen = boundsMs.slice(first, last + 1);
      while (bars.childElementCount < seen.length) bars.append(el("i"));
      while (bars.childElementCount > seen.length) bars.lastElementChild?.remove();
      for (const [at, bar] of [...bars.children].entries()) {
        const value = counts[first + at] ?? 0;
        if (bar instanceof HTMLElement) bar.style.height = `${(value / most) * 100}%`;
        mark(bar, "title", `up to ${lengthText(seen[at])}: ${count(value)}`);
      }
      say(from, lengthText(first === 0 ? 0 : boundsMs[first - 1]));
      say(to, lengthText(seen.at(-1)));
      const all = counts.reduce((sum, value) => sum + value, 0);
      const [peak, unit] = length(boundsMs[counts.indexOf(Math.max(...counts))]);
      mark(bars, "aria-label", all === 0 ? "No call ended" : `${count(all)} calls, most of them up to ${peak} ${unit}`);
    },
  };
}

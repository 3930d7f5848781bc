/** @import { Rates, Service } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
/** @import { View } from "./view.js" */
import { serviceCondition, WEIGHT } from "./conditions.js";
import { byId, cell, el, glyph, mark, say, shape } from "./dom.js";
import { count } from "./format.js";
import { rateCells } from "./rate-cells.js";
import { rows } from "./rows.js";

/** @typedef {{ service: Service; rates: Rates; condition: Condition; words: readonly string[] }} Known */

const ROW = 50;

/**
 * The services, those in trouble first or as one likes.
 *
 * @param {(name: string) => void} chosen
 * @param {() => void} moved
 */
export function servicesList(chosen, moved) {
  /** @type {Known[]} */
  let listed = [];
  let selected = "";
  const list = rows({
    grid: byId("services"),
    height: ROW,
    id: "service",
    make: makeRow,
    chosen: (at) => chosen(listed[at]?.service.name ?? ""),
    moved,
    isChosen: (at) => listed[at]?.service.name === selected,
  });
  return {
    /** @param {readonly Known[]} all @param {View} view @param {string} shown the service whose endpoints are shown */
    update(all, view, shown) {
      selected = shown;
      const find = view.find.toLowerCase();
      listed = all.filter(({ service }) => service.name.toLowerCase().includes(find)).sort(ORDER[view.order]);
      list.update(listed.length, (at) => listed[at]);
      say(byId("services-count"), find === "" ? count(all.length) : `${count(listed.length)} of ${count(all.length)}`);
      const none = byId("services-none");
      none.hidden = listed.length > 0;
      say(
        none,
        all.length === 0
          ? "No service yet: the policy lists none, and none was called."
          : `No service is called like “${view.find}”.`,
      );
    },
    /** For the threads: where each row in sight is. */
    inSight() {
      const { first, last } = list.sight();
      return listed.slice(first, last).map((known, at) => ({ known, y: list.middleOf(first + at) }));
    },
    /** Where the row of the selected service is; undefined: it is filtered out. */
    selectedY() {
      const at = listed.findIndex(({ service }) => service.name === selected);
      return at < 0 ? undefined : list.middleOf(at);
    },
  };
}

/** @type {Readonly<Record<View["order"], (a: Known, b: Known) => number>>} */
export const ORDER = {
  trouble: (a, b) => WEIGHT[a.condition] - WEIGHT[b.condition] || byName(a, b),
  traffic: (a, b) => (b.rates.perSecond ?? 0) - (a.rates.perSecond ?? 0) || byName(a, b),
  name: byName,
};

/** @param {Known} a @param {Known} b */
function byName(a, b) {
  return a.service.name < b.service.name ? -1 : 1;
}

/**
 * @param {readonly Service[]} services
 * @param {(name: string) => Rates} ratesOf
 * @param {number} ageMs
 * @returns {Known[]}
 */
export function knownServices(services, ratesOf, ageMs) {
  return services.map((service) => {
    const rates = ratesOf(service.name);
    return { service, rates, ...serviceCondition(service, rates, ageMs) };
  });
}

/** @param {HTMLElement} row */
function makeRow(row) {
  const sign = glyph();
  const [name, sub] = [el("span", { class: "name" }), el("span", { class: "sub" })];
  const numbers = rateCells();
  const [available, part, rest] = [el("span"), el("i"), el("i")];
  const share = el("span", { class: "share", "aria-hidden": "true" }, part, rest);
  row.append(cell("", sign), cell("two", name, sub), ...numbers.cells, cell("num minor", available, share));
  /** @param {Known | undefined} known */
  return (known) => {
    if (known === undefined) return;
    const { service, rates, condition, words } = known;
    const { members } = service;
    const bad = words.length > 0;
    shape(sign, condition);
    mark(row, "data-is", condition);
    mark(row, "aria-label", `${service.name}: ${bad ? words.join(", ") : condition}`);
    say(name, service.name);
    mark(name, "title", service.name);
    say(sub, bad ? words.join(" · ") : condition === "idle" ? "no calls" : service.source);
    mark(sub, "title", [...words, service.source].join(" · "));
    sub.classList.toggle("worse", bad);
    numbers.show(rates);
    say(available, `${count(members.available)}/${count(members.total)}`);
    part.style.flex = String(members.available);
    rest.style.flex = String(members.total - members.available);
  };
}

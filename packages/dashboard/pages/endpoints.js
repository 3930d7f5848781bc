/** @import { Endpoint, EndpointPage, Rates } from "./types.d.ts" */
/** @import { View } from "./view.js" */
import { endpointCondition } from "./conditions.js";
import { byId, cell, el, glyph, mark, say, shape } from "./dom.js";
import { about, count } from "./format.js";
import { rateCells } from "./rate-cells.js";
import { rows } from "./rows.js";

const ROW = 50;
/** At most so many in one answer, whatever the height of the screen. */
const MOST = 120;

/**
 * The endpoints of the service that is shown. Of thousands only those in sight are known, and asked for.
 *
 * @param {(id: string) => Rates} ratesOf
 * @param {() => void} moved others are to be asked for
 */
export function endpointsList(ratesOf, moved) {
  /** @type {Map<number, Endpoint>} by place among those that match */
  let known = new Map();
  let [service, total, answeredMs] = ["", 0, 0];
  /** How long each ejection was when it was first seen, in ms, by id: what the line that gets shorter began with. */
  const whole = new Map();
  const list = rows({ grid: byId("endpoints"), height: ROW, id: "endpoint", make: makeRow, chosen: () => {}, moved });

  /** @param {HTMLElement} row */
  function makeRow(row) {
    const sign = glyph();
    const [name, sub] = [el("span", { class: "name" }), el("span", { class: "sub" })];
    const [numbers, running] = [rateCells(), cell("num minor")];
    const left = el("span", { class: "left", "aria-hidden": "true" });
    row.append(cell("", sign), cell("two", name, sub), ...numbers.cells, running, left);
    /** @param {Endpoint | undefined} endpoint */
    return (endpoint) => {
      row.classList.toggle("unknown", endpoint === undefined);
      left.hidden = endpoint === undefined || endpoint.ejectedForMs === null;
      if (endpoint === undefined) {
        shape(sign, "idle");
        for (const one of [name, running]) say(one, "…");
        numbers.wait();
        return say(sub, "");
      }
      const rates = ratesOf(endpoint.id);
      const { condition, word } = endpointCondition(endpoint, rates);
      shape(sign, condition);
      mark(row, "data-is", condition);
      mark(row, "aria-label", `${endpoint.id}: ${word}${endpoint.available ? "" : `, ${reasonOf(endpoint)}`}`);
      say(name, endpoint.id);
      mark(name, "title", endpoint.id);
      const words = endpoint.available ? aboutIt(endpoint) : whyOut(endpoint);
      say(sub, words);
      mark(sub, "title", `${endpoint.address}, ${words}`);
      sub.classList.toggle("worse", !endpoint.available);
      numbers.show(rates);
      say(running, count(endpoint.pending));
      if (endpoint.ejectedForMs !== null)
        left.style.transform = `scaleX(${remainingMs(endpoint) / (whole.get(endpoint.id) ?? 1)})`;
    };
  }

  /** @param {Endpoint} endpoint */
  function remainingMs({ ejectedForMs }) {
    return Math.max(0, (ejectedForMs ?? 0) - (performance.now() - answeredMs));
  }

  /** The reason as the sidecar says it, with what is left counted down here. @param {Endpoint} endpoint */
  function whyOut(endpoint) {
    if (endpoint.ejectedForMs === null) return endpoint.why;
    const ms = remainingMs(endpoint);
    return `${ms > 0 ? `trial in ${about(ms)}` : "next call is its trial"} · ${reasonOf(endpoint)}`;
  }

  return {
    /** What is in sight, as a question to the sidecar. @param {View} view @param {string} name of the service */
    question(view, name) {
      const { first, last } = list.sight();
      const limit = Math.min(MOST, Math.max(20, last - first + 10));
      const query = new URLSearchParams({ offset: String(Math.max(0, first - 5)), limit: String(limit) });
      if (view.out) query.set("out", "true");
      if (view.like !== "") query.set("like", view.like);
      return `services/${encodeURIComponent(name)}?${query}&counted`;
    },
    /** @param {EndpointPage} page @param {number} offset */
    answered(page, offset) {
      known = new Map(page.endpoints.map((endpoint, at) => [offset + at, endpoint]));
      total = page.matching;
      answeredMs = performance.now();
      for (const id of whole.keys()) if (whole.size > 2_000) whole.delete(id);
      for (const { id, ejectedForMs } of page.endpoints) {
        if (ejectedForMs === null) whole.delete(id);
        else whole.set(id, Math.max(ejectedForMs, whole.get(id) ?? 0));
      }
    },
    /** @param {string} name of the service that is shown; another one: nothing is known of its endpoints */
    show(name) {
      if (name === service) return;
      service = name;
      known = new Map();
      total = 0;
      whole.clear();
      list.reset();
    },
    /** From the top, as for other words to find. */
    restart: () => list.reset(),
    /** @param {View} view @param {number | undefined} members of the service; undefined: there is no such service */
    draw(view, members) {
      list.update(total, (at) => known.get(at));
      say(byId("endpoints-of"), service === "" ? "Endpoints" : `Endpoints of ${service}`);
      mark(byId("endpoints-of"), "title", service);
      const part = view.out || view.like !== "";
      say(
        byId("endpoints-count"),
        members === undefined ? "" : part ? `${count(total)} of ${count(members)}` : count(members),
      );
      const none = byId("endpoints-none");
      none.hidden = total > 0;
      say(none, noneText(view, service, members));
    },
    inSight() {
      const { first, last } = list.sight();
      const found = [];
      for (let at = first; at < last; at++) {
        const endpoint = known.get(at);
        if (endpoint !== undefined)
          found.push({
            endpoint,
            condition: endpointCondition(endpoint, ratesOf(endpoint.id)).condition,
            y: list.middleOf(at),
          });
      }
      return found;
    },
  };
}

/** @param {View} view @param {string} service @param {number | undefined} members */
function noneText(view, service, members) {
  if (service === "") return "Choose a service to see its endpoints.";
  if (members === undefined) return `There is no service “${service}” here, or not any more.`;
  if (members === 0) return "Nobody is known to answer for this service.";
  if (view.like !== "") return `No endpoint is called like “${view.like}”${view.out ? " and out of traffic" : ""}.`;
  return view.out ? "All endpoints take traffic." : "…";
}

/** Without the time that is left, which stands still in an answer. @param {Endpoint} endpoint */
function reasonOf({ why }) {
  return why.replace(/is ejected for another [\d.]+ s: /, "");
}

/** @param {Endpoint} endpoint */
function aboutIt({ id, address, zone, weight, failuresInRow }) {
  const parts = id === address ? [] : [address];
  if (zone !== null) parts.push(zone);
  if (weight !== 1) parts.push(`weight ${weight}`);
  if (failuresInRow > 0) parts.push(`${count(failuresInRow)} failed in a row`);
  return parts.length === 0 ? "takes traffic" : parts.join(" · ");
}

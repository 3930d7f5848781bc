/** @import { CallPage, EndedCall } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
/** @import { View } from "./view.js" */
import { byId, cell, glyph, mark, say, sayLength, shape } from "./dom.js";
import { clock, count, length } from "./format.js";
import { rows } from "./rows.js";

const ROW = 34;
/** So many are kept here. More may end in a second than are asked for: the list has the newest. */
const MOST = 1_000;
const MOST_AT_ONCE = 200;

/**
 * The calls that ended last, newest first.
 *
 * @param {(call: EndedCall) => void} chosen
 */
export function callsList(chosen) {
  /** @type {readonly EndedCall[]} newest first */
  let calls = [];
  /** Newer ones, held back while one points at the list: what one is about to click stays where it is. */
  /** @type {readonly EndedCall[]} */
  let waiting = [];
  let newest = 0;
  let opened = "";
  const grid = byId("calls");
  const list = rows({
    grid,
    height: ROW,
    id: "call",
    make: makeRow,
    chosen: (at) => {
      const call = calls[at];
      if (call !== undefined) chosen(call);
    },
    isChosen: (at) => {
      const call = calls[at];
      return call !== undefined && nameOf(call) === opened;
    },
  });
  const isHeld = () => calls.length > 0 && grid.matches(":hover, :focus-visible");

  function flow() {
    if (waiting.length === 0 || isHeld()) return;
    // Who has scrolled down reads: what is read stays where it is.
    if (grid.scrollTop > 0) grid.scrollTop += waiting.length * ROW;
    calls = waiting.concat(calls).slice(0, MOST);
    waiting = [];
  }

  return {
    /** @param {View} view @param {string} service that is shown */
    question(view, service) {
      const query = new URLSearchParams({ last: String(MOST_AT_ONCE) });
      if (newest > 0) query.set("since", String(newest));
      if (!view.all && service !== "") query.set("service", service);
      if (view.failed) query.set("failed", "true");
      return `calls?${query}`;
    },
    /** @param {CallPage} page */
    answered(page) {
      if (page.newest < newest) calls = waiting = []; // the sidecar has begun anew
      newest = page.newest;
      waiting = page.calls.toReversed().concat(waiting).slice(0, MOST);
    },
    /** Others are asked for. */
    restart() {
      calls = waiting = [];
      newest = 0;
      list.reset();
    },
    /** @param {View} view @param {string} service @param {boolean} answers whether any were asked for yet */
    draw(view, service, answers) {
      opened = view.call;
      flow();
      list.update(calls.length, (at) => calls[at]);
      const of = view.all || service === "" ? "of all services" : `to ${service}`;
      say(byId("calls-count"), waiting.length === 0 ? of : `${of}, ${count(waiting.length)} newer held back`);
      const none = byId("calls-none");
      none.hidden = calls.length > 0;
      say(
        none,
        !answers ? "…" : view.failed ? "No call that failed or was tried again is kept." : "No call has ended yet.",
      );
    },
  };
}

/** @param {EndedCall} call */
export function nameOf(call) {
  return `${call.service}:${call.call}`;
}

/** What the caller got, in a few words. @param {EndedCall} call */
export function answerText({ status, grpcStatus, error }) {
  const parts = status === 0 ? [] : [String(status)];
  if (grpcStatus !== null) parts.push(`grpc ${grpcStatus}`);
  if (error !== null) parts.push(error);
  return parts.length === 0 ? "no answer" : parts.join(" · ");
}

/** @param {EndedCall} call @returns {{ condition: Condition; word: string }} */
export function callCondition({ failed, attempts, refused }) {
  if (refused !== null) return { condition: failed ? "down" : "trouble", word: "refused" };
  if (failed) return { condition: "down", word: "failed" };
  return attempts > 1 ? { condition: "trouble", word: "tried again" } : { condition: "well", word: "went well" };
}

/** @param {HTMLElement} row */
function makeRow(row) {
  const sign = glyph();
  const [ended, service, endpoint, answer] = [cell(""), cell("cut name"), cell("cut sub where"), cell("cut")];
  const [attempts, took] = [cell("num minor"), cell("num")];
  row.append(cell("", sign), ended, service, endpoint, answer, attempts, took);
  /** @param {EndedCall | undefined} call */
  return (call) => {
    if (call === undefined) return;
    const { condition, word } = callCondition(call);
    shape(sign, condition);
    mark(row, "data-is", condition);
    mark(row, "aria-label", `Call ${call.call} to ${call.service}, ${word}`);
    say(ended, clock(Date.parse(call.startedAt) + call.durationMs));
    say(service, call.service);
    mark(service, "title", call.service);
    say(endpoint, call.endpoint ?? "nowhere");
    mark(endpoint, "title", call.endpoint ?? "");
    say(answer, answerText(call));
    mark(answer, "title", answerText(call));
    answer.classList.toggle("worse", call.failed);
    say(attempts, count(call.attempts));
    attempts.classList.toggle("worse", call.attempts > 1);
    sayLength(took, length(call.durationMs));
  };
}

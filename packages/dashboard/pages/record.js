/** @import { Candidate, Decision, EndedCall, Explanation } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
import { ask, NoAnswer } from "./ask.js";
import { answerText, callCondition } from "./calls.js";
import { byId, el, glyph, shape } from "./dom.js";
import { clock, count, lengthText, percent } from "./format.js";

/**
 * Why one call went as it did, beside the page. Asked for when it is opened, and only then.
 *
 * @param {() => void} closed
 */
export function record(closed) {
  const place = byId("record");
  /** @type {AbortController | undefined} of the question under way */
  let asking;
  let opened = "";
  /** @type {Element | null} what had the focus before */
  let before = null;
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    closed();
  });

  /** @param {string} title @param {...Node} content */
  function show(title, ...content) {
    const close = el("button", { type: "button" }, "Close");
    close.addEventListener("click", closed);
    const hadFocus = place.contains(document.activeElement);
    const heading = el("h2", { id: "record-title", tabindex: "-1" }, title);
    place.replaceChildren(el("header", {}, heading, close), el("div", { class: "scroll", tabindex: "0" }, ...content));
    if (hadFocus || before !== null) heading.focus({ preventScroll: true });
  }

  return {
    /** @param {string} name `service:number`; empty: none */
    open(name) {
      if (name === opened) return;
      asking?.abort();
      if (opened === "" && name !== "") before = document.activeElement;
      opened = name;
      place.hidden = name === "";
      if (name === "") {
        place.replaceChildren();
        if (before instanceof HTMLElement) before.focus({ preventScroll: true });
        before = null;
        return;
      }
      const at = name.lastIndexOf(":");
      const [service, call] = [name.slice(0, at), name.slice(at + 1)];
      const title = `Call ${call} to ${service}`;
      const own = new AbortController();
      asking = own;
      show(title, el("p", { class: "sub" }, "Asking the sidecar…"));
      const query = new URLSearchParams({ service, call, format: "json", limit: "0" });
      ask(`explain?${query}`, own.signal).then(
        (value) => show(title, ...recordOf(value)),
        (error) => {
          if (own.signal.aborted) return;
          const why = error instanceof NoAnswer ? error.message : "its answer is not one that this page can read";
          show(title, el("p", {}, `There is no record: ${why}.`));
        },
      );
    },
  };
}

/** @param {unknown} value @returns {Node[]} @throws NoAnswer for what is no explanation */
function recordOf(value) {
  const { calls } = /** @type {{ calls?: unknown }} */ (value ?? {});
  if (!Array.isArray(calls)) throw new NoAnswer("its answer is not one that this page can read");
  const found = /** @type {Explanation | undefined} the sidecar's own form */ (calls.at(-1));
  if (found === undefined)
    return [
      el("p", {}, "Nothing is kept about this call any more. The newest calls are, and those that failed for longer."),
    ];
  const steps = el("ol", { class: "steps" }, ...found.decisions.map(step));
  return [...(found.end === null ? [] : [facts(found.end)]), steps];
}

/** @param {EndedCall} end */
function facts(end) {
  const { condition, word } = callCondition(end);
  const sign = glyph();
  shape(sign, condition);
  sign.style.display = "inline-block";
  const list = el("dl", { class: "facts", "data-is": condition });
  /** @param {string} name @param {...(Node | string)} value */
  const add = (name, ...value) => list.append(el("dt", {}, name), el("dd", {}, ...value));
  add("Outcome", sign, ` ${word}: ${answerText(end)}`);
  if (end.refused !== null) add("Why", end.refused);
  add("Began", clock(Date.parse(end.startedAt)));
  add("Took", `${lengthText(end.durationMs)}, ${count(end.attempts)} ${end.attempts === 1 ? "attempt" : "attempts"}`);
  add("Endpoint", end.endpoint ?? "none");
  if (end.traceId !== null) add("Trace", el("span", { class: "mono" }, end.traceId));
  return list;
}

/** @param {Decision} decision */
function step(decision) {
  const condition = conditionOf(decision);
  const sign = glyph();
  shape(sign, condition);
  const when = decision.afterMs === undefined ? "" : `after ${lengthText(decision.afterMs)}`;
  const item = el(
    "li",
    { "data-is": condition },
    sign,
    el("p", { class: "when" }, when),
    el("p", {}, sentence(decision)),
  );
  if (decision.candidates !== undefined && decision.candidates.length > 0) item.append(candidates(decision));
  return item;
}

/** The candidates stand in a table: what the sentence says of them would be said twice. @param {Decision} decision */
function sentence({ text, candidates: compared }) {
  const said = text.slice(0, 1).toUpperCase() + text.slice(1);
  return compared === undefined || compared.length === 0 ? said : said.replace(/ \([^()]*: load [^]*?\)(?=;|$)/, "");
}

/** @param {Decision} decision @returns {Condition} */
function conditionOf({ kind, outcome, verdict, endpoint }) {
  switch (kind) {
    case "attempt":
      return outcome === "success" ? "well" : outcome === "ignored" ? "idle" : "down";
    case "pick":
      return endpoint === undefined ? "down" : "idle";
    case "retry":
      return verdict === "retried" || verdict === "renewed" ? "trouble" : "down";
    case "refusal":
      return "down";
    default:
      return "idle";
  }
}

/** @param {Decision} decision */
function candidates({ candidates: all = [], endpoint }) {
  const names = ["Candidate", "Load", "Latency", "Running", "Failing %", "Weight"];
  const head = el("tr", {}, ...names.map((name, at) => el("th", { scope: "col", class: at === 0 ? "" : "num" }, name)));
  const lines = all.map((one) => {
    const texts = [
      one.endpoint,
      load(one),
      lengthText(one.latencyMs),
      count(one.pending),
      percent(one.failures),
      String(one.weight),
    ];
    const line = el("tr", {}, ...texts.map((text, at) => el("td", { class: at === 0 ? "" : "num" }, text)));
    if (one.endpoint === endpoint) line.className = "taken";
    return line;
  });
  return el("table", {}, el("caption", { hidden: "" }, "Candidates"), el("thead", {}, head), el("tbody", {}, ...lines));
}

/** @param {Candidate} candidate */
function load({ load: value }) {
  return value === null ? "not open" : value.toFixed(2);
}

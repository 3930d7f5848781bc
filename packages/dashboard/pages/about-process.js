/** @import { Overview } from "./types.d.ts" */
import { byId, el, mark, say } from "./dom.js";
import { about } from "./format.js";

/** Which sidecar this is, and what it has to say of itself. */
export function aboutProcess() {
  const refused = notice("trouble");
  const waits = notice("trouble");
  return {
    /** @param {Overview} overview */
    update({ process, policy }) {
      const name = process.service ?? "sidecar";
      say(byId("who"), process.service === null ? "sidecar" : `sidecar of ${name}`);
      document.title = `${name} · weft`;
      const origin = byId("origin").firstElementChild;
      if (origin !== null) say(origin, name);
      const badge = byId("readiness");
      badge.hidden = false;
      mark(badge, "data-is", process.state === "ready" ? "well" : "trouble");
      const since = `process ${process.pid}, since ${process.since}`;
      mark(badge, "title", since);
      say(badge, `${WORDS[process.state]} · up ${about(Date.now() - Date.parse(process.since))}`);
      refused.show("The newest policy file was not taken. The one before is in force.", policy.refused);
      const reasons = process.state === "starting" ? process.reasons.join("\n") : null;
      waits.show("No traffic should come yet.", reasons === "" ? null : reasons);
    },
  };
}

const WORDS = { ready: "Ready", starting: "Starting", draining: "Draining" };

/** @param {string} condition */
function notice(condition) {
  const [title, details] = [el("b"), el("pre", { tabindex: "0" })];
  const element = el("div", { class: "notice", "data-is": condition }, title, details);
  element.hidden = true;
  byId("notices").append(element);
  return {
    /** @param {string} text @param {string | null} why null: there is nothing to say */
    show(text, why) {
      element.hidden = why === null;
      if (why === null) return;
      say(title, text);
      say(details, why);
    },
  };
}

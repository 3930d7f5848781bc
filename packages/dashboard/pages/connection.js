/** @import { Connection } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
import { byId, el, glyph, mark, say, shape } from "./dom.js";
import { about } from "./format.js";

/** Whether what is shown is so now; and if not, how old it is and what happens next. @param {() => void} again */
export function connectionSign(again) {
  const place = byId("connection");
  const [sign, words] = [glyph(), el("span")];
  place.append(sign, words);
  const [told, retry] = [el("span"), el("button", { type: "button" }, "Try now")];
  const notice = el("div", { class: "notice", "data-is": "down" }, told, retry);
  notice.hidden = true;
  byId("notices").append(notice);
  retry.addEventListener("click", again);
  let said = "";
  return {
    /** @param {Connection} connection */
    show(connection) {
      const now = performance.now();
      const { condition, word } = wordOf(connection, now);
      mark(place, "data-kind", connection.kind);
      mark(place, "data-is", condition);
      shape(sign, condition);
      say(words, word);
      // Readers of screens hear of a change, not of each tenth of a second.
      say(byId("connection-kind"), KINDS[connection.kind]);
      document.body.classList.toggle("old", connection.kind === "lost");
      notice.hidden = connection.kind !== "lost";
      if (connection.kind !== "lost") return void (said = "");
      const wait = Math.ceil(Math.max(0, connection.againAtMs - now) / 1000);
      mark(retry, "title", wait > 0 ? `Trying again by itself in ${wait} s` : "Trying");
      // Said once for each reason: a reader of screens need not hear every second.
      const text = `No answer from the sidecar: ${connection.why}. ${connection.atMs === undefined ? "Nothing is known yet." : "What is shown is the last picture."} It is tried again by itself.`;
      if (text !== said) say(told, (said = text));
    },
  };
}

/** @type {Readonly<Record<Connection["kind"], string>>} */
const KINDS = {
  connecting: "Connecting",
  live: "The picture is live",
  slow: "The sidecar answers slowly",
  lost: "",
  paused: "Paused",
};

/** @param {Connection} connection @param {number} now @returns {{ condition: Condition; word: string }} */
function wordOf(connection, now) {
  const old =
    "atMs" in connection && connection.atMs !== undefined
      ? `picture of ${about(now - connection.atMs)} ago`
      : "no picture yet";
  switch (connection.kind) {
    case "connecting":
      return { condition: "idle", word: "Connecting" };
    case "live":
      return { condition: "well", word: "Live" };
    case "slow":
      return { condition: "trouble", word: `Slow: waiting for ${about(now - connection.sinceMs)}, ${old}` };
    case "lost":
      return { condition: "down", word: `No answer, ${old}` };
    case "paused":
      return { condition: "idle", word: `Paused, ${old}` };
    default:
      return connection;
  }
}

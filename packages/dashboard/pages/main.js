/** @import { Connection } from "./types.d.ts" */
/** @import { View } from "./view.js" */
import { aboutProcess } from "./about-process.js";
import { NoAnswer } from "./ask.js";
import { callsList, nameOf } from "./calls.js";
import { connectionSign } from "./connection.js";
import { controls } from "./controls.js";
import { byId, mark, say } from "./dom.js";
import { endpointsList } from "./endpoints.js";
import { figures } from "./figures.js";
import { guards } from "./guards.js";
import { keys } from "./keys.js";
import { picture } from "./picture.js";
import { record } from "./record.js";
import { knownServices, ORDER, servicesList } from "./services.js";
import { nextTheme } from "./theme.js";
import { threads } from "./threads.js";
import { readView, writeView } from "./view.js";
import { watch } from "./watch.js";

/** Between two looks at what counts down. In ms. */
const TICK_MS = 250;

let view = readView(location.search);
/** @type {Connection} */
let connection = { kind: "connecting" };

const known = picture();
const sign = connectionSign(() => asking.now());
const process = aboutProcess();
const numbers = figures(byId("figures"));
const shield = guards();
const lines = threads();
const shown = record(() => change({ call: "" }, true));
const fields = controls((part) => change(part));
const ratesOf = (/** @type {string} */ id) => known.ofEndpoint(view.service, id);
const services = servicesList(choose, drawThreads);
const endpoints = endpointsList(ratesOf, () => (drawThreads(), asking.now()));
const calls = callsList((call) => change({ call: nameOf(call) }, true));

const asking = watch(
  () =>
    known
      .round(() => view, learned, endpoints, calls)
      .then(draw)
      .catch(inWords),
  (told) => {
    connection = told;
    mark(byId("pause"), "aria-pressed", String(asking.paused));
    sign.show(connection);
  },
);

/** @param {unknown} error @throws NoAnswer */
function inWords(error) {
  if (error instanceof NoAnswer) throw error;
  throw new NoAnswer(`this page cannot show what it says (${error instanceof Error ? error.message : error})`);
}

/** @param {boolean} another process answers than before */
function learned(another) {
  const { overview } = known;
  if (overview === undefined) return;
  if (another) numbers.clear();
  process.update(overview);
  numbers.update(overview, known.ofAll(), known.callsNow());
  // Nobody has chosen yet: what needs looking at most.
  const first = knownServices(overview.services, known.ofService, 0).sort(ORDER.trouble)[0];
  if (view.service === "" && first !== undefined) change({ service: first.service.name });
}

/** @param {string} service */
function choose(service) {
  change({ service }, true);
  // Where the lists stand one above the other, what was asked for is further down.
  if (byId("fan-endpoints").clientWidth === 0) byId("endpoints-title").scrollIntoView({ block: "start" });
}

/** Looks at something else. @param {Partial<View>} part @param {boolean} [step] whether Back leads here again */
function change(part, step = false) {
  const before = view;
  view = { ...view, ...part };
  const address = `${location.pathname}${writeView(view)}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  changed(before);
}

/** @param {View} before */
function changed(before) {
  const otherCalls =
    view.failed !== before.failed || view.all !== before.all || (!view.all && view.service !== before.service);
  if (otherCalls) {
    calls.restart();
    known.forgetCalls();
  }
  if (view.out !== before.out || view.like !== before.like) endpoints.restart();
  draw();
  if (otherCalls || view.service !== before.service || view.out !== before.out || view.like !== before.like)
    asking.now();
}

function draw() {
  fields.show(view);
  endpoints.show(view.service);
  shown.open(view.call);
  tick();
}

function tick() {
  const { overview, ageMs } = known;
  sign.show(connection);
  if (overview === undefined) return;
  const all = knownServices(overview.services, known.ofService, ageMs);
  services.update(all, view, view.service);
  const service = overview.services.find(({ name }) => name === view.service);
  endpoints.draw(view, service?.members.total);
  calls.draw(view, view.service, known.hasCalls);
  shield.update(service, known.ofService(view.service), overview.latencyBoundsMs, ageMs);
  drawThreads();
}

function drawThreads() {
  lines.draw(services, endpoints, view.service, ratesOf);
}

function pause() {
  asking.pause(!asking.paused);
  say(byId("pause"), asking.paused ? "Go on" : "Pause");
}

addEventListener("popstate", () => {
  const before = view;
  view = readView(location.search);
  changed(before);
});
byId("pause").addEventListener("click", pause);
byId("theme").addEventListener("click", nextTheme);
for (const [from, key, to] of [
  ["services", "ArrowRight", "endpoints"],
  ["endpoints", "ArrowLeft", "services"],
]) {
  byId(from ?? "").addEventListener("keydown", (event) => event.key === key && byId(to ?? "").focus());
}
keys([
  { keys: ["/"], about: "Find a service", act: () => byId("find").focus() },
  { keys: ["s"], about: "To the services", act: () => byId("services").focus() },
  { keys: ["e"], about: "To the endpoints", act: () => byId("endpoints").focus() },
  { keys: ["c"], about: "To the calls", act: () => byId("calls").focus() },
  { keys: ["↑", "↓", "Home", "End"], about: "Move in a list" },
  { keys: ["←", "→"], about: "Between services and endpoints" },
  { keys: ["Enter"], about: "Choose a service, open a call's record" },
  { keys: ["Escape"], about: "Close", act: () => view.call !== "" && change({ call: "" }, true) },
  { keys: ["o"], about: "Only endpoints out of traffic", act: () => change({ out: !view.out }) },
  { keys: ["f"], about: "Only calls that failed or were retried", act: () => change({ failed: !view.failed }) },
  { keys: ["a"], about: "Calls of all services", act: () => change({ all: !view.all }) },
  { keys: ["p"], about: "Pause, go on", act: pause },
  { keys: ["t"], about: "Light, dark, as the system", act: nextTheme },
]);

setInterval(() => document.hidden || tick(), TICK_MS);
addEventListener("resize", drawThreads);
draw();

/** @import { Counted, Endpoint, Overview, Sample } from "./types.d.ts" */
/** @import { View } from "./view.js" */
import { ask, NoAnswer } from "./ask.js";
import { NO_RATES, rateBook, together } from "./rates.js";
import { readCalls, readEndpoints, readOverview } from "./read.js";

/** @typedef {ReturnType<typeof import("./endpoints.js").endpointsList>} EndpointsList */
/** @typedef {ReturnType<typeof import("./calls.js").callsList>} CallsList */

/** Of all services together. No service can have this name: it is empty. */
const ALL = "";

/** What is known of the sidecar: its last answer, and the rates that follow from the ones before. */
export function picture() {
  /** @type {Overview | undefined} */
  let overview;
  let [answeredMs, callsAsked] = [0, false];
  let services = rateBook([]);
  let endpoints = rateBook([]);

  /** @param {Overview} next @returns {boolean} whether it is another process than before, or begins */
  function take(next) {
    const before = overview?.process;
    const another = before?.pid !== next.process.pid || before.since !== next.process.since;
    if (another) {
      services = rateBook(next.latencyBoundsMs);
      endpoints = rateBook(next.answerBoundsMs);
    }
    for (const { name, counted } of next.services) services.add(name, next.atMs, sampleOf(counted));
    services.add(ALL, next.atMs, together(next.services.map(({ counted }) => sampleOf(counted))));
    services.sweep(next.atMs);
    endpoints.sweep(next.atMs);
    overview = next;
    answeredMs = performance.now();
    return another;
  }

  return {
    get overview() {
      return overview;
    },
    /** How old it is, in ms. */
    get ageMs() {
      return performance.now() - answeredMs;
    },
    /** Whether calls were asked for since `forgetCalls`. */
    get hasCalls() {
      return callsAsked;
    },
    forgetCalls: () => void (callsAsked = false),
    /** @param {string} name */
    ofService: (name) => services.of(name),
    ofAll: () => services.of(ALL),
    /** Calls a second between the last two answers. */
    callsNow: () => services.now(ALL),
    /** @param {string} service @param {string} id */
    ofEndpoint: (service, id) => (service === "" ? NO_RATES : endpoints.of(`${service}\n${id}`)),

    /**
     * Asks for all that is shown, one thing after the other.
     *
     * @param {() => View} now what is looked at; answers about something else are dropped
     * @param {(another: boolean) => void} known services are known anew; may choose one
     * @param {EndpointsList} endpointsShown
     * @param {CallsList} callsShown
     * @throws NoAnswer
     */
    async round(now, known, endpointsShown, callsShown) {
      known(take(readOverview(await ask("overview"))));
      const { service, out, like } = now();
      if (overview?.services.some(({ name }) => name === service)) {
        const question = endpointsShown.question(now(), service);
        const answer = await unlessGone(ask(question));
        const view = now();
        if (answer !== undefined && view.service === service && view.out === out && view.like === like) {
          const page = readEndpoints(answer);
          endpointsShown.answered(
            page,
            Number(new URLSearchParams(question.slice(question.indexOf("?"))).get("offset")),
          );
          const atMs = overview.atMs + (performance.now() - answeredMs);
          for (const one of page.endpoints) endpoints.add(`${service}\n${one.id}`, atMs, sampleOfEndpoint(one));
        }
      }
      const question = callsShown.question(now(), now().service);
      const answer = await unlessGone(ask(question));
      if (answer === undefined || question !== callsShown.question(now(), now().service)) return;
      callsShown.answered(readCalls(answer));
      callsAsked = true;
    },
  };
}

/** @param {Counted} counted @returns {Sample} */
function sampleOf({ calls, ended, failed, latency }) {
  return { begun: calls, ended, failed, latency };
}

/** @param {Endpoint} endpoint @returns {Sample} */
function sampleOfEndpoint({ attempts, pending, failed, answers = [] }) {
  return { begun: attempts, ended: attempts - pending, failed, latency: answers };
}

/** A service that left between two questions is no reason to doubt the sidecar. @param {Promise<unknown>} asked */
async function unlessGone(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NoAnswer && error.status === 404) return undefined;
    throw error;
  }
}

import { setImmediate as nextTurn } from "node:timers/promises";
import type { ServicePolicyInput } from "@weft/config";
import type { Endpoint } from "@weft/core";
import type { Behaviour, FakeEndpoint } from "@weft/testkit";
import type { CallSpec, Stage } from "./home.ts";

/** One thing that happens in a story. */
export type Step = (stage: Stage) => Promise<void>;

/** A call, told when it has ended. `meanwhile` happens while it runs. */
export function call(spec: CallSpec = {}, ...meanwhile: readonly Step[]): Step {
  return async (stage) => {
    const head = Promise.withResolvers<void>();
    stage.head = head.promise;
    const running = stage.home.call(spec, head.resolve);
    stage.over = running.then(
      () => {},
      () => {}, // awaited below; a step that fails first must not leave it unhandled
    );
    for (const step of meanwhile) await step(stage);
    stage.told.push(await running);
  };
}

/** A call of the session that the last cookie told of, and a new one when none did. */
export function again(spec: CallSpec = {}, ...meanwhile: readonly Step[]): Step {
  return async (stage) => {
    const last = stage.told.flatMap(({ cookies }) => cookies).at(-1);
    const headers = { ...spec.headers, ...(last !== undefined && { cookie: last.slice(0, last.indexOf(";")) }) };
    await call({ ...spec, headers }, ...meanwhile)(stage);
  };
}

/** The same call, but the story goes on while it runs: it is waited for at the end. */
export function beside(spec: CallSpec = {}): Step {
  return async (stage) => {
    stage.aside.push(call(spec)(stage));
  };
}

/** The same steps, so many times. */
export function times(count: number, ...steps: readonly Step[]): Step {
  return async (stage) => {
    for (let i = 0; i < count; i++) for (const step of steps) await step(stage);
  };
}

/** The clock moves on. */
export function advance(ms: number): Step {
  return (stage) => stage.advance(ms);
}

/** A call whose endpoint takes so long to answer: its behaviour must be an answer with that `delayMs`. */
export function slowCall(ms: number, spec: CallSpec = {}): Step {
  return call(spec, anyRequest(), advance(ms));
}

/** Some endpoint has read one more request than all had before this step. */
function anyRequest(): Step {
  return async ({ endpoints }) => {
    const found = new AbortController();
    const seen = endpoints.all.map(({ requests }) => requests.length);
    try {
      await Promise.race(endpoints.all.map((each, i) => each.requestCount((seen[i] ?? 0) + 1, found.signal)));
    } finally {
      found.abort();
    }
  };
}

/** What the endpoint does with its next requests or connections. */
export function behaves(index: number, ...behaviours: readonly Behaviour[]): Step {
  return at(index, (endpoint) => endpoint.next(...behaviours));
}

/** What it does from now on. */
export function always(index: number, behaviour: Behaviour): Step {
  return at(index, (endpoint) => endpoint.always(behaviour));
}

/** So many requests are stalled at it. */
export function stalled(index: number, count = 1): Step {
  return at(index, (endpoint) => endpoint.stalled(count));
}

/** The head of an answer has reached the caller. */
export function answered(): Step {
  return (stage) => stage.head;
}

/** A request is stalled, whichever endpoint it went to; or the call that began last has ended instead. */
export function held(): Step {
  return async ({ endpoints, over }) => {
    const found = new AbortController();
    const waits = [over, ...endpoints.all.map((endpoint) => endpoint.stalled(1, found.signal))];
    try {
      await Promise.race(waits);
    } finally {
      found.abort();
    }
  };
}

/** All stalled requests go on. */
export function letGo(): Step {
  return async ({ endpoints }) => {
    for (const endpoint of endpoints.all) endpoint.release();
  };
}

/**
 * It stops listening, and its connections are reset. The resets have arrived by then; each home reads of them within a turn
 * of its event loop, and how many turns lie between two calls is not what homes are compared by.
 */
export function refuses(index: number): Step {
  return at(index, async (endpoint) => {
    await endpoint.refuse();
    await nextTurn();
    await nextTurn();
  });
}

export function comesBack(index: number): Step {
  return at(index, (endpoint) => endpoint.comeBack());
}

/** Every connection that nobody uses ends. Before a long wait: how long a home keeps one is its transport's affair. */
export function idleEnds(): Step {
  return async ({ endpoints }) => {
    for (const endpoint of endpoints.all) endpoint.closeIdle();
    await Promise.all(endpoints.all.map((endpoint) => endpoint.allClosed()));
  };
}

/** Other rules from now on. The balancer is `first` unless they say otherwise. */
export function configures(policy: ServicePolicyInput): Step {
  return ({ home }) => home.configure({ balancer: { kind: "first" }, ...policy });
}

/** An operator takes it out, for so long. */
export function ejects(index: number, forMs: number): Step {
  return ({ home, endpoints }) => home.eject(endpoints.at(index).name, forMs);
}

/** An operator gives it its traffic back. */
export function restores(index: number): Step {
  return ({ home, endpoints }) => home.restore(endpoints.at(index).name);
}

/** The registry knows these endpoints from now on, by their indexes, and says this of each. */
export function members(indexes: readonly number[], about: Partial<Endpoint> = {}): Step {
  return async ({ registry, endpoints }) => {
    registry.set(
      "orders",
      indexes.map((index) => ({ ...endpoints.at(index).asEndpoint(), ...about })),
    );
  };
}

function at(index: number, act: (endpoint: FakeEndpoint) => void | Promise<void>): Step {
  return async ({ endpoints }) => act(endpoints.at(index));
}

import { expect } from "vitest";
import { Agent, type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { createFetch } from "../../packages/client/src/fetch/create-fetch.ts";
import { type Observation, observe, type Reading } from "./observe.ts";
import type { Answer, RawServer, SeenRequest } from "./raw-server.ts";

/** How a call went: all the way by the fast path, from its response on by the built-in fetch, or by that alone. */
export type Route = "fast" | "handed over" | "built-in";

/** Makes a call with either fetch. `origin` is the server's, and each side's `init` must be made anew. */
export type Call = (fetch: typeof globalThis.fetch, origin: string) => Promise<Response>;

export interface Side {
  readonly observation: Observation;
  readonly seen: readonly SeenRequest[];
  readonly route: Route;
}

/** Makes the same call with the built-in fetch and with ours, against the same server, and returns both. */
export async function bothSides(
  server: RawServer,
  answer: Answer,
  call: Call,
  reading?: Reading,
): Promise<{ theirs: Side; ours: Side }> {
  const before = getGlobalDispatcher();
  const theirs = await oneSide(server, answer, reading, (dispatcher) => {
    // So that the built-in fetch gets the very arguments.
    setGlobalDispatcher(dispatcher);
    return { fetch, route: () => "built-in", call };
  });
  setGlobalDispatcher(before);
  const ours = await oneSide(server, answer, reading, (dispatcher) => ({ ...watchedFetch(dispatcher), call }));
  return { theirs, ours };
}

/** Fails unless nobody can tell the two apart, and ours took the route that is expected of it. */
export async function expectNoDifference(
  server: RawServer,
  answer: Answer,
  call: Call,
  route: Route,
  reading?: Reading,
): Promise<void> {
  const { theirs, ours } = await bothSides(server, answer, call, reading);
  expect(ours.observation).toEqual(theirs.observation);
  expect(ours.seen).toEqual(theirs.seen);
  expect(ours.route).toBe(route);
}

/** Our fetch over `dispatcher`, and the route of its last call. */
export function watchedFetch(dispatcher: Dispatcher): { fetch: typeof fetch; route: () => Route } {
  let route: Route = "fast";
  const ours = createFetch({
    dispatcher,
    owns: () => true,
    builtinFetch: (input, init) => {
      const by = init?.dispatcher?.constructor.name;
      if (by !== "Looker") route = by === "HandOver" ? "handed over" : "built-in";
      return fetch(input, init);
    },
  });
  return { fetch: ours, route: () => route };
}

interface Caller {
  readonly fetch: typeof fetch;
  readonly route: () => Route;
  readonly call: Call;
}

async function oneSide(
  server: RawServer,
  answer: Answer,
  reading: Reading | undefined,
  caller: (dispatcher: Dispatcher) => Caller,
): Promise<Side> {
  const agent = new Agent();
  server.become(answer);
  const { fetch: either, route, call } = caller(agent);
  const observation = await observe(() => call(either, server.origin), reading);
  const { seen } = server;
  await agent.destroy();
  return { observation, seen, route: route() };
}

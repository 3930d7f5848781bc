import type { Behaviour, FakeEndpoint } from "@weft/testkit";
import { request } from "undici";
import { expect, test } from "vitest";
import { call } from "./node-http.ts";
import { NOTHING, rig, type Rig } from "./rig.ts";

// One endpoint of three turns bad in the middle of 200 calls. What a retry elsewhere can make good, no caller notices;
// and whatever happened, in the end nothing is held.

const CALLS = 200;
const POLICY = { balancer: { kind: "peak-ewma" }, timeout: { attempt: "2s" } } as const;

const TROUBLES: readonly (readonly [string, (endpoint: FakeEndpoint) => void])[] = [
  ["is killed", (endpoint) => void endpoint.refuse()],
  ["resets every request", turns({ kind: "reset", at: "request" })],
  ["resets every connection", (endpoint) => (endpoint.always({ kind: "reset", at: "accept" }), endpoint.resetAll())],
  ["closes instead of answering", turns({ kind: "close" })],
  ["hangs", turns({ kind: "stall", at: "before-head" })],
  ["answers 503", turns({ status: 503, body: "busy" })],
  ["talks garbage", turns({ kind: "garbage" })],
];

test.each(TROUBLES)("200 calls, one of three endpoints %s: none fails", async (_, trouble) => {
  await using lab = await rig({ count: 3, policy: POLICY });
  const results = await flood(lab, trouble, async () => {
    const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
    await body.dump();
    return statusCode;
  });
  expect(results.filter((result) => result !== 200)).toEqual([]);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test.each(TROUBLES)("200 fetches, one of three endpoints %s: none fails", async (_, trouble) => {
  await using lab = await rig({ count: 3, policy: POLICY });
  const results = await flood(lab, trouble, async () => {
    const response = await lab.mesh.fetch("http://orders/");
    await response.text();
    return response.status;
  });
  expect(results.filter((result) => result !== 200)).toEqual([]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test.each(TROUBLES)("200 calls of node:http, one of three endpoints %s: nothing is left behind", async (_, trouble) => {
  await using lab = await rig({ count: 3, policy: POLICY });
  const agent = lab.mesh.agent();
  const results = await flood(lab, trouble, async () => (await call("http://orders/", { agent })).status);
  expect(results).toHaveLength(CALLS);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("calls aborted at every moment leave nothing behind", async () => {
  await using lab = await rig({ count: 3, policy: POLICY });
  lab.endpoints.at(0).always({ kind: "stall", at: "inside-body", answer: { body: "0123456789" } });
  lab.endpoints.at(1).always({ body: "x".repeat(300_000), chunked: true });
  const agent = lab.mesh.agent();
  let aborted = 0;
  // The abort comes so many turns of the event loop after the call: before, while and after it connects, sends, receives.
  for (let turns = 0; turns < 40; turns++) {
    const abort = new AbortController();
    const { signal } = abort;
    const calls = [
      lab.mesh.fetch("http://orders/", { signal }).then((response) => response.text()),
      request("http://orders/", { dispatcher: lab.mesh.dispatcher, signal }).then(({ body }) => body.text()),
      call("http://orders/", { agent, signal }),
    ];
    for (let i = 0; i < turns; i++) await new Promise(setImmediate);
    abort.abort();
    const settled = await Promise.allSettled(calls);
    aborted += settled.filter(({ status }) => status === "rejected").length;
  }
  expect(aborted).toBeGreaterThan(5); // no machine is so fast, or turns so slowly, that the first turns see an answer
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([0, 0, 0]);
  expect(await lab.closed()).toEqual(NOTHING);
});

function turns(behaviour: Behaviour): (endpoint: FakeEndpoint) => void {
  return (endpoint) => endpoint.always(behaviour);
}

/** 20 callers at once; the trouble begins when half of the calls are done. @returns statuses, or what calls failed with */
async function flood(
  lab: Rig,
  trouble: (endpoint: FakeEndpoint) => void,
  send: () => Promise<number>,
): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  let started = 0;
  async function caller(): Promise<void> {
    while (started < CALLS) {
      started++;
      if (started === CALLS / 2) trouble(lab.endpoints.at(1));
      results.push(await send().catch((error: unknown) => error));
    }
  }
  await Promise.all(Array.from({ length: 20 }, caller));
  return results;
}

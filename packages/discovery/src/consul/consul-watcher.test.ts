import { meshEvents } from "@weft/core";
import type { MeshEvents } from "@weft/core";
import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { Feed } from "../feed.ts";
import { AgentCircuit } from "./agent-circuit.ts";
import { NoAnswer } from "./agent-http.ts";
import type { AgentRequest, AgentResponse } from "./agent-http.ts";
import { ConsulWatcher } from "./consul-watcher.ts";
import { healthBody } from "./fake-agent.suite.ts";
import { SocketBudget } from "./socket-budget.ts";

interface Poll {
  readonly path: string;
  readonly deadlineMs: number;
  answer(body: string, headers?: Readonly<Record<string, string>>, status?: number): void;
  fail(problem: string, cut?: boolean): void;
}

function watched({ sockets = 10 } = {}) {
  const time = fakeTime();
  const random = seededRandom(7);
  const events = meshEvents();
  const held: MeshEvents["discovery.held"][] = [];
  events.on("discovery.held", (event) => held.push(event));
  const feed = new Feed({ service: "orders", source: "test", clock: time, events });
  const polls: Poll[] = [];
  let confirmations = 0;
  const watcher = new ConsulWatcher({
    path: "/orders",
    wan: false,
    waitMs: 55_000,
    maxStaleMs: 30_000,
    feed,
    http: { request: (request) => script(request, polls) },
    circuit: new AgentCircuit(time, random),
    budget: new SocketBudget(sockets),
    token: () => Promise.resolve(""),
    time,
    random,
    events,
    onConfirmed: () => confirmations++,
    onNotice: () => {},
  });
  onTestFinished(() => watcher.close());
  /** The request that waits for an answer now; virtual time goes on until there is one, at most 40 s. */
  async function next(): Promise<Poll> {
    for (let i = 0; i < 400 && polls.length === 0; i++) await time.advance(i === 0 ? 0 : 100);
    const poll = polls.shift();
    if (poll === undefined) throw new Error("nothing was asked within 40 s");
    return poll;
  }
  return { time, feed, watcher, polls, next, held, confirmations: () => confirmations };
}

function script({ path, deadlineMs, signal }: AgentRequest, polls: Poll[]): Promise<AgentResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<AgentResponse>();
  signal.addEventListener("abort", () => reject(signal.reason));
  polls.push({
    path,
    deadlineMs,
    answer(body, headers = { "x-consul-index": "12" }, status = 200) {
      resolve({
        status,
        header: (name) => headers[name],
        raw: Buffer.from(body),
        text: () => Promise.resolve(body),
      });
    },
    fail: (problem, cut = false) => reject(new NoAnswer(problem, cut)),
  });
  return promise;
}

const three = healthBody(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
const none = "[]";

describe("asking", () => {
  test("asks at once without an index, then blocks on the one it was given, with time to spare", async () => {
    const { next } = watched();
    const first = await next();
    expect(first).toMatchObject({ path: "/orders?stale&max_stale=30000ms", deadlineMs: 12_000 });
    first.answer(three);
    // 55 s, a sixteenth that the server may add, and 12 s of slack.
    expect(await next()).toMatchObject({
      path: "/orders?stale&max_stale=30000ms&index=12&wait=55000ms",
      deadlineMs: 55_000 + 3_437.5 + 12_000,
    });
  });

  test.each([{ index: "0" }, { index: undefined }, { index: "x" }, { index: "18446744073709551616" }])(
    "an index of $index never makes it ask faster than twice a second",
    async ({ index }) => {
      const { next, time, watcher } = watched();
      const headers: Record<string, string> = index === undefined ? {} : { "x-consul-index": index };
      while (time.nowMs() < 20_000) (await next()).answer(three, headers);
      expect(watcher.stats().requests).toBeLessThanOrEqual(42);
      expect(watcher.stats().sinceSuccessMs).toBeLessThan(1_000);
    },
  );

  test("starts over when the index goes backwards", async () => {
    const { next, watcher } = watched();
    (await next()).answer(three, { "x-consul-index": "500" });
    (await next()).answer(three, { "x-consul-index": "3" });
    expect((await next()).path).not.toContain("index=");
    expect(watcher.stats().indexResets).toBe(1);
  });

  test("starts over when another backend answers", async () => {
    const { next, watcher } = watched();
    (await next()).answer(three, { "x-consul-index": "5", "x-consul-query-backend": "blocking-query" });
    (await next()).answer(three, { "x-consul-index": "6", "x-consul-query-backend": "streaming" });
    (await next()).answer(three, { "x-consul-index": "7", "x-consul-query-backend": "blocking-query" });
    expect((await next()).path).not.toContain("index=");
    expect(watcher.stats().indexResets).toBe(1);
  });

  test("the same bytes confirm the membership without being read again", async () => {
    const { next, time, feed, watcher } = watched();
    (await next()).answer(three);
    const second = await next();
    await time.advance(55_000);
    second.answer(three, { "x-consul-index": "13" });
    await next();
    expect(watcher.stats().sameAnswers).toBe(1);
    expect(feed.membership).toMatchObject({ version: 1, freshness: { kind: "live", atMs: 55_000 } });
  });

  test.each([
    ["250", 250],
    ["0", 0],
    [undefined, undefined],
    ["-1", undefined],
    ["soon", undefined],
    ["1e400", undefined],
  ])("a server whose last contact with its leader is %s ms ago confirms with %s", async (said, lastContactMs) => {
    const { next, feed } = watched();
    const headers: Record<string, string> = said === undefined ? {} : { "x-consul-lastcontact": said };
    (await next()).answer(three, { "x-consul-index": "12", ...headers });
    (await next()).answer(three, { "x-consul-index": "13", ...headers });
    await next();
    expect(feed.membership.freshness).toEqual({
      kind: "live",
      atMs: 0,
      ...(lastContactMs === undefined ? {} : { lastContactMs }),
    });
  });

  test("polls every 10 to 15 s when no connection is left, and blocks as soon as one is", async () => {
    const { next, time, polls, watcher } = watched({ sockets: 0 });
    (await next()).answer(three);
    await time.advance(9_999);
    expect(polls).toHaveLength(0);
    const poll = await next();
    expect(poll.path).not.toContain("index=");
    expect(time.nowMs()).toBeLessThanOrEqual(15_100);
    expect(watcher.stats().mode).toBe("polling");
  });
});

describe("answers in doubt", () => {
  test("a full service that answers empty is held, confirmed consistently and once more after 5 s, then believed", async () => {
    const { next, feed, time, held } = watched();
    (await next()).answer(three);
    (await next()).answer(none, { "x-consul-index": "13" });
    const confirm = await next();
    expect(confirm.path).toBe("/orders?consistent");
    expect(feed.membership).toMatchObject({ version: 1, freshness: { kind: "live" } });
    confirm.answer(none);
    const last = await next();
    expect(time.nowMs()).toBeGreaterThanOrEqual(5_000);
    last.answer(none);
    await time.advance(0);
    expect(feed.membership).toMatchObject({ endpoints: [], version: 2 });
    expect(held).toEqual([{ service: "orders", reason: "an empty answer after 3 endpoints" }]);
  });

  test("a full answer in between lifts the hold", async () => {
    const { next, feed } = watched();
    (await next()).answer(three);
    (await next()).answer(none);
    (await next()).answer(three, { "x-consul-index": "14" });
    expect((await next()).path).toContain("index=");
    expect(feed.membership.version).toBe(1);
  });

  test("an empty answer without a leader is no answer", async () => {
    const { next, feed, watcher } = watched();
    (await next()).answer(three);
    (await next()).answer(none, { "x-consul-index": "1", "x-consul-knownleader": "false" });
    await next();
    expect(feed.membership.endpoints).toHaveLength(3);
    expect(feed.membership.freshness.kind).toBe("stale");
    expect(watcher.stats()).toMatchObject({ answersHeld: 1, failures: 1 });
  });

  test("a confirmation that fails keeps the hold and the endpoints", async () => {
    const { next, feed } = watched();
    (await next()).answer(three);
    (await next()).answer(none);
    (await next()).answer("No cluster leader", {}, 500);
    const again = await next();
    expect(again.path).toBe("/orders?consistent");
    expect(feed.membership.endpoints).toHaveLength(3);
  });

  test("two of three gone are shown until one more answer says so", async () => {
    const { next, feed, time } = watched();
    (await next()).answer(three);
    (await next()).answer(healthBody(["10.0.0.1"]));
    const confirm = await next();
    expect(feed.membership.endpoints).toHaveLength(3);
    confirm.answer(healthBody(["10.0.0.1"]));
    await time.advance(0);
    expect(feed.membership.endpoints).toHaveLength(1);
  });
});

describe("an agent that is away", () => {
  test("is asked with growing pauses of at most 30 s, for ten minutes and with nothing lost", async () => {
    const { next, feed, time, watcher, polls } = watched();
    (await next()).answer(three);
    (await next()).fail("connect ECONNREFUSED");
    let asked = 0;
    const endMs = time.nowMs() + 600_000;
    while (time.nowMs() < endMs) {
      await time.advance(1_000);
      for (const poll of polls.splice(0)) {
        asked++;
        poll.fail("connect ECONNREFUSED");
      }
    }
    // Full jitter: pauses of 15 s on average once grown, so about 45 questions; 100 would be a storm.
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(100);
    expect(feed.membership).toMatchObject({ version: 1, freshness: { kind: "stale", sinceMs: 0 } });
    expect(feed.membership.endpoints).toHaveLength(3);
    const back = await next();
    expect(back.path).not.toContain("index="); // it shall answer at once, not after a wait
    back.answer(three);
    await time.advance(0);
    expect(feed.membership.freshness).toMatchObject({ kind: "live" });
    expect(watcher.stats()).toMatchObject({ failures: 0, backoffMs: 0 });
  });

  test("cuts of long polls at a steady age are no outage and shorten the wait", async () => {
    const { next, feed, time } = watched();
    (await next()).answer(three);
    for (let i = 0; i < 3; i++) {
      const poll = await next();
      expect(poll.path).toContain("wait=55000ms");
      await time.advance(30_000);
      poll.fail("other side closed", true);
    }
    expect((await next()).path).toContain("index=12&wait=27500ms");
    expect(feed.membership.freshness.kind).toBe("live");
  });

  test("a refused token is blamed only after 30 s and five refusals, and then asked with every 30 s", async () => {
    const { next, feed, time } = watched();
    (await next()).answer(three);
    const errors: string[] = [];
    while (time.nowMs() < 120_000) {
      (await next()).answer("Permission denied", {}, 403);
      await time.advance(0);
      const { freshness } = feed.membership;
      if (freshness.kind === "stale") errors.push(freshness.error);
    }
    expect(errors[4]).toBe("403 Permission denied");
    expect(errors.at(-1)).toBe("the token may not read this service: 403 Permission denied");
    expect(errors.length).toBeLessThan(20);
  });

  test("a mistake in the query is asked again after a minute only", async () => {
    const { next, time, polls } = watched();
    (await next()).answer('Selector "Nope" is not valid', {}, 500);
    await time.advance(59_000);
    expect(polls).toHaveLength(0);
    await time.advance(7_000); // a tenth of jitter
    expect(polls).toHaveLength(1);
  });

  test("too many connections: the watch gives its own up and polls", async () => {
    const { next, watcher, feed } = watched();
    const other = watcher.stats().mode;
    (await next()).answer("Your IP is issuing too many concurrent connections, please rate limit your calls", {}, 429);
    await next();
    expect(other).toBe("blocking");
    expect(feed.membership.freshness).toMatchObject({ kind: "pending", error: expect.stringContaining("429") });
  });
});

test("close ends the loop whatever it waits for, with no timer left", async () => {
  for (const reach of ["request", "backoff", "hold"] as const) {
    const { next, time, watcher } = watched();
    (await next()).answer(three);
    if (reach !== "request") (await next()).answer(reach === "hold" ? none : "no", {}, reach === "hold" ? 200 : 500);
    await time.advance(0);
    await watcher.close();
    expect(time.pending(), reach).toBe(0);
  }
});

import { failure, MeshError } from "@weft/core";
import { describe, expect, test } from "vitest";
import { spanIdOfAttempt } from "../ids.ts";
import { propagation, type Received } from "../propagation/propagation.ts";
import type { Surrounding } from "./call-tracing.ts";
import { recording, START_EPOCH_MS, testHome } from "./home.suite.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const SAMPLED = { traceparent: `00-${TRACE}-${PARENT}-01` };
const UNSAMPLED = { traceparent: `00-${TRACE}-${PARENT}-00` };
const OFF = Number.POSITIVE_INFINITY;
/** A span of the app. */
const AROUND: Surrounding = {
  parent: { traceId: TRACE, spanId: PARENT, sampled: true, random: false },
  sampled: true,
  debug: false,
  tracestate: "a=1",
  forms: 0,
  edits: [],
  remote: false,
};

describe("a place in the trace", () => {
  test("is the caller's trace, below the caller's span", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing, { headers: SAMPLED });
    const sent = call.attempt({ status: 200 });
    call.end();
    const [whole, attempt] = spans;
    expect(call.trace.traceId).toBe(TRACE);
    expect(whole).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, parentRemote: true, sampled: true });
    expect(attempt).toMatchObject({ traceId: TRACE, parentSpanId: whole?.spanId, parentRemote: false });
    expect(sent).toBe(`00-${TRACE}-${attempt?.spanId}-01`);
  });

  test("is a trace of its own when the caller brings none", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    const sent = call.attempt({ status: 200 });
    call.end();
    expect(sent).toBe(`00-${call.trace.traceId}-${spans[1]?.spanId}-03`);
    expect(spans[0]).toMatchObject({ parentSpanId: "", parentRemote: false });
  });

  test.each([
    { attempts: "spans", sampleRatio: 0, says: "an attempt's id", flags: "02" },
    { attempts: "off", sampleRatio: 0, says: "the call's id", flags: "02" },
    { attempts: "off", sampleRatio: 1, says: "the call's id", flags: "03" },
  ] as const)(
    "a trace that begins here with $sampleRatio recorded, attempts $attempts, sends $says",
    ({ attempts, sampleRatio, flags }) => {
      const home = testHome();
      // Ids of its own making, and those that are drawn.
      for (const ids of [{ ids: undefined }, {}]) {
        const rules = { sampleRatio, keepFailed: false, keepSlowerThanMs: OFF };
        const { tracing } = recording(home, { attempts: () => attempts, sampling: () => rules, ...ids });
        const call = home.call(tracing);
        const { traceId } = call.trace;
        const [first, second] = [call.attempt({ status: 503 }), call.attempt({ status: 200 })];
        const spanId = /-([0-9a-f]{16})-/.exec(first)?.[1] ?? "";
        const next = attempts === "off" ? spanId : spanIdOfAttempt(spanId, 1);
        expect([first, second]).toEqual([spanId, next].map((id) => `00-${traceId}-${id}-${flags}`));
        expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      }
    },
  );

  test("each attempt sends an id of its own", () => {
    const home = testHome();
    const { tracing } = recording(home);
    const call = home.call(tracing);
    const sent = [call.attempt({ status: 503 }), call.attempt({ status: 503 }), call.attempt({ status: 200 })];
    expect(new Set(sent).size).toBe(3);
  });

  test.each(["events", "off"] as const)("attempts send the call's id when they are shown as %s", (attempts) => {
    const home = testHome();
    const { tracing, spans } = recording(home, { attempts: () => attempts });
    const call = home.call(tracing, { headers: SAMPLED });
    const sent = call.attempt({ status: 200 });
    call.end();
    expect(spans).toHaveLength(1);
    expect(sent).toBe(`00-${TRACE}-${spans[0]?.spanId}-01`);
    expect(spans[0]).toMatchObject({ kind: "client" });
  });

  test("is the span that surrounds the call when no header says another", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, { surrounding: () => AROUND });
    const call = home.call(tracing, { side: "app", headers: { tracestate: "b=2" } });
    expect(call.trace.fields(1).others).toEqual(["tracestate", "a=1"]);
    call.attempt({ status: 200 });
    call.end();
    expect(spans[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, parentRemote: false });
    const own = home.call(tracing, { headers: { traceparent: `00-${"a".repeat(32)}-${PARENT}-01` } });
    expect(own.trace.traceId).toBe("a".repeat(32));
  });

  test("goes on in the form in which the app was called", () => {
    const home = testHome();
    const b3 = calledWithB3();
    const { tracing } = recording(home, { surrounding: () => ({ ...b3, remote: true }) });
    const { others } = home.call(tracing, { side: "app" }).trace.fields(1);
    expect(others[0]).toBe("b3");
    expect(others[1]).toMatch(new RegExp(`^${TRACE}-[0-9a-f]{16}-1$`));
  });

  test("is the caller's own when nothing is recorded here", () => {
    const home = testHome();
    const { tracing } = recording(home, { sink: () => undefined });
    const call = home.call(tracing, { headers: SAMPLED });
    expect(call.attempt({ status: 200 })).toBe(SAMPLED.traceparent);
    call.end();
    expect(tracing.counts.kept.parent).toBe(0);
  });
});

describe("what is kept", () => {
  test("is what the caller records, whatever the ratio", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, sampling(0, false));
    const call = home.call(tracing, { headers: SAMPLED });
    call.attempt({ status: 200 });
    call.end();
    expect(spans[0]?.attributes["weft.kept"]).toBe("parent");
    expect(tracing.counts.kept.parent).toBe(1);
  });

  test("is not what the caller does not record, whatever the ratio", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, sampling(1, false));
    const call = home.call(tracing, { headers: UNSAMPLED });
    expect(call.attempt({ status: 200 })).toMatch(/-00$/);
    call.end();
    expect(spans).toEqual([]);
    expect(tracing.counts.dropped).toEqual({ parent: 1, ratio: 0, unreadable: 0 });
  });

  test("is the share of new traces that was asked for", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, sampling(0.25, false));
    for (let i = 0; i < 4000; i++) home.call(tracing).end();
    // A binomial count: 1,000 expected, standard deviation 27; five of them.
    expect(Math.abs(spans.length - 1000)).toBeLessThan(137);
    expect(tracing.counts.kept.ratio + tracing.counts.dropped.ratio).toBe(4000);
  });

  test("is a call that failed, with all of its attempts, under the ids that were sent", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, sampling(0, true));
    const call = home.call(tracing, { headers: UNSAMPLED });
    const sent = [call.attempt({ status: 503 }), call.attempt({ status: 503 })];
    call.end();
    expect(spans.map(({ attributes }) => attributes["weft.attempt"])).toEqual([undefined, 1, 2]);
    expect(sent).toEqual(spans.slice(1).map(({ spanId }) => `00-${TRACE}-${spanId}-00`));
    expect(spans.every(({ sampled }) => !sampled)).toBe(true);
    expect(tracing.counts.kept.failed).toBe(1);
  });

  test.each([
    ["an answer of 500", { status: 500 }, false, true],
    ["an answer of 404", { status: 404 }, false, false],
    ["an answer of 429", { status: 429 }, false, false],
    ["an answer that was cut", { status: 200, error: new MeshError("CONNECTION_LOST", "gone") }, false, true],
    ["a status of gRPC that is the endpoint's failure", { status: 200, grpcStatus: 14 }, false, true],
    ["a status of gRPC that is the caller's", { status: 200, grpcStatus: 5 }, false, false],
    ["a caller that left", { status: 200, error: new Error("the caller closed") }, true, false],
    ["a caller that aborted", { error: new DOMException("no more", "AbortError") }, false, false],
    ["a deadline", { error: new MeshError("DEADLINE_EXCEEDED", "late") }, true, true],
    ["something thrown that is no error", { error: "boom" }, false, true],
  ])("of %s", (_what, end, cut, kept) => {
    const home = testHome();
    const { tracing, spans } = recording(home, sampling(0, true));
    const call = home.call(tracing, { headers: UNSAMPLED });
    call.attempt({ status: 200 });
    if (cut && "error" in end) call.call.cut(end.error);
    call.end(end);
    expect(spans.length > 0).toBe(kept);
  });

  test("is a call that was slow", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, {
      sampling: () => ({ sampleRatio: 0, keepFailed: false, keepSlowerThanMs: 500 }),
    });
    const took = (tookMs: number): void => {
      const call = home.call(tracing);
      call.attempt({ status: 200, tookMs });
      call.end();
    };
    took(500);
    expect(spans).toEqual([]);
    took(501);
    expect(spans[0]?.attributes["weft.kept"]).toBe("slow");
    expect(tracing.counts).toMatchObject({ kept: { slow: 1 }, dropped: { ratio: 1 } });
  });

  test("follows a change of the policy with the next call", () => {
    const home = testHome();
    let sampleRatio = 0;
    const { tracing, spans } = recording(home, {
      sampling: () => ({ sampleRatio, keepFailed: false, keepSlowerThanMs: OFF }),
    });
    home.call(tracing).end();
    sampleRatio = 1;
    home.call(tracing).end();
    expect(spans).toHaveLength(1);
  });

  test("does not depend on what an error throws when it is read", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    const error = Object.defineProperty(new Error("x"), "name", {
      get: () => {
        throw new Error("not to be read");
      },
    });
    call.attempt({ status: 200 });
    call.end({ error });
    expect(spans).toEqual([]);
    expect(tracing.counts.dropped.unreadable).toBe(1);
  });
});

test("spans stand on the wall clock", () => {
  const home = testHome();
  const { tracing, spans } = recording(home);
  home.clock.now = 5_000;
  const call = home.call(tracing);
  home.clock.now += 20;
  call.attempt({ outcome: failure("reset"), tookMs: 30 });
  home.clock.now += 5;
  call.end({ error: new MeshError("CONNECTION_LOST", "gone") });
  const at = (ms: number): number => START_EPOCH_MS + ms;
  expect(spans.map(({ startEpochMs, endEpochMs }) => [startEpochMs, endEpochMs])).toEqual([
    [at(5_000), at(5_055)],
    [at(5_020), at(5_050)],
  ]);
});

function sampling(sampleRatio: number, keepFailed: boolean): Parameters<typeof recording>[1] {
  return { sampling: () => ({ sampleRatio, keepFailed, keepSlowerThanMs: OFF }) };
}

/** What an app has that was called with one header of B3. */
function calledWithB3(): Received {
  const { extract } = propagation({ extract: ["b3"], inject: [] });
  return extract({ header: (name) => (name === "b3" ? `${TRACE}-${PARENT}-1` : undefined) });
}

import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "../sidecar/rig.ts";

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

interface Shown {
  readonly calls: readonly {
    readonly call: number;
    readonly end: { readonly status: number; readonly attempts: number; readonly traceId: string } | null;
    readonly decisions: readonly { readonly kind: string; readonly call: number; readonly text: string }[];
  }[];
}

async function explained({ admin }: SidecarRig, query: string): Promise<Shown> {
  // Part of the API: docs/admin.md, and what the unit tests beside the route hold.
  return JSON.parse((await admin(`/explain?format=json&${query}`)).body) as Shown;
}

test("tells a call's whole way in words: pick, attempt, retry, in that order", async () => {
  const rig = await started();
  // A body that is thrown away: its attempt has ended after the retry was decided.
  rig.endpoints.at(0).next({ status: 503, body: "x".repeat(100_000) });
  await call(rig.port, "/");
  const { body } = await rig.admin("/explain?service=orders&last=5");
  const lines = body.trimEnd().split("\n");
  expect(lines).toEqual([
    expect.stringMatching(
      /^call 1 to orders, [\d.]+ m?s ago: answer 200 from endpoint-2 after [\d.]+ m?s, 2 attempts; trace [0-9a-f]{32}$/,
    ),
    expect.stringMatching(/^ +\+[\d.]+ ms {2}attempt 1 goes to endpoint-1; 2 of 2 endpoints available, 0 ejected$/),
    expect.stringMatching(/^ +\+[\d.]+ ms {2}attempt 1 at endpoint-1: 5xx answer after /),
    expect.stringMatching(/^ +\+[\d.]+ ms {2}retried after a pause of /),
    expect.stringMatching(/^ +\+[\d.]+ ms {2}attempt 2 goes to endpoint-2; /),
    expect.stringMatching(/^ +\+[\d.]+ ms {2}attempt 2 at endpoint-2: success after /),
  ]);
});

test("tells of one call, of the last ones, and of failed calls alone", async () => {
  const rig = await started({ policy: { retry: "off" } });
  await call(rig.port, "/");
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/", { method: "POST", body: "x" });
  await call(rig.port, "/");
  const calls = async (query: string): Promise<number[]> =>
    (await explained(rig, query)).calls.map(({ call: number }) => number);
  expect(await calls("service=orders&call=2")).toEqual([2]);
  expect(await calls("service=orders&last=2")).toEqual([2, 3]);
  expect(await calls("service=orders&failed")).toEqual([2]);
  expect(await calls("failed")).toEqual([2]);
});

test("finds the calls of a trace by the id that its caller sent", async () => {
  const rig = await started();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  await call(rig.port, "/1");
  await call(rig.port, "/2", { headers: { traceparent } });
  await call(rig.port, "/3", { headers: { traceparent } });
  const { calls } = await explained(rig, `trace=${traceId}`);
  expect(calls.map(({ call: number, end }) => [number, end?.traceId])).toEqual([
    [2, traceId],
    [3, traceId],
  ]);
  expect(calls.every(({ decisions }) => decisions.length === 2)).toBe(true);
});

test("tells what was decided about a failed call when hundreds that went well have come after it", async () => {
  const rig = await started({ policy: { retry: "off" } });
  rig.endpoints.at(0).next({ status: 500, body: "" });
  await call(rig.port, "/");
  for (let i = 0; i < 200; i++) await call(rig.port, "/");
  const [failed] = (await explained(rig, "failed")).calls;
  expect(failed?.decisions.map(({ text }) => text)).toEqual([
    expect.stringContaining("attempt 1 goes to endpoint-1"),
    expect.stringContaining("attempt 1 at endpoint-1: 5xx answer"),
  ]);
  const { calls } = await explained(rig, "service=orders&last=256");
  expect(calls).toHaveLength(201);
  expect(calls.filter(({ decisions }) => decisions.length === 0).length).toBeGreaterThan(50);
});

test("counts a connection that its endpoint had closed before as trouble, not as the endpoint's failure", async () => {
  const rig = await started({ count: 1 });
  await call(rig.port, "/1");
  rig.endpoints.at(0).next({ kind: "close" });
  await call(rig.port, "/2");
  const { calls } = await explained(rig, "failed");
  expect(calls).toMatchObject([{ call: 2, end: { status: 200, attempts: 2 } }]);
  expect(calls[0]?.decisions.map(({ kind }) => kind)).toEqual(["pick", "attempt", "retry", "pick", "attempt"]);
});

test("lists calls as they end, those since the last look alone", async () => {
  const rig = await started({ policy: { retry: "off" } });
  const listed = async (query: string): Promise<{ newest: number; calls: { seq: number; status: number }[] }> =>
    JSON.parse((await rig.admin(`/calls${query}`)).body) as {
      newest: number;
      calls: { seq: number; status: number }[];
    };
  await call(rig.port, "/1");
  const { newest } = await listed("");
  expect(newest).toBe(1);
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/2");
  expect((await listed(`?since=${newest}`)).calls).toMatchObject([{ seq: 2, status: 503, failed: true }]);
  expect((await listed("?since=2")).calls).toEqual([]);
});

test("tells why a call was refused: no endpoint, an open breaker, a limit", async () => {
  const rig = await started({ policy: { breaker: { minimumCalls: 1 }, retry: "off", limits: { calls: 1 } } });
  rig.endpoints.at(0).next({ kind: "stall", at: "before-head" }, { status: 500, body: "" });
  const held = call(rig.port, "/");
  await rig.endpoints.at(0).stalled();
  await call(rig.port, "/");
  rig.endpoints.at(0).release();
  await held;
  await call(rig.port, "/");
  await call(rig.port, "/");
  const { body } = await rig.admin("/explain?service=orders");
  expect(body).toContain("refused: limits.calls, 1 calls are running");
  expect(body).toContain("refused: the circuit is open");
  rig.registry.set("orders", []);
  const other = await started({ count: 0, registered: [] });
  await call(other.port, "/");
  expect((await other.admin("/explain?service=orders")).body).toContain("no endpoint: the registry knows none");
});

test("tells of a call whose caller left before the answer", async () => {
  const rig = await started({ count: 1, policy: { retry: "off" } });
  rig.endpoints.at(0).next({ kind: "stall", at: "before-head" });
  const caller = connect(rig.port, "127.0.0.1");
  caller.write("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  await rig.endpoints.at(0).stalled();
  const ended = rig.journal.next("call.ended");
  caller.destroy();
  await ended;
  rig.endpoints.at(0).release();
  expect((await rig.admin("/explain?failed")).body).toMatch(
    /^call 1 to orders, .* ago: given up by its caller, no answer after .*, 1 attempt; trace .*\n.*attempt 1 goes to endpoint-1/,
  );
});

import http from "node:http";
import type { TracedCall, Tracing } from "@weft/core";
import { Agent, request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

/** Notes what a home tells, and sends `trace-<call>-<attempt>` with each attempt. */
function notes(): { readonly tracing: Tracing; readonly begun: string[]; readonly ended: TracedCall[] } {
  const begun: string[] = [];
  const ended: TracedCall[] = [];
  const tracing: Tracing = {
    begin(call, asked) {
      begun.push(`${asked.side} ${asked.method} ${asked.path} ${asked.header("b3")}`);
      return {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        sampled: true,
        fields: (attempt) => ({
          traceparent: `trace-${call.number}-${attempt}`,
          others: ["b3", "", "tracestate", "a=1"],
        }),
        ended: (over) => ended.push(over),
      };
    },
  };
  return { tracing, begun, ended };
}

/** What of an ended call tests compare. */
function shown({ call, status, error, attempts }: TracedCall): object {
  const list: string[] = [];
  for (let one = attempts; one !== undefined; one = one.next) {
    const times = `${one.answeredMs > 0 ? "answered" : "unanswered"}, ${one.endedMs > 0 ? "ended" : "running"}`;
    list.push(`${one.lease.attempt} at ${one.lease.endpoint.id}: ${one.outcome.kind} ${one.status}, ${times}`);
  }
  return { attempts: call.attempt, status, error: error !== undefined, list };
}

/** Traceparent lines of each request that arrived anywhere, and what came under the other names. */
function arrived(lab: Awaited<ReturnType<typeof rig>>): (string | undefined)[][] {
  return lab.endpoints.all
    .flatMap(({ requests }) => requests)
    .map(({ headers }) => ["traceparent", "b3", "tracestate"].map((name) => String(headers[name])));
}

test("each attempt carries its own headers in the place of the caller's, and the end tells of all attempts", async () => {
  const { tracing, begun, ended } = notes();
  await using lab = await rig({ mesh: { telemetry: { tracing } } });
  lab.endpoints.at(0).next({ status: 503 });
  const { statusCode, body } = await request("http://orders/a?b", {
    dispatcher: lab.mesh.dispatcher,
    headers: { traceparent: "old", B3: "0", "x-other": "1" },
  });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(begun).toEqual(["app GET /a?b 0"]);
  expect(arrived(lab)).toEqual([
    ["trace-1-1", "undefined", "a=1"],
    ["trace-1-2", "undefined", "a=1"],
  ]);
  expect(ended.map(shown)).toEqual([
    {
      attempts: 2,
      status: 200,
      error: false,
      list: ["1 at endpoint-1: failure 503, answered, ended", "2 at endpoint-2: success 200, answered, ended"],
    },
  ]);
  expect(ended[0]!.decisions().map(({ kind }) => kind)).toEqual(["pick", "attempt", "retry", "pick", "attempt"]);
  expect(ended[0]).toMatchObject({ balancer: "first", breaker: undefined, side: "app" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("fetch, an interceptor and node:http carry it as well", async () => {
  const { tracing, ended } = notes();
  await using lab = await rig({ count: 1, mesh: { telemetry: { tracing } } });
  await (await lab.mesh.fetch("http://orders/1")).text();
  const agent = new Agent().compose(lab.mesh.interceptor());
  await (await request("http://orders/2", { dispatcher: agent })).body.dump();
  await new Promise<void>((resolve, reject) => {
    const options = { agent: lab.mesh.agent(), headers: { TraceParent: "old", b3: "0" } };
    http.get("http://orders/3", options, (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });
  await agent.close();
  expect(arrived(lab)).toEqual([1, 2, 3].map((call) => [`trace-${call}-1`, "undefined", "a=1"]));
  expect(ended.map(shown)).toEqual(
    [1, 2, 3].map(() => ({
      attempts: 1,
      status: 200,
      error: false,
      list: ["1 at endpoint-1: success 200, answered, ended"],
    })),
  );
});

test("node:http carries it as well where headers are given as an array", async () => {
  const { tracing, begun } = notes();
  await using lab = await rig({ count: 1, mesh: { telemetry: { tracing } } });
  for (const method of ["GET", "POST"]) {
    await new Promise<void>((resolve, reject) => {
      // Node's types know objects only; arrays, flat ones too, are in its docs.
      const headers = ["Host", "orders", "TraceParent", "old", "B3", "0"] as unknown as http.OutgoingHttpHeaders;
      const sent = http.request("http://orders/1", { agent: lab.mesh.agent(), method, headers }, (response) => {
        response.on("end", resolve).resume();
      });
      sent.on("error", reject).end(method === "POST" ? "body" : undefined);
    });
  }
  expect(begun).toEqual(["app GET /1 0", "app POST /1 0"]);
  expect(arrived(lab)).toEqual([
    ["trace-1-1", "undefined", "a=1"],
    ["trace-2-1", "undefined", "a=1"],
  ]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a call that nobody could answer ends with its error, and one that was given up says so", async () => {
  const { tracing, ended } = notes();
  await using lab = await rig({ count: 1, mesh: { telemetry: { tracing } }, policy: { retry: "off" } });
  lab.endpoints.at(0).next({ kind: "reset", at: "request" });
  await expect(request("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toThrow("service orders");
  const abort = new AbortController();
  lab.endpoints.at(0).next({ kind: "stall", at: "before-head" });
  const given = request("http://orders/", { dispatcher: lab.mesh.dispatcher, signal: abort.signal });
  await lab.endpoints.at(0).stalled();
  abort.abort();
  await expect(given).rejects.toThrow("aborted");
  expect(ended.map((call) => [shown(call), call.flags(call.decisions())])).toEqual([
    [{ attempts: 1, status: 0, error: true, list: ["1 at endpoint-1: failure 0, unanswered, ended"] }, ["UC"]],
    [{ attempts: 1, status: 0, error: true, list: ["1 at endpoint-1: ignored 0, unanswered, ended"] }, ["DC"]],
  ]);
});

test("a call that went wrong has the letters of the sidecar's log, whichever way it was made", async () => {
  const { tracing, ended } = notes();
  const retry = { maxRetries: 1, backoff: { base: "1ms", max: "1ms" } } as const;
  await using lab = await rig({
    mesh: { telemetry: { tracing } },
    policy: { retry, rateLimit: { perSecond: 0.001, burst: 2 } },
  });
  for (const endpoint of lab.endpoints.all) await endpoint.refuse();
  await expect(lab.mesh.fetch("http://orders/")).rejects.toThrow("fetch failed");
  const sent = http.get("http://orders/", { agent: lab.mesh.agent() });
  await new Promise((resolve) => sent.on("error", resolve));
  await expect(lab.mesh.fetch("http://orders/")).rejects.toThrow("fetch failed");
  expect(ended.map((call) => call.flags(call.decisions()))).toEqual([["UF", "URX"], ["UF", "URX"], ["RL"]]);
});

test("attempts go out where the app's instrumentations leave them alone", async () => {
  const { tracing } = notes();
  const order: string[] = [];
  const within = (send: () => void): void => {
    order.push("in");
    send();
    order.push("out");
  };
  await using lab = await rig({ count: 1, mesh: { telemetry: { tracing: { ...tracing, within } } } });
  await (await lab.mesh.fetch("http://orders/")).text();
  expect(order).toEqual(["in", "out"]);
});

test("a request without a readable context asks for nothing: an empty traceparent leaves what came as it is", async () => {
  const silent: Tracing = {
    begin: () => ({ traceId: "", sampled: false, fields: () => ({ traceparent: "", others: [] }), ended: () => {} }),
  };
  await using lab = await rig({ count: 1, mesh: { telemetry: { tracing: silent } } });
  const headers = { traceparent: "as it came" };
  await (await lab.mesh.fetch("http://orders/", { headers })).text();
  expect(arrived(lab)[0]![0]).toBe("as it came");
});

test("telemetry watches the mesh until it is closed", async () => {
  const seen: string[] = [];
  let services: () => readonly string[] = () => [];
  await using lab = await rig({
    count: 1,
    mesh: {
      telemetry: {
        observe: (home) => {
          services = () => [...home.services()].map(({ service }) => service);
          const stop = home.on("call.ended", ({ service }) => seen.push(service));
          return () => {
            stop();
            seen.push("stopped");
          };
        },
      },
    },
  });
  await (await lab.mesh.fetch("http://orders/")).text();
  expect(services()).toEqual(["orders"]);
  await lab.closed();
  expect(seen).toEqual(["orders", "stopped"]);
});

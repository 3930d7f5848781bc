import { setImmediate as nextTurn } from "node:timers/promises";
import { request } from "node:http";
import { createMesh, type Mesh } from "@weft/client";
import type { Telemetry } from "@weft/core";
import { callTracing, propagation } from "@weft/telemetry";
import { fakeEndpoints, type FakeEndpoints } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { answerOf, responseOf } from "../client/node-http.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

const formats = propagation({ extract: ["tracecontext"], inject: ["tracecontext"] });
/** Carries traces on, and records none. */
const telemetry: Telemetry = {
  tracing: callTracing({
    sampling: () => ({ sampleRatio: 1, keepFailed: true, keepSlowerThanMs: Number.POSITIVE_INFINITY }),
    attempts: () => "spans",
    propagation: () => formats,
    sink: () => undefined,
    nowMs: () => performance.now(),
    epochMs: Date.now,
  }),
};

async function started(
  options: { readonly telemetry?: Telemetry } = { telemetry },
): Promise<{ readonly mesh: Mesh; readonly endpoints: FakeEndpoints }> {
  const endpoints = await fakeEndpoints(2);
  const mesh: Mesh = createMesh({
    registry: { orders: endpoints.asEndpoints() },
    services: { orders: { balancer: { kind: "first" } } },
    ...options,
  });
  onTestFinished(async () => {
    await mesh.close();
    await endpoints.close();
  });
  return { mesh, endpoints };
}

/** The resets of idle connections have arrived, and are read within a turn of the event loop: calls then meet none. */
async function readReset(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

test("mesh.explain finds the calls of a trace, whichever way they were made", async () => {
  const { mesh, endpoints } = await started();
  endpoints.at(0).next({ status: 503, body: "" });
  await (await mesh.fetch("http://orders/1", { headers: { traceparent } })).text();
  await answerOf(await responseOf(request("http://orders/2", { agent: mesh.agent(), headers: { traceparent } }).end()));
  await (await mesh.fetch("http://orders/3")).text();
  const { traceId, calls, text } = mesh.explain({ trace: TRACE });
  expect(traceId).toBe(TRACE);
  expect(calls.map(({ end }) => end)).toMatchObject([
    { side: "app", service: "orders", status: 200, attempts: 2, failed: false, traceId: TRACE },
    { side: "app", service: "orders", status: 200, attempts: 1 },
  ]);
  expect(text).toContain("attempt 1 at endpoint-1: 5xx answer");
  expect(text).toContain("attempt 2 at endpoint-2: success");
});

test("a call that failed is explained by the error that its caller got", async () => {
  const { mesh, endpoints } = await started();
  await endpoints.close();
  await readReset();
  await expect(mesh.fetch("http://orders/", { headers: { traceparent }, method: "POST" })).rejects.toThrow();
  const [failed] = mesh.explain({ trace: TRACE }).calls;
  expect(failed?.flags).toEqual(["UF", "URX"]);
  expect(failed?.end).toMatchObject({ status: 0, error: "CONNECT_FAILED", failed: true });
  expect(failed?.decisions.map(({ kind }) => kind)).toContain("retry");
});

test("calls that failed or were tried again are explained without a trace, over all services or of one", async () => {
  const { mesh, endpoints } = await started({});
  endpoints.at(0).next({ status: 503, body: "" });
  await (await mesh.fetch("http://orders/again")).text();
  await (await mesh.fetch("http://orders/fine")).text();
  await endpoints.close();
  await readReset();
  await expect(mesh.fetch("http://orders/broken", { method: "POST" })).rejects.toThrow();
  const { calls, text } = mesh.explain({ failed: true });
  expect(calls.map(({ end }) => [end?.attempts, end?.failed])).toEqual([
    [2, false],
    [2, true],
  ]);
  expect(text).toContain("failed with CONNECT_FAILED");
  expect(mesh.explain({ failed: true, service: "orders", last: 1 }).calls).toEqual(calls.slice(1));
  expect(() => mesh.explain({ failed: true, service: "stock" as "orders" })).toThrow("stock"); // as JavaScript may ask
});

test("an unknown trace has no calls, none is known without telemetry, and what is no trace id is refused", async () => {
  const { mesh } = await started({});
  await (await mesh.fetch("http://orders/1", { headers: { traceparent } })).text();
  expect(mesh.explain({ trace: TRACE })).toEqual({ traceId: TRACE, calls: [], text: "" });
  expect(() => mesh.explain({ trace: "orders" })).toThrow(RangeError);
  expect(mesh.explain({ service: "orders" }).decisions).toHaveLength(2);
});

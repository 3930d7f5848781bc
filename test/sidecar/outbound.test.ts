import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

function echo({ body }: Answer): Echo {
  // The endpoint's default answer is what it received.
  return JSON.parse(body) as Echo;
}

test("sends a request to an endpoint of the service that Host names", async () => {
  const { port } = await started();
  const answer = await call(port, "/v1/7?x=1");
  expect(answer.status).toBe(200);
  expect(echo(answer)).toMatchObject({ method: "GET", path: "/v1/7?x=1", headers: { host: "orders" } });
});

test.each(["orders", "orders:80", "ORDERS", "orders.mesh", "orders.service.consul", "orders.service.dc1.consul"])(
  "takes %s for orders",
  async (host) => {
    const { port } = await started();
    expect((await call(port, "/", { host })).status).toBe(200);
  },
);

test("takes the service of an absolute target, whatever Host says, as HTTP_PROXY makes clients send", async () => {
  const { port } = await started();
  const answer = await call(port, "http://orders/v1/7", { host: "elsewhere" });
  expect(echo(answer)).toMatchObject({ path: "/v1/7", headers: { host: "orders" } });
});

test("answers 502 for a name that is no service, and says which are known", async () => {
  const { port, endpoints } = await started({ outbound: { consul: false } });
  const answer = await call(port, "/", { host: "order" });
  expect(answer.status).toBe(502);
  expect(answer.headers).toMatchObject({
    "content-type": "application/problem+json",
    "x-weft-error": "UNKNOWN_SERVICE",
  });
  expect(JSON.parse(answer.body)).toMatchObject({ detail: 'no service is called "order"; known: orders' });
  expect(endpoints.all.flatMap(({ requests }) => requests)).toEqual([]);
});

test("passes fields through, but for those of one hop and its own, and says again that trailers are taken", async () => {
  const { port } = await started();
  const headers = {
    "x-own": "1",
    connection: "x-hop, close",
    "x-hop": "2",
    te: "trailers",
    "proxy-authorization": "p",
  };
  const { headers: got } = echo(await call(port, "/", { headers }));
  expect(got).toMatchObject({ "x-own": "1", host: "orders", te: "trailers", connection: "TE" });
  for (const name of ["x-hop", "proxy-authorization", "proxy-connection"]) expect(got).not.toHaveProperty(name);
  expect(got["via"]).toMatch(/^1\.1 weft-[0-9a-f]{8}$/);
  expect(got["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
  expect(Number(got["x-request-deadline-ms"])).toBeGreaterThan(14_000);
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

test("carries the caller's trace on as it came where nothing is recorded here", async () => {
  const { port } = await started();
  const { headers } = echo(await call(port, "/", { headers: { traceparent: PARENT, tracestate: "a=1", b3: "0" } }));
  expect(headers).toMatchObject({ traceparent: PARENT, tracestate: "a=1", b3: `${TRACE}-b7ad6b7169203331-1` });
});

test("continues it with a parent of its own, another for each attempt, where spans are recorded", async () => {
  // Whether anybody takes the spans changes nothing for the call.
  const { port, endpoints } = await started({ rest: { telemetry: { otlp: { url: "http://127.0.0.1:1" } } } });
  endpoints.all[0]?.next({ kind: "reset", at: "request" });
  await call(port, "/", { headers: { traceparent: PARENT } });
  const sent = endpoints.all.map(({ requests }) => String(requests[0]?.headers["traceparent"]));
  for (const traceparent of sent) {
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  }
  expect(new Set(sent).size).toBe(2);
});

test("retries a GET on another endpoint when the first resets the connection", async () => {
  const { port, endpoints, journal } = await started();
  endpoints.all[0]?.next({ kind: "reset", at: "request" });
  const answer = await call(port, "/");
  expect(echo(answer)).toMatchObject({ endpoint: endpoints.all[1]?.name });
  expect(journal.of("retry.started")).toHaveLength(1);
});

test("does not repeat a POST that an endpoint may have seen: 502, with the reason", async () => {
  const { port, endpoints } = await started();
  endpoints.all[0]?.next({ kind: "reset", at: "request" });
  const answer = await call(port, "/", { method: "POST", body: "one" });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "CONNECTION_LOST" });
  expect(endpoints.all.map(({ requests }) => requests.length)).toEqual([1, 0]);
});

test("repeats a POST with an idempotency key, body and all", async () => {
  const { port, endpoints } = await started();
  endpoints.all[0]?.next({ kind: "reset", at: "request" });
  const answer = await call(port, "/", { method: "POST", body: "one", headers: { "idempotency-key": "k" } });
  expect(echo(answer)).toMatchObject({ method: "POST", body: "one", endpoint: endpoints.all[1]?.name });
});

test("gives an endpoint up that does not answer in time, and says so with 504", async () => {
  const { port, endpoints } = await started({ policy: { timeout: { attempt: "50ms" }, retry: "off" } });
  endpoints.all[0]?.next({ kind: "stall", at: "before-head" });
  const answer = await call(port, "/");
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "ATTEMPT_TIMEOUT" });
});

test("refuses a call whose deadline has passed", async () => {
  const { port, endpoints } = await started();
  const answer = await call(port, "/", { headers: { "x-request-deadline-ms": "0" } });
  expect(answer.status).toBe(504);
  expect(endpoints.all.flatMap(({ requests }) => requests)).toEqual([]);
});

test("breaks the caller's connection off when the endpoint dies inside the body", async () => {
  const { port, endpoints } = await started();
  endpoints.all[0]?.next({ kind: "truncate", answer: { body: "x".repeat(100_000) } });
  await expect(call(port, "/")).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
});

test("sends a large answer on, byte for byte", async () => {
  const body = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join("");
  const { port } = await started({ behaviour: { body } });
  expect((await call(port, "/")).body).toBe(body);
});

test("sends a chunked answer on", async () => {
  const { port } = await started({ behaviour: { body: "y".repeat(50_000), chunked: true } });
  expect((await call(port, "/")).body).toBe("y".repeat(50_000));
});

test("sends a large request on, byte for byte", async () => {
  const { port, endpoints } = await started();
  const body = "z".repeat(300_000);
  await call(port, "/", { method: "POST", body });
  expect(endpoints.all[0]?.requests[0]?.body.toString()).toBe(body);
});

test("holds nothing once every call is over", async () => {
  const rig = await started();
  await Promise.all(Array.from({ length: 20 }, (_, i) => call(rig.port, `/${i}`)));
  expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
});

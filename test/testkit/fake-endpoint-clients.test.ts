import { request as httpRequest } from "node:http";
import { fakeEndpoint, fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { Agent, request } from "undici";
import { started } from "./raw-client.ts";

test("the built-in fetch reads its answers, whole and in chunks", async () => {
  const endpoint = await started({ name: "orders-1" });
  endpoint.next({}, { chunked: true, body: "ü".repeat(100_000) }, { status: 503, body: "no" });
  const echo = await fetch(`${endpoint.origin}/a?b=1`, { method: "POST", body: "hello" });
  expect(await echo.json()).toMatchObject({ endpoint: "orders-1", method: "POST", path: "/a?b=1", body: "hello" });
  const chunked = await fetch(endpoint.origin);
  expect((await chunked.text()).length).toBe(100_000);
  const unavailable = await fetch(endpoint.origin);
  expect([unavailable.status, await unavailable.text()]).toEqual([503, "no"]);
});

test("the built-in fetch sends it a stream in chunks", async () => {
  const endpoint = await started();
  const body = new Blob(["a".repeat(70_000), "b".repeat(70_000)]).stream();
  await (await fetch(endpoint.origin, { method: "PUT", body, duplex: "half" })).arrayBuffer();
  expect(endpoint.requests[0]?.headers["transfer-encoding"]).toBe("chunked");
  expect(endpoint.requests[0]?.body.toString()).toBe("a".repeat(70_000) + "b".repeat(70_000));
});

test.each([
  { behaviour: { kind: "reset", at: "accept" }, error: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } },
  { behaviour: { kind: "reset", at: "request" }, error: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } },
  { behaviour: { kind: "close" }, error: { code: "UND_ERR_SOCKET" } },
  { behaviour: { kind: "garbage" }, error: { name: "HTTPParserError" } },
  { behaviour: { kind: "garbage", bytes: "HTTP/1.1 2000 Much\r\n\r\n" }, error: { name: "HTTPParserError" } },
] as const)("undici fails before the head when it meets $behaviour", async ({ behaviour, error }) => {
  const endpoint = await started({ behaviour });
  await expect(request(endpoint.origin, { dispatcher: agent() })).rejects.toMatchObject(error);
});

test.each([
  { behaviour: { kind: "reset", at: "body", answer: { body: "12345678" } } },
  { behaviour: { kind: "truncate", answer: { body: "12345678" } } },
  { behaviour: { kind: "truncate", answer: { body: "12345678", chunked: true } } },
] as const)("undici fails inside the body when it meets $behaviour", async ({ behaviour }) => {
  const endpoint = await started({ behaviour });
  const dispatcher = agent();
  const { statusCode, body } = await request(endpoint.origin, { dispatcher });
  expect(statusCode).toBe(200);
  await expect(body.text()).rejects.toThrow();
});

test("undici is refused while it is away, and served on the same port afterwards", async () => {
  const endpoint = await started();
  const dispatcher = agent();
  await endpoint.refuse();
  await expect(request(endpoint.origin, { dispatcher })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await endpoint.comeBack();
  const { body } = await request(endpoint.origin, { dispatcher });
  await body.dump();
  expect(endpoint.requests).toHaveLength(1);
});

test("a client that gives up on a stalled request lets go of the connection", async () => {
  const endpoint = await started({ behaviour: { kind: "stall", at: "before-head" } });
  const client = httpRequest(endpoint.origin, { agent: false }).on("error", () => {});
  client.end();
  await endpoint.stalled();
  client.destroy();
  await endpoint.allClosed();
  endpoint.release();
});

test("a client that gives up during a delay leaves no timer behind", async () => {
  const timer = fakeTime();
  const endpoint = await started({ timer, behaviour: { delayMs: 60_000 } });
  const client = httpRequest(endpoint.origin, { agent: false }).on("error", () => {});
  client.end();
  await endpoint.requestCount(1);
  client.destroy();
  await endpoint.allClosed();
  expect(timer.pending()).toBe(0);
});

test("node:http sees the informational responses and the final one", async () => {
  const endpoint = await started({ behaviour: { informational: [{ status: 103, headers: { link: "</a>" } }] } });
  const hints: unknown[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  httpRequest(endpoint.origin)
    .on("information", ({ statusCode, headers }) => hints.push([statusCode, headers["link"]]))
    .on("response", (response) => resolve(response.resume().statusCode))
    .on("error", reject)
    .end();
  expect(await promise).toBe(200);
  expect(hints).toEqual([[103, "</a>"]]);
});

test("a client that reads slowly gets a large body whole, and close() does not wait for one that reads nothing", async () => {
  const endpoint = await fakeEndpoint({ behaviour: { body: "x".repeat(20_000_000) } });
  const whole = await fetch(endpoint.origin);
  let size = 0;
  for await (const piece of whole.body ?? []) size += piece.length;
  expect(size).toBe(20_000_000);
  const unread = await fetch(endpoint.origin);
  await endpoint.close();
  expect(endpoint.openConnections).toBe(0);
  await expect(unread.arrayBuffer()).rejects.toThrow();
});

/** A pool that lives as long as the test. */
function agent(): Agent {
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.destroy());
  return dispatcher;
}

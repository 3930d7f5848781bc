import { fetch as undiciFetch, request } from "undici";
import { describe, expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

// An endpoint that accepts and never says its part of the TLS handshake: the connection is being made until somebody
// gives it up. Hermetic, where an address that nobody answers at would depend on the machine's routes.
const SILENT = { behaviour: { kind: "hang" }, policy: { timeout: { connect: "10s", attempt: "10s" } } } as const;

describe("abort while connecting", () => {
  test("ends a call in the same tick, with the caller's own reason", async () => {
    await using lab = await rig(SILENT);
    const abort = new AbortController();
    const reason = new Error("changed my mind");
    const sent = request("https://orders/", { dispatcher: lab.mesh.dispatcher, signal: abort.signal });
    await lab.endpoints.at(0).connected();
    expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
    abort.abort(reason);
    expect(lab.held()).toEqual(NOTHING);
    await expect(sent).rejects.toBe(reason);
    expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0 });
  });

  test.each([
    ["undici.request", request],
    ["undici.fetch", undiciFetch],
    ["mesh.fetch", undefined],
  ] as const)("ends %s with its signal, not after the connect timeout", async (_, client) => {
    await using lab = await rig(SILENT);
    const { dispatcher, fetch } = lab.mesh;
    const signal = AbortSignal.timeout(100);
    const startedMs = performance.now();
    const sent =
      client === undefined ? fetch("https://orders/", { signal }) : client("https://orders/", { dispatcher, signal });
    await expect(sent).rejects.toMatchObject({ name: "TimeoutError" });
    // The connect would take 10 s; measured 101 ms.
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test("ends the built-in fetch through the dispatcher", async () => {
    await using lab = await rig(SILENT);
    const init = { dispatcher: lab.mesh.dispatcher, signal: AbortSignal.timeout(100) };
    await expect(fetch("https://orders/", init)).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await lab.closed()).toEqual(NOTHING);
  });
});

test("ends a call whose signal had aborted before, and sends nothing", async () => {
  await using lab = await rig();
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, signal: AbortSignal.abort() });
  await expect(sent).rejects.toMatchObject({ name: "AbortError" });
  expect(lab.endpoints.requestCount()).toBe(0);
  expect(lab.held()).toEqual(NOTHING);
});

test.each([
  ["before the head", "before-head"],
  ["inside the body", "inside-body"],
] as const)("closes the connection of a call aborted %s, and blames nobody", async (_, at) => {
  await using lab = await rig({ behaviour: { kind: "stall", at, answer: { body: "0123456789" } } });
  const abort = new AbortController();
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, signal: abort.signal });
  const text = sent.then(({ body }) => body.text());
  await lab.endpoints.at(0).stalled();
  if (at === "inside-body") await sent;
  abort.abort();
  await expect(text).rejects.toMatchObject({ name: "AbortError" });
  await lab.endpoints.at(0).allClosed();
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0, pending: 0 });
  expect(lab.held()).toEqual(NOTHING);
});

test("retry pause: an abort ends it at once", async () => {
  await using lab = await rig({
    behaviour: { status: 503, headers: { "retry-after": "60" }, body: "busy" },
    policy: { retry: { retryAfter: { max: "120s" } }, timeout: { total: "5m" } },
  });
  const abort = new AbortController();
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, signal: abort.signal });
  expect(await lab.journal.next("retry.started")).toMatchObject({ pauseMs: 60_000 });
  abort.abort();
  await expect(sent).rejects.toMatchObject({ name: "AbortError" });
  expect(lab.endpoints.requestCount()).toBe(1);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("an abort of the body's reader ends the exchange", async () => {
  await using lab = await rig({ behaviour: { kind: "stall", at: "inside-body", answer: { body: "0123456789" } } });
  const { body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  body.on("error", () => {});
  body.destroy();
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

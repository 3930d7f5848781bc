import { fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { dial, GET, started } from "./raw-client.ts";

describe("a fake endpoint answers", () => {
  test("with an echo of the request, by default, on a connection it keeps", async () => {
    const endpoint = await started({ name: "orders-1" });
    const client = dial(endpoint);
    client.send("POST /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 5\r\n\r\nhello");
    await client.shows('"hello"');
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.text()).toContain("x-fake-endpoint: orders-1\r\n");
    const headers = { host: "x", "x-two": "1, 2", "content-length": "5" };
    const seen = { method: "POST", path: "/a?b=1", connection: 1 };
    expect(client.json()).toEqual({ endpoint: "orders-1", ...seen, headers, body: "hello", request: 1 });
    expect(endpoint.requests).toMatchObject([{ ...seen, headers, number: 1 }]);
    expect(endpoint.requests[0]?.body.toString()).toBe("hello");
    client.send(GET);
    await endpoint.requestCount(2);
    expect(endpoint.connections).toBe(1);
  });

  test("to a body in chunks, whatever the pieces it arrives in", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    const request =
      "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, big worl\r\n1\r\nd\r\n0\r\nt: 1\r\n\r\n";
    for (const byte of request) client.send(byte);
    await endpoint.requestCount(1);
    expect(endpoint.requests[0]?.body.toString()).toBe("hello, big world");
  });

  test("to requests sent at once, in their order", async () => {
    const endpoint = await started({ behaviour: ({ path }) => ({ body: `<${path}>` }) });
    const client = dial(endpoint);
    client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nconnection: close\r\n\r\n");
    expect(await client.ending()).toBe("end");
    expect(client.text().match(/<[^>]*>/g)).toEqual(["</1>", "</2>", "</3>"]);
  });

  test("with the status, headers and body it was told, once each, and then as usual", async () => {
    const endpoint = await started({ behaviour: { body: "usual" } });
    endpoint.next(
      { status: 503, headers: { "retry-after": "1", "set-cookie": ["a=1", "b=2"] }, body: "no" },
      { body: "2" },
    );
    const client = dial(endpoint);
    for (const shows of ["no", "\r\n\r\n2", "usual"]) {
      client.send(GET);
      await client.shows(shows);
    }
    expect(client.text()).toContain(
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n",
    );
    expect(client.text().match(/content-length: \d/g)).toEqual([
      "content-length: 2",
      "content-length: 1",
      "content-length: 5",
    ]);
  });

  test("anew after the default was changed, on the connections it has as well", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    endpoint.always({ status: 500 });
    client.send(GET);
    await client.shows("500 Internal");
    endpoint.always({ kind: "reset", at: "accept" });
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
  });

  test.each([
    { method: "HEAD", answer: { body: "12345" }, has: "content-length: 5" },
    { method: "HEAD", answer: { chunked: true }, has: "transfer-encoding: chunked" },
    { method: "GET", answer: { status: 204, body: "never sent" }, has: "204 No Content" },
    { method: "GET", answer: { status: 304 }, has: "304 Not Modified" },
  ])("$method with $answer without a body", async ({ method, answer, has }) => {
    const endpoint = await started({ behaviour: answer });
    const client = dial(endpoint);
    client.send(`${method} / HTTP/1.1\r\nconnection: close\r\n\r\n`);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toContain(has);
    expect(client.text()).toMatch(/\r\n\r\n$/);
  });

  test.each([
    { body: "12345", wire: "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n" },
    { body: "1", wire: "1\r\n1\r\n0\r\n\r\n" },
    { body: "", wire: "0\r\n\r\n" },
  ])("with '$body' in chunks", async ({ body, wire }) => {
    const endpoint = await started({ behaviour: { chunked: true, body } });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows(`\r\n\r\n${wire}`);
  });

  test("with informational responses first", async () => {
    const endpoint = await started();
    endpoint.next({ informational: [{ status: 103, headers: { link: "</a.css>" } }, { status: 102 }], body: "x" });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    expect(client.text()).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK/,
    );
  });

  test("100 Continue to a client that waits for it", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send("POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    await client.shows("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    await client.shows("200 OK");
  });

  test("after a delay on the timer it was given", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, behaviour: { delayMs: 1_000 } });
    const client = dial(endpoint);
    client.send(GET);
    await endpoint.requestCount(1);
    await timer.advance(999);
    expect(client.text()).toBe("");
    await timer.advance(1);
    await client.shows("200 OK");
    expect(timer.pending()).toBe(0);
  });

  test("500 with the error when the test's own rule throws", async () => {
    const endpoint = await started({
      behaviour: () => {
        throw new Error("a mistake in the test");
      },
    });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/^HTTP\/1\.1 500 .*a mistake in the test$/s);
  });

  test.each([
    "hello\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    `GET /${"x".repeat(65_600)}`,
  ])("400 to what is no request (%#)", async (bytes) => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(bytes);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(endpoint.requests).toHaveLength(0);
  });
});

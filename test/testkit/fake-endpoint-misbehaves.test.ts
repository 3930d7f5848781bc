import type { RequestBehaviour } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { dial, GET, started } from "./raw-client.ts";

describe("a fake endpoint misbehaves", () => {
  test("by resetting a connection at once", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "reset", at: "accept" });
    expect(await dial(endpoint).ending()).toBe("ECONNRESET");
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
  });

  test("by resetting instead of an answer", async () => {
    const endpoint = await started({ behaviour: { kind: "reset", at: "request" } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
    expect(client.text()).toBe("");
    expect(endpoint.requests).toHaveLength(1);
  });

  test("by resetting inside the body", async () => {
    const endpoint = await started({ behaviour: { kind: "reset", at: "body", answer: { body: "12345678" } } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("ECONNRESET");
    expect(client.text()).toMatch(/content-length: 8\r\n\r\n1234$/);
  });

  test("by closing without an answer", async () => {
    const endpoint = await started({ behaviour: { kind: "close" } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toBe("");
  });

  test.each([
    { answer: { body: "12345678" }, ends: /content-length: 8\r\n\r\n1234$/ },
    { answer: { body: "12345678", chunked: true }, ends: /chunked\r\n\r\n4\r\n1234\r\n$/ },
  ])("by ending the connection inside the body of $answer", async ({ answer, ends }) => {
    const endpoint = await started({ behaviour: { kind: "truncate", answer } });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(ends);
  });

  test("with bytes that are no HTTP", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "garbage" }, { kind: "garbage", bytes: "HTTP/1.1 abc\r\n\r\n" });
    for (const bytes of ["220 this is no HTTP\r\n", "HTTP/1.1 abc\r\n\r\n"]) {
      const client = dial(endpoint);
      client.send(GET);
      expect(await client.ending()).toBe("end");
      expect(client.text()).toBe(bytes);
    }
  });

  test("by stalling before the head until it is released", async () => {
    const endpoint = await started({ behaviour: { kind: "stall", at: "before-head", answer: { body: "late" } } });
    const clients = [dial(endpoint), dial(endpoint)];
    for (const client of clients) client.send(GET);
    await endpoint.stalled(2);
    expect(clients.map((client) => client.text())).toEqual(["", ""]);
    endpoint.release();
    await Promise.all(clients.map((client) => client.shows("late")));
    clients[0]?.send(GET); // a release is for those that wait, not for those to come
    await endpoint.stalled();
    expect(endpoint.requests).toHaveLength(3);
  });

  test("by stalling inside the body until it is released", async () => {
    const endpoint = await started({ behaviour: { kind: "stall", at: "inside-body", answer: { body: "12345678" } } });
    const client = dial(endpoint);
    client.send(GET);
    await endpoint.stalled();
    await client.shows("\r\n\r\n1234");
    endpoint.release();
    await client.shows("\r\n\r\n12345678");
  });

  test("by hanging: it takes what comes and notices who gives up", async () => {
    const endpoint = await started();
    endpoint.next({ kind: "hang" });
    const client = dial(endpoint);
    client.send(GET.repeat(1_000));
    await endpoint.connected();
    client.close();
    await endpoint.allClosed();
    expect(endpoint.requests).toHaveLength(0);
  });

  test("by hanging on the connections it has, when that becomes the default", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    endpoint.always({ kind: "hang" });
    client.send(GET);
    await endpoint.requestCount(2);
    client.close();
    await endpoint.allClosed();
  });

  test("by lying about its length", async () => {
    const endpoint = await started({
      behaviour: { headers: { "Content-Length": "100" }, body: "short", thenClose: true },
    });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).toMatch(/Content-Length: 100\r\n.*\r\n\r\nshort$/s);
    expect(client.text()).not.toContain("content-length");
  });

  // Behaviours come from plain JavaScript as well, where nothing else finds a misspelt one.
  test.each([
    [{ kind: "hagn" }, 'cannot "hagn"; it can answer, stall, reset, close, truncate, garbage, hang'],
    [{ kind: "toString" }, 'cannot "toString"'],
    [{ kind: "reset", at: "bdoy" }, 'cannot reset at "bdoy"; it can at accept, request, body'],
    [{ kind: "stall" }, 'cannot stall at "undefined"; it can at before-head, inside-body'],
  ])("in no way that there is not: %j", async (misspelt, why) => {
    const behaviour = misspelt as unknown as RequestBehaviour; // a lie, as a program without types tells it
    const endpoint = await started();
    expect(() => endpoint.next({ body: "not queued either" }, behaviour)).toThrow(why);
    expect(() => endpoint.always(behaviour)).toThrow(why);
    await expect(started({ behaviour })).rejects.toThrow(why);

    const client = dial(endpoint);
    client.send(GET);
    await client.shows('"method":"GET"');
    endpoint.always(() => behaviour);
    client.send(GET);
    await client.shows("500 Internal Server Error");
    await client.shows(why);
  });
});

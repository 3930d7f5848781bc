import { fakeEndpoint, fakeEndpoints, fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { dial, GET, started } from "./raw-client.ts";

describe("a fake endpoint closes connections", () => {
  test("after an answer, without having said so", async () => {
    const endpoint = await started();
    endpoint.next({ thenClose: true });
    const client = dial(endpoint);
    client.send(GET);
    expect(await client.ending()).toBe("end");
    expect(client.text()).not.toContain("connection: close");
  });

  test("that are idle, and leaves those with a request under way", async () => {
    const endpoint = await started();
    const [idle, busy] = [dial(endpoint), dial(endpoint)];
    idle.send(GET);
    await idle.shows("200 OK");
    endpoint.next({ kind: "stall", at: "before-head" });
    busy.send(GET);
    await endpoint.stalled();
    endpoint.closeIdle();
    expect(await idle.ending()).toBe("end");
    endpoint.release();
    await busy.shows("200 OK");
  });

  test("with a reset, when the next request was on its way already", async () => {
    const endpoint = await started();
    const client = dial(endpoint, { allowHalfOpen: true });
    client.send(GET);
    await client.shows("200 OK");
    endpoint.closeIdle();
    expect(await client.ending()).toBe("end");
    client.send(GET); // half-open on this side: only a reset ends the connection
    await endpoint.allClosed();
    expect(endpoint.requests).toHaveLength(1);
  });

  test("once they have been idle for keepAliveMs on its timer", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, keepAliveMs: 5_000 });
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    await timer.advance(4_999);
    client.send(GET);
    await endpoint.requestCount(2);
    await timer.advance(5_000);
    expect(await client.ending()).toBe("end");
    expect(timer.pending()).toBe(0);
  });

  test.each(["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"])(
    "when the client does not want to keep them: %j",
    async (request) => {
      const client = dial(await started());
      client.send(request);
      expect(await client.ending()).toBe("end");
      expect(client.text()).toContain("connection: close");
    },
  );
});

describe("a fake endpoint goes and comes back", () => {
  test("refuses connections, resets those it has, and comes back on the same port", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    client.send(GET);
    await client.shows("200 OK");
    await endpoint.refuse();
    await endpoint.refuse();
    expect(await client.ending()).toBe("ECONNRESET");
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
    await endpoint.comeBack();
    await endpoint.comeBack();
    const again = dial(endpoint);
    again.send(GET);
    await again.shows('"request":2');
  });

  test("refuses new connections only, when it keeps those it has", async () => {
    const endpoint = await started();
    const client = dial(endpoint);
    await endpoint.connected();
    await endpoint.refuse({ keepConnections: true });
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
    client.send(GET);
    await client.shows("200 OK");
  });

  test("ends its connections, delays and waits when it is closed, and stays closed", async () => {
    const timer = fakeTime();
    const endpoint = await started({ timer, name: "orders-1" });
    endpoint.next({ delayMs: 1_000 }, { kind: "stall", at: "before-head" });
    const clients = [dial(endpoint), dial(endpoint), dial(endpoint)];
    for (const client of clients.slice(0, 2)) client.send(GET);
    await endpoint.requestCount(2);
    await endpoint.connected(3);
    const waiting = expect(endpoint.requestCount(9)).rejects.toThrow(
      "endpoint orders-1 was closed before this came: 9 requests; it saw 2 requests on 3 connections",
    );
    await Promise.all([endpoint.close(), endpoint.close()]);
    await waiting;
    expect(await Promise.all(clients.map((client) => client.ending()))).toEqual(Array(3).fill("ECONNRESET"));
    expect(timer.pending()).toBe(0);
    expect(endpoint.openConnections).toBe(0);
    await expect(endpoint.comeBack()).rejects.toThrow("closed");
    expect(await dial(endpoint).ending()).toBe("ECONNREFUSED");
  });

  test("ends a wait with its signal", async () => {
    const endpoint = await started();
    await expect(endpoint.connected(1, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });

  test("says what a registry would say of it", async () => {
    const endpoint = await started({ name: "orders-1", endpoint: { weight: 3, tags: ["v2"] } });
    const { host, port } = endpoint;
    expect(endpoint.asEndpoint()).toMatchObject({
      id: "orders-1",
      host,
      port,
      weight: 3,
      tags: ["v2"],
      state: "passing",
    });
    expect((await started()).asEndpoint().id).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("refuses a port or weight that no endpoint can have", async () => {
    await expect(fakeEndpoint({ port: 0 })).rejects.toThrow("port 0 is not in 1..65535");
    await expect(fakeEndpoint({ endpoint: { weight: 0 } })).rejects.toThrow("weight 0");
  });

  test("says so when its address is taken", async () => {
    const { port } = await started();
    await expect(fakeEndpoint({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("fake endpoints", () => {
  test("come several at once, each with its name", async () => {
    await using endpoints = await fakeEndpoints(3, { behaviour: { body: "x" } });
    expect(endpoints.asEndpoints().map(({ id }) => id)).toEqual(["endpoint-1", "endpoint-2", "endpoint-3"]);
    const client = dial(endpoints.at(1));
    client.send(GET);
    await client.shows("x-fake-endpoint: endpoint-2");
    expect(endpoints.requestCount()).toBe(1);
    expect(() => endpoints.at(3)).toThrow("there is no endpoint 3: 3 were started");
  });
});

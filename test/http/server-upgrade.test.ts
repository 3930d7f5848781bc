import { TimeoutQueues } from "@weft/core";
import { Fields, joinSockets, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { serving } from "./serving.ts";

const TUNNEL = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

describe("an upgrade", () => {
  test.each([
    ["at once", (_name: string, then: () => void) => then()],
    ["later", (_name: string, then: () => void) => void setImmediate(then)],
  ])("answered %s hands over the bytes that came behind the head, in both directions", async (name, when) => {
    const { call, exchanges, server, until } = await serving((exchange) =>
      when(name, () => {
        const { socket, early } = exchange.upgrade(
          101,
          "Switching Protocols",
          Fields.ofLines("Upgrade: echo\r\nConnection: Upgrade\r\n"),
        );
        socket.write(`early: ${early?.toString()}\n`);
        socket.on("data", (chunk: Buffer) => socket.write(chunk));
        socket.on("end", () => socket.end("bye"));
        socket.resume();
      }),
    );
    const caller = call();
    caller.send(`${TUNNEL}first bytes`);
    await caller.shows("early: first bytes\n");
    caller.send("GET / this is no HTTP\n");
    await caller.shows("this is no HTTP\n");
    expect(caller.text()).toMatch(
      /^HTTP\/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nearly/,
    );
    expect(exchanges[0]?.over).toBe(true);
    expect(server.running).toBe(1);
    caller.end();
    await caller.shows("bye");
    await until(() => server.connections === 0);
  });

  test("still knows its caller when the tunnel has ended", async () => {
    const { call, exchanges, server, until } = await serving((exchange) => {
      const { socket } = exchange.upgrade(101, "Switching Protocols", NO_FIELDS);
      socket.on("error", () => {}).resume();
    });
    const caller = call();
    caller.send(TUNNEL);
    await caller.shows("\r\n\r\n");
    const port = caller.socket.localPort;
    caller.socket.resetAndDestroy();
    await until(() => server.connections === 0);
    expect(exchanges[0]?.peer).toBe(`127.0.0.1:${port}`);
  });

  test("joined with another socket carries bytes and both ends", async () => {
    const other = await serving((exchange) => {
      const { socket } = exchange.upgrade(101, "Switching Protocols", NO_FIELDS);
      socket.on("data", (chunk: Buffer) => socket.write(chunk.toString().toUpperCase())).resume();
      socket.on("end", () => socket.end());
    });
    const far = other.call();
    far.send(TUNNEL);
    await far.shows("\r\n\r\n");
    far.socket.removeAllListeners("data").setEncoding();
    const { call, until, server, time } = await serving((exchange) => {
      const { socket, early } = exchange.upgrade(101, "Switching Protocols", NO_FIELDS);
      joinSockets(socket, far.socket, {
        clock: time,
        timeouts: new TimeoutQueues(time),
        idleMs: Number.POSITIVE_INFINITY,
        ...(early === undefined ? {} : { earlyFromA: early }),
        ended() {},
      });
    });
    const caller = call();
    caller.send(`${TUNNEL}early `);
    await caller.shows("EARLY ");
    caller.send("late");
    await caller.shows("LATE");
    caller.end();
    expect(await caller.ending()).toBe("end");
    await until(() => server.connections === 0);
  });

  test("is cut with the listener", async () => {
    const { call, server, time } = await serving((exchange) => {
      exchange.upgrade(101, "Switching Protocols", NO_FIELDS).socket.resume();
    });
    const caller = call();
    caller.send(TUNNEL);
    await caller.shows("\r\n\r\n");
    const closed = server.close(5_000);
    await time.advance(5_000);
    expect(await closed).toBe(1);
    await caller.ending();
  });
});

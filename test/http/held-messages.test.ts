import { Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { calling } from "./calling.ts";
import { rawEndpoint } from "./raw-endpoint.ts";
import { say, serving, Source } from "./serving.ts";

// Where there are several in a turn of the event loop, small messages leave at its end. What else happens in that turn must not lose or overtake them.

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function get(path: string, lines = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
}

/**
 * Goes on in the phase of the event loop that ends a turn: what is written together from there leaves only behind the
 * next look at the sockets.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A turn with many messages: what is written in the one behind it is held. */
async function busyTurn(): Promise<void> {
  const { call } = await serving((exchange) => say(exchange, "one of many"));
  const caller = call();
  caller.send(get("/").repeat(20));
  await caller.shows("one of many", 20);
  await nextTurn();
}

describe("answers that were given in one turn", () => {
  test("keep their order among pieces of others, interim answers and a switch to another protocol", async () => {
    const { call } = await serving((exchange) => {
      const { target } = exchange.head;
      if (target === "/pieces") {
        const source = new Source(-1);
        exchange.stream(200, "OK", NO_FIELDS, source);
        source.give("(2)");
        source.sink?.end(NO_FIELDS);
      } else if (target === "/switch") {
        const { socket } = exchange.upgrade(101, "Switching Protocols", Fields.ofLines("Upgrade: echo\r\n"));
        socket.write("(5)");
        socket.end("(6)");
      } else {
        if (target === "/(3)") exchange.inform(103, "Early Hints", NO_FIELDS);
        say(exchange, target.slice(1));
      }
    });
    const caller = call();
    const upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n";
    caller.send(get("/(1)") + get("/pieces") + get("/(3)") + get("/(4)") + get("/switch", upgrade));
    expect(await caller.ending()).toBe("end");
    const order = caller
      .text()
      .match(/\(\d\)|(?<=HTTP\/1.1 )\d+/g)
      ?.join(" ");
    expect(order).toBe("200 (1) 200 (2) 103 200 (3) 200 (4) 101 (5) (6)");
  });

  test("arrive when the request behind them is cut", async () => {
    const { call, told } = await serving((exchange) =>
      exchange.head.target === "/1" ? say(exchange, "whole") : exchange.cut(),
    );
    const caller = call();
    caller.send(get("/1") + get("/2"));
    await caller.shows("whole");
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(told).toEqual(["answered /1"]);
  });

  test("arrive when their caller leaves in the same turn, before the request behind them is answered", async () => {
    const { call, sockets, told } = await serving((exchange) => {
      if (exchange.head.target === "/1") say(exchange, "whole");
      else sockets.at(-1)!.emit("end"); // as a FIN does that is read right behind
    });
    await busyTurn();
    const caller = call();
    caller.send(get("/1") + get("/2"));
    await caller.shows("whole");
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(told).toEqual(["answered /1", "left /2: the caller closed the connection"]);
  });

  test.each([
    ["is refused", "GET nowhere\r\n\r\n", "400"],
    ["is the last", get("/2", "Connection: close\r\n"), "200"],
  ])("arrive when the request behind them %s", async (_what, behind, status) => {
    const { call } = await serving((exchange) => say(exchange, "whole"));
    const caller = call();
    caller.send(get("/1") + behind);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toContain(`\r\n\r\nwholeHTTP/1.1 ${status}`);
  });

  test("arrive when their listener is closed without any time", async () => {
    const { call, exchanges, server, time, until } = await serving(() => {});
    const caller = call();
    caller.send(get("/1"));
    await until(() => exchanges.length === 1);
    await busyTurn();
    say(exchanges[0]!, "whole");
    const closed = server.close(0);
    await time.advance(0);
    expect(await closed).toBe(0);
    await caller.shows("whole");
  });

  test("arrive when their caller has ended its side meanwhile", async () => {
    const { call, exchanges, until } = await serving(() => {});
    const caller = call();
    caller.send(get("/1", "Connection: close\r\n"));
    await until(() => exchanges.length === 1);
    await busyTurn();
    caller.end();
    say(exchanges[0]!, "whole");
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toContain("whole");
  });
});

describe("a request that has not left", () => {
  /** An endpoint with one idle connection, at the end of a turn. */
  async function idleOnce() {
    const { endpoint, connection, connections } = await rawEndpoint();
    const { call, pools } = calling();
    const first = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    peer.send(OK);
    await first.over();
    await busyTurn();
    expect(pools.of(endpoint).idle).toBe(1);
    return { peer, connections, post: () => call(endpoint, { method: "POST", body: Buffer.from("one") }) };
  }

  test.each(["closes", "resets"])("was never sent where its endpoint %s the connection", async (how) => {
    const { peer, connections, post } = await idleOnce();
    if (how === "closes") peer.socket.destroy();
    else peer.socket.resetAndDestroy();
    const { failure } = await post().over();
    expect(failure).toMatchObject({ failure: "stale-connection", sent: "no", outcome: { kind: "ignored" } });
    expect(connections).toHaveLength(1);
  });

  test("is not answered by what the endpoint says of its own accord", async () => {
    const { peer, post } = await idleOnce();
    peer.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    const { failure, heads } = await post().over();
    expect(heads).toEqual([]);
    expect(failure).toMatchObject({ failure: "stale-connection", sent: "no", outcome: { kind: "ignored" } });
    await peer.ending();
    expect(peer.text()).not.toContain("POST");
  });

  test("and is given up leaves nothing at the endpoint", async () => {
    const { peer, post } = await idleOnce();
    post().exchange?.cut("not wanted any more");
    expect(await peer.ending()).toBe("end");
    expect(peer.text()).not.toContain("POST");
  });
});

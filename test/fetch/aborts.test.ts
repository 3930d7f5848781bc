import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Agent } from "undici";
import { watchedFetch } from "./compare.ts";
import { describeError } from "./observe.ts";
import { type RawServer, rawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let agent: Agent;
beforeEach(() => {
  agent = new Agent();
});
afterEach(() => agent.destroy());

const builtin = (): typeof fetch => (input, init) => fetch(input, { ...init, dispatcher: agent });
const both = [
  { who: "the built-in fetch", make: builtin },
  { who: "ours", make: () => watchedFetch(agent).fetch },
];
const reasons: readonly { what: string; reason: unknown }[] = [
  { what: "an error", reason: new RangeError("enough") },
  { what: "a string", reason: "enough" },
  { what: "the default", reason: undefined },
];
const whole = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody";
const half = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbo";

// Each story runs with both: what the first does is the claim, and the second must do the same.
describe.each(both)("$who", ({ make }) => {
  describe.each(reasons)("aborted with $what", ({ reason }) => {
    test("rejects before anything is sent", async () => {
      server.become(() => {});
      const abort = new AbortController();
      abort.abort(reason);
      await expect(make()(server.origin, { signal: abort.signal })).rejects.toBe(abort.signal.reason);
      expect(server.seen).toEqual([]);
    });

    test("rejects while the connection is being made", async () => {
      const connecting = Promise.withResolvers<void>();
      // A connection that never comes: undici gives it up when the agent is destroyed.
      agent = new Agent({ connect: () => connecting.resolve() });
      const abort = new AbortController();
      const answer = make()(server.origin, { signal: abort.signal });
      await connecting.promise;
      abort.abort(reason);
      await expect(answer).rejects.toBe(abort.signal.reason);
      void agent.destroy();
      agent = new Agent();
    });

    test("rejects while waiting for the head, and hangs up", async () => {
      const abort = new AbortController();
      server.become(() => abort.abort(reason));
      const error = await failure(make()(server.origin, { signal: abort.signal }));
      expect(error).toBe(abort.signal.reason);
      await server.disconnected();
    });

    test("fails a body in its middle, and hangs up", async () => {
      const abort = new AbortController();
      server.become((socket) => socket.write(half));
      const response = await make()(server.origin, { signal: abort.signal });
      const text = response.text();
      abort.abort(reason);
      await expect(text).rejects.toBe(abort.signal.reason);
      await server.disconnected();
      expect(response.bodyUsed).toBe(true);
    });

    test("fails a body that has arrived but was not read", async () => {
      const abort = new AbortController();
      server.become((socket) => socket.write(whole));
      const response = await make()(server.origin, { signal: abort.signal });
      abort.abort(reason);
      expect(response.bodyUsed).toBe(false);
      await expect(response.text()).rejects.toBe(abort.signal.reason);
    });

    test("fails both readers of a clone", async () => {
      const abort = new AbortController();
      server.become((socket) => socket.write(half));
      const response = await make()(server.origin, { signal: abort.signal });
      const clone = response.clone();
      const failures = Promise.all([failure(response.text()), failure(clone.text())]);
      abort.abort(reason);
      expect(await failures).toEqual([abort.signal.reason, abort.signal.reason]);
    });

    test("changes nothing once the body has been read", async () => {
      const abort = new AbortController();
      server.become((socket) => socket.write(whole));
      const response = await make()(server.origin, { signal: abort.signal });
      expect(await response.text()).toBe("body");
      abort.abort(reason);
      expect(response.status).toBe(200);
    });

    test("fails an encoded body", async () => {
      const abort = new AbortController();
      server.become((socket) => socket.write(half.replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n")));
      const response = await make()(server.origin, { signal: abort.signal });
      const text = response.text();
      abort.abort(reason);
      await expect(text).rejects.toBe(abort.signal.reason);
    });

    test("rejects while following a redirect", async () => {
      const abort = new AbortController();
      server.become((socket, turn) => {
        if (turn === 0) socket.write("HTTP/1.1 302 F\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n");
        else abort.abort(reason);
      });
      const error = await failure(make()(server.origin, { signal: abort.signal }));
      expect(error).toBe(abort.signal.reason);
    });
  });

  test("times out with the signal's TimeoutError", async () => {
    server.become(() => {});
    const failed = make()(server.origin, { signal: AbortSignal.timeout(10) });
    await expect(failed).rejects.toMatchObject({ name: "TimeoutError", code: DOMException.TIMEOUT_ERR });
  });

  test("hangs up when a body is cancelled", async () => {
    server.become((socket) => socket.write(half));
    const response = await make()(server.origin);
    await response.body?.cancel("enough");
    await server.disconnected();
    expect(response.bodyUsed).toBe(true);
    expect(await response.text().catch(describeError)).toMatchObject({ class: "TypeError" });
  });

  test("hangs up when a response is dropped unread", async () => {
    server.become((socket) => socket.write(half));
    setFlagsFromString("--expose-gc");
    // The function that the flag adds; nothing declares it.
    const collect = runInNewContext("gc") as () => void;
    await make()(server.origin).then(({ status }) => expect(status).toBe(200));
    const gone = server.disconnected();
    let left = false;
    void gone.then(() => (left = true));
    while (!left) {
      collect();
      await new Promise(setImmediate);
    }
  });

  test("keeps a stalled reader's endpoint waiting, and loses nothing", async () => {
    const total = 24 * 1024 * 1024; // more than what the sockets of both sides buffer
    const written = Promise.withResolvers<Socket>();
    server.become((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
      socket.write(Buffer.alloc(total, "x"));
      written.resolve(socket);
    });
    const response = await make()(server.origin);
    const socket = await written.promise;
    for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate);
    expect(socket.writableLength).toBeGreaterThan(0);
    expect((await response.arrayBuffer()).byteLength).toBe(total);
  });

  test("leaves no listener on a signal that outlives its calls", async () => {
    server.become((socket) => socket.write(whole));
    const { signal } = new AbortController();
    const added = countListeners(signal);
    for (let i = 0; i < 3; i++) await (await make()(server.origin, { signal })).text();
    await make()(server.origin, { method: "HEAD", signal }).catch(() => {});
    await new Promise(setImmediate);
    expect(added()).toBe(0);
  });

  test("survives an endpoint that is killed amid many calls", async () => {
    const sockets: Socket[] = [];
    const doomed = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", () => {
        if (sockets.length < 8) socket.write(half);
        else for (const each of sockets) each.resetAndDestroy();
      });
    }).listen(0, "127.0.0.1");
    await once(doomed, "listening");
    const address = doomed.address();
    const port = typeof address === "object" ? address?.port : 0;
    const either = make();
    const calls = Array.from({ length: 8 }, async () => (await either(`http://127.0.0.1:${port}/`)).text());
    const ends = await Promise.allSettled(calls);
    expect(ends.map(({ status }) => status)).toEqual(Array(8).fill("rejected"));
    doomed.close();
  });

  test("rejects when its dispatcher is closed", async () => {
    await agent.close();
    const error = await make()(server.origin).catch(describeError);
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "UND_ERR_DESTROYED" } });
  });

  test("rejects or fails the body when its dispatcher is destroyed during the call", async () => {
    server.become((socket) => socket.write(half));
    const response = await make()(server.origin);
    const text = response.text().catch(describeError);
    await agent.destroy();
    expect(await text).toMatchObject({ class: "TypeError", message: "terminated" });
  });
});

async function failure(answer: Promise<unknown>): Promise<unknown> {
  try {
    await answer;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

function countListeners(signal: AbortSignal): () => number {
  const { addEventListener, removeEventListener } = signal;
  let count = 0;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    count++;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    count--;
    removeEventListener.apply(signal, given);
  };
  return () => count;
}

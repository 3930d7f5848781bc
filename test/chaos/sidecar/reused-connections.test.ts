import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { call } from "../../sidecar/rig.ts";
import { expectAtRest } from "./at-rest.ts";
import { rawEndpoint } from "./raw-endpoint.ts";
import { started } from "./started.ts";

const CALLS = 60;
/** Half of the calls meet a closed connection here: to go round one costs nothing, not even where nothing is left. */
const RETRY = { budget: { ratio: 0, minPerSecond: 0 } } as const;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** How an endpoint ends a connection that lay idle, just as it is used again. */
const ENDINGS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["closes", (socket) => socket.end()],
  ["resets", (socket) => socket.resetAndDestroy()],
  ["closes and destroys", (socket) => socket.destroy()],
];

test.each(ENDINGS)("an endpoint that %s each idle connection at the moment of reuse: no GET fails", async (_, end) => {
  const { seen, serve, closing } = closingAtReuse(end);
  const endpoint = await rawEndpoint("closing", serve);
  const rig = await started({ count: 0, registered: [endpoint.endpoint], policy: { retry: RETRY } });
  for (let i = 0; i < CALLS; i++) expect((await call(rig.port, `/${i}`)).status).toBe(200);
  expect(closing()).toBeGreaterThan(CALLS / 4);
  expect(Math.max(...seen.values())).toBe(2); // once in vain, once more on a connection of its own
  expect(rig.journal.of("endpoint.ejected")).toEqual([]);
  await expectAtRest(rig, () => endpoint.closeAll());
});

test.each(ENDINGS)(
  "an endpoint that %s all of ten idle connections as they are reused: no GET fails",
  async (_, end) => {
    const { seen, serve, closing } = closingAtReuse(end);
    const endpoint = await rawEndpoint("closing", serve);
    const rig = await started({ count: 0, registered: [endpoint.endpoint], policy: { retry: RETRY } });
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, (__, i) => call(rig.port, `/${round}-${i}`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    }
    expect(closing()).toBeGreaterThan(0);
    expect(seen.size).toBe(100);
    await expectAtRest(rig, () => endpoint.closeAll());
  },
);

test("an endpoint that closes idle connections as they are reused, at the limit of connections: who waits gets one", async () => {
  const { serve, closing } = closingAtReuse((socket) => socket.end());
  const endpoint = await rawEndpoint("closing", serve);
  const policy = { retry: RETRY, limits: { connections: 3 } } as const;
  const rig = await started({ count: 0, registered: [endpoint.endpoint], policy });
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => call(rig.port, `/${round}-${i}`)));
    // A connection that has just come free is taken at once, and may be one that closes: only that costs a call.
    expect(answers.every(({ status }) => status === 200 || status === 502)).toBe(true);
  }
  expect(closing()).toBeGreaterThan(0);
  await expectAtRest(rig, () => endpoint.closeAll());
});

test.each(ENDINGS)(
  "an endpoint that %s each idle connection at the moment of reuse: no POST is sent twice",
  async (_, end) => {
    const { seen, serve, closing } = closingAtReuse(end);
    const endpoint = await rawEndpoint("closing", serve);
    const rig = await started({ count: 0, registered: [endpoint.endpoint] });
    const statuses = new Map<number, number>();
    for (let i = 0; i < CALLS; i++) {
      const { status } = await call(rig.port, `/${i}`, { method: "POST", body: "one" });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
    // What had left on a connection that was then closed may have been acted on: only its caller can know.
    expect(Object.fromEntries(statuses)).toEqual({ 200: CALLS - closing(), 502: closing() });
    expect(closing()).toBeGreaterThan(CALLS / 4);
    await expectAtRest(rig, () => endpoint.closeAll());
  },
);

test("an endpoint that closes right behind each answer: neither GET nor POST fails when the close was seen in time", async () => {
  const seen = new Map<string, number>();
  const endpoint = await rawEndpoint("closing", (socket) => {
    socket.once("data", (bytes: Buffer) => {
      count(seen, bytes);
      socket.end(OK);
    });
  });
  const rig = await started({ count: 0, registered: [endpoint.endpoint] });
  for (let i = 0; i < CALLS; i++) {
    const method = i % 2 === 0 ? "GET" : "POST";
    const { status } = await call(rig.port, `/${i}`, { method, ...(method === "POST" ? { body: "one" } : {}) });
    // A POST that met the close halfway is told so; that it was sent twice would be worse.
    if (method === "GET") expect(status).toBe(200);
    else expect([200, 502]).toContain(status);
  }
  for (const [target, times] of seen) if (target.startsWith("POST")) expect(times).toBe(1);
  await expectAtRest(rig, () => endpoint.closeAll());
});

interface Closing {
  /** How often each request has arrived, by its method and target. */
  readonly seen: ReadonlyMap<string, number>;
  readonly serve: (socket: Socket) => void;
  /** How many requests met a connection that was closed for an answer. */
  readonly closing: () => number;
}

function closingAtReuse(end: (socket: Socket) => void): Closing {
  const seen = new Map<string, number>();
  let closed = 0;
  return {
    seen,
    closing: () => closed,
    serve(socket) {
      let used = false;
      socket.on("data", (bytes: Buffer) => {
        count(seen, bytes);
        if (!used) socket.write(OK);
        else {
          closed++;
          end(socket);
        }
        used = true;
      });
      socket.once("end", () => socket.end());
    },
  };
}

/** A request comes in one piece: it is small, and written as one. */
function count(seen: Map<string, number>, bytes: Buffer): void {
  const [line = ""] = bytes.toString("latin1").split(" HTTP/", 1);
  seen.set(line, (seen.get(line) ?? 0) + 1);
}

import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { type RawCaller, rawCaller } from "../../http/raw-caller.ts";
import type { SidecarRig, SidecarRigOptions } from "../../sidecar/rig.ts";
import { comesTrue } from "./at-rest.ts";
import { answering, rawEndpoint } from "./raw-endpoint.ts";
import { started } from "./started.ts";

// A byte a second, on a clock that the test moves. Every limit is looked at once a second, so it is kept to a second or two.

const SECOND = 1_000;

interface Lab {
  readonly rig: SidecarRig;
  readonly time: FakeTime;
  readonly caller: RawCaller;
}

async function lab(serve: (socket: Socket) => void, options: SidecarRigOptions = {}): Promise<Lab> {
  const time = fakeTime();
  const slow = await rawEndpoint("slow", serve);
  const rig = await started({
    count: 0,
    registered: [slow.endpoint],
    ...options,
    options: { ...options.options, time },
  });
  return { rig, time, caller: rawCaller(`127.0.0.1:${rig.port}`) };
}

/** Sends a byte of the text each second until the connection has ended. @returns the seconds that took */
async function secondsUntilEnded({ time, caller }: Lab, text: (second: number) => string): Promise<number> {
  let ended = false;
  void caller.ending().then(() => (ended = true));
  for (let second = 0; second < 600; second++) {
    if (ended) return second;
    if (caller.socket.writable) caller.send(text(second));
    await time.advance(SECOND);
  }
  throw new Error(`not ended after ten minutes: ${caller.text()}`);
}

/** The time that closing takes passes by itself: nothing is left to be looked at, and all is let go of. */
async function expectNothingHeld({ rig, time }: Lab): Promise<void> {
  await comesTrue(
    async () => (await time.advance(SECOND), rig.held()),
    ({ calls, pending, connections }) => calls + pending + connections === 0,
  );
}

test("a head that comes a byte a second is answered 408 when timeouts.head is over", async () => {
  const story = await lab(answering(), { outbound: { timeouts: { head: "10s" } } });
  const head = `GET /${"a".repeat(1_000)}`;
  const seconds = await secondsUntilEnded(story, (second) => head[second] ?? "a");
  expect(story.caller.text()).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n/s);
  expect(seconds).toBeGreaterThanOrEqual(10);
  expect(seconds).toBeLessThanOrEqual(13);
  await expectNothingHeld(story);
});

test("a body that comes a byte a second is answered 408 when that is less than limits.bodyRate", async () => {
  const story = await lab((socket) => void socket.resume(), {
    policy: { timeout: { total: "0s" } },
    outbound: { limits: { bodyRate: "1KiB" } },
  });
  story.caller.send("POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 1000\r\n\r\n");
  const seconds = await secondsUntilEnded(story, () => "b");
  expect(story.caller.text()).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n/s);
  expect(seconds).toBeLessThanOrEqual(8); // the first 5 s are free
  await expectNothingHeld(story);
});

test("a body that stops coming is answered 408 when timeouts.body is over", async () => {
  const story = await lab((socket) => void socket.resume(), {
    policy: { timeout: { total: "0s" } },
    outbound: { timeouts: { body: "20s" } },
  });
  story.caller.send("POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 1000\r\n\r\nbegun");
  const seconds = await secondsUntilEnded(story, () => "");
  expect(story.caller.text()).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n/s);
  expect(seconds).toBeGreaterThanOrEqual(20);
  expect(seconds).toBeLessThanOrEqual(30);
  await expectNothingHeld(story);
});

test("a body that comes a byte a second is taken to its end where no rate is asked for", async () => {
  const story = await lab(counting(30), {
    policy: { timeout: { total: "0s" } },
    outbound: { timeouts: { body: "20s" } },
  });
  story.caller.send("POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 30\r\n\r\n");
  for (let second = 0; second < 30; second++) {
    story.caller.send("b");
    await story.time.advance(SECOND);
  }
  await story.caller.shows("HTTP/1.1 200 OK\r\n");
});

test.each([
  { total: "2m", bytes: 60, ending: "is passed on as it comes, to its end" },
  { total: "20s", bytes: 20, ending: "is passed on as it comes until the deadline, which cuts it" },
] as const)("an answer that comes a byte a second $ending", async ({ total, bytes }) => {
  const sockets = Promise.withResolvers<Socket>();
  const story = await lab((socket) => socket.once("data", () => sockets.resolve(socket)), {
    policy: { timeout: { total, idle: "5s" } },
  });
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  const socket = await sockets.promise;
  // For a body that says it is short its head would wait, on a clock that stands still.
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 4060\r\n\r\n${"x".repeat(4_000)}`);
  for (let second = 1; second <= bytes; second++) {
    socket.write("a");
    await story.caller.shows("a".repeat(second));
    await story.time.advance(SECOND);
  }
  if (bytes < 60) expect(await story.caller.ending()).toBe("ECONNRESET");
  expect(await story.rig.held()).toMatchObject({ calls: 0, pending: 0 });
  socket.destroy();
  await expectNothingHeld(story);
});

test("an answer whose head comes a byte a second is given up at the deadline: 504", async () => {
  const sockets = Promise.withResolvers<Socket>();
  const story = await lab((socket) => socket.once("data", () => sockets.resolve(socket)), {
    policy: { timeout: { total: "15s" } },
  });
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  const socket = await sockets.promise;
  let seconds = 0;
  for (; !story.caller.text().includes("504") && seconds < 600; seconds++) {
    if (socket.writable) socket.write("HTTP/1.1 200 OK\r\nX-Slow: ".padEnd(1_000, "s")[seconds] ?? "s");
    await story.time.advance(SECOND);
  }
  expect(seconds).toBeGreaterThanOrEqual(15);
  expect(seconds).toBeLessThanOrEqual(17);
  await expectNothingHeld(story);
});

test("an answer that stops inside its body is cut when timeout.idle is over", async () => {
  const sockets = Promise.withResolvers<Socket>();
  const story = await lab((socket) => socket.once("data", () => sockets.resolve(socket)), {
    policy: { timeout: { total: "0s", idle: "20s" } },
  });
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  (await sockets.promise).write("HTTP/1.1 200 OK\r\nContent-Length: 4060\r\n\r\nhalf");
  await story.caller.shows("half");
  const seconds = await secondsUntilEnded(story, () => "");
  expect(await story.caller.ending()).toBe("ECONNRESET");
  expect(seconds).toBeGreaterThanOrEqual(20);
  expect(seconds).toBeLessThanOrEqual(27);
  await expectNothingHeld(story);
});

test("a short answer that is cut behind its head is a 502, and not half an answer", async () => {
  const story = await lab((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\nhalf")),
  );
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  await story.caller.shows("CONNECTION_LOST");
  expect(story.caller.text()).toMatch(/^HTTP\/1\.1 502 /);
  expect(story.caller.text()).not.toContain("half");
  story.caller.end();
  await expectNothingHeld(story);
});

test("an answer that its caller does not take is no silence of its endpoint, and goes on when it does", async () => {
  const bytes = 16 * 1024 * 1024;
  const sockets = Promise.withResolvers<Socket>();
  const story = await lab((socket) => socket.once("data", () => sockets.resolve(socket)), {
    policy: { timeout: { total: "0s", idle: "2s" } },
    outbound: { timeouts: { body: "2m" } },
  });
  story.caller.socket.pause();
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
  const socket = await sockets.promise;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
  socket.write("a".repeat(bytes));
  const left = (): number => socket.writableLength;
  for (let before = -1, turns = 0; turns < 100; turns++) {
    if (left() !== before) turns = 0;
    before = left();
    await new Promise(setImmediate);
  }
  expect(left()).toBeGreaterThan(0); // it is held back
  for (let second = 0; second < 60; second++) await story.time.advance(SECOND);
  story.caller.socket.resume();
  expect(await story.caller.ending()).toBe("end");
  expect(story.caller.text().length).toBeGreaterThan(bytes);
  const { services } = JSON.parse((await story.rig.admin("/services")).body);
  expect(services[0].endpoints).toMatchObject([{ attempts: 1, failed: 0 }]);
  socket.destroy();
  await expectNothingHeld(story);
});

test("a caller that takes nothing for timeouts.body is cut, and its endpoint not to blame", async () => {
  const log = new PassThrough({ encoding: "utf8" });
  const story = await lab((socket) => socket.once("data", () => pour(socket)), {
    policy: { timeout: { total: "0s", idle: "2s" } },
    outbound: { timeouts: { body: "20s" } },
    rest: { telemetry: { accessLog: "json" } },
    options: { accessLogTo: log },
  });
  story.caller.socket.pause();
  story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  for (let second = 0; log.readableLength === 0; second++) {
    expect(second).toBeLessThan(600);
    await story.time.advance(SECOND);
  }
  expect(JSON.parse(String(log.read()))).toMatchObject({
    end: "caller",
    flags: "DC",
    why: expect.arrayContaining(["the caller took nothing of its answer for 20000 ms"]),
  });
  const { services } = JSON.parse((await story.rig.admin("/services")).body);
  expect(services[0].endpoints).toMatchObject([{ attempts: 1, failed: 0 }]);
  await expectNothingHeld(story);
});

test("connections that say nothing are closed when timeouts.head is over, and one that calls now and then is not", async () => {
  const story = await lab(answering(), { outbound: { timeouts: { head: "30s", idle: "75s" } } });
  const { port } = story.rig;
  const silent = Array.from({ length: 200 }, () => rawCaller(`127.0.0.1:${port}`));
  // The kernel connects them before the sidecar has taken them, and from that on they are idle.
  await comesTrue(
    async () => /downstream_cx_active\{.*"outbound"\} (\d+)/.exec((await story.rig.admin("/metrics")).body)?.[1],
    (active) => active === "201",
  );
  let closed = 0;
  for (const caller of silent) void caller.ending().then(() => closed++);
  for (let calls = 1; calls <= 6; calls++) {
    story.caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
    await story.caller.shows("HTTP/1.1 200 OK", calls);
    if (calls < 4) expect(closed).toBe(0); // 20 s are over at most
    for (let second = 0; second < 10; second++) await story.time.advance(SECOND);
  }
  await Promise.all(silent.map((caller) => caller.ending()));
  story.caller.socket.destroy();
  await expectNothingHeld(story);
});

/** Answers when so many bytes of a body are here, whose head came before them. */
function counting(bytes: number): (socket: Socket) => void {
  return (socket) => {
    let came = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      came += text;
      const [, body = ""] = came.split("\r\n\r\n");
      if (body.length === bytes) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    socket.once("end", () => socket.end());
  };
}

/** An answer without end. */
function pour(socket: Socket): void {
  const piece = "a".repeat(64 * 1024);
  const fill = (): void => {
    while (socket.write(piece)); // an empty body: what it writes is all that it does
  };
  socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
  socket.on("drain", fill);
  fill();
}

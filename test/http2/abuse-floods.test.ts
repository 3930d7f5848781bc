import { describe, expect, test } from "vitest";
import { block, get, literal, post } from "./field-block.ts";
import { bytesInUse, flood } from "./flood.ts";
import {
  codeOf,
  continuation,
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  reset,
  SETTING,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "./frames.ts";
import { client } from "./raw-peer.ts";
import type { Role } from "./rule.ts";
import { scene, type Scene, type State } from "./scene.ts";
import { serving } from "./serving.ts";

interface Flood {
  readonly of: string;
  readonly state?: State;
  readonly roles?: readonly Role[];
  /** Sent before the flood. */
  readonly first?: (scene: Scene) => Uint8Array;
  readonly next: (scene: Scene, i: number) => Uint8Array;
}

/** No flood needs more frames than that to be noticed. */
const MOST = 20_000;

const FLOODS: readonly Flood[] = [
  { of: "PING", next: () => ping() },
  { of: "PING with ACK", next: () => ping("12345678", true) },
  { of: "SETTINGS", next: (_, i) => settings([SETTING.INITIAL_WINDOW_SIZE, 65_535 + (i % 2)]) },
  { of: "empty SETTINGS", next: () => settings() },
  { of: "SETTINGS with ACK", next: () => settingsAck() },
  {
    of: "SETTINGS that nobody knows, a thousand in a frame",
    next: () => settings(...Array.from({ length: 1_000 }, (_, i) => [0x1000 + i, i] as const)),
  },
  { of: "PRIORITY", next: (_, i) => priority(2 * i + 1, i % 2) },
  { of: "PRIORITY_UPDATE", next: () => frame(TYPE.PRIORITY_UPDATE, 0, 0, "\0\0\0\x01u=1") },
  { of: "unknown frames", next: ({ stream }) => frame(0x42, 0, stream, "x") },
  { of: "WINDOW_UPDATE of the connection", next: () => windowUpdate(0, 1) },
  { of: "WINDOW_UPDATE of a stream", next: ({ stream }) => windowUpdate(stream, 1) },
  { of: "GOAWAY", next: ({ stream }) => goaway(stream) },
  { of: "empty DATA", next: ({ stream }) => data(stream) },
  { of: "DATA that is all padding", next: ({ stream }) => data(stream, "", { pad: 1 }) },
  { of: "RST_STREAM of a stream that is over", state: "closed", next: ({ stream }) => reset(stream) },
  { of: "empty DATA on a stream that is over", state: "closed", next: ({ stream }) => data(stream) },
  { of: "empty DATA on a stream that weft has reset", state: "reset by weft", next: ({ stream }) => data(stream) },
  {
    of: "HEADERS on a stream that weft has reset",
    state: "reset by weft",
    next: ({ stream }) => headers(stream, block()),
  },
  {
    of: "empty CONTINUATION",
    state: "waiting",
    first: ({ stream, head }) => headers(stream, head, { endHeaders: false }),
    next: ({ stream }) => continuation(stream, Buffer.alloc(0), false),
  },
  {
    of: "CONTINUATION",
    state: "waiting",
    first: ({ stream, head }) => headers(stream, head, { endHeaders: false }),
    next: ({ stream }) => continuation(stream, literal("x-a", "v".repeat(100)), false),
  },
  {
    of: "streams that are reset at once",
    state: "idle",
    roles: ["server"],
    next: (_, i) => Buffer.concat([headers(2 * i + 1, get("/hold"), { end: true }), reset(2 * i + 1)]),
  },
  {
    of: "streams that weft has to reset, by WINDOW_UPDATE of 0",
    state: "idle",
    roles: ["server"],
    next: (_, i) => Buffer.concat([headers(2 * i + 1, get("/hold"), { end: true }), windowUpdate(2 * i + 1, 0)]),
  },
  {
    of: "malformed requests",
    state: "idle",
    roles: ["server"],
    next: (_, i) => headers(2 * i + 1, get("/ok", ["X-Up", "v"]), { end: true }),
  },
  {
    of: "requests without fields",
    state: "idle",
    roles: ["server"],
    next: (_, i) => headers(2 * i + 1, block(), { end: true }),
  },
  {
    of: "requests whose content is not what Content-Length says",
    state: "idle",
    roles: ["server"],
    next: (_, i) =>
      Buffer.concat([headers(2 * i + 1, post("/hold", ["content-length", "9"])), data(2 * i + 1, "x", { end: true })]),
  },
  {
    of: "streams above the limit",
    state: "idle",
    roles: ["server"],
    next: (_, i) => headers(2 * i + 1, post("/hold")),
  },
  {
    of: "interim answers",
    state: "waiting",
    roles: ["client"],
    next: ({ stream }) => headers(stream, block([":status", "103"])),
  },
];

describe.each(["server", "client"] as const)("as a %s, a flood of", (role) => {
  const floods = FLOODS.filter(({ roles = ["server", "client"] }) => roles.includes(role));

  test.each(floods)("$of ends that connection, and no other", async ({ state = "open", first, next }) => {
    // Another connection, to another server when weft calls: it is asked all the time.
    const beside = await serving();
    const bystander = await client(beside.address);
    let asked = -1;
    async function isUnharmed(): Promise<void> {
      asked += 2;
      bystander.send(headers(asked, get(), { end: true }));
      expect((await bystander.message(asked)).status).toBe("200");
    }
    const stage = await scene(role, state, () => Promise.resolve(beside));
    await isUnharmed();
    if (first !== undefined) stage.peer.send(first(stage));
    const sent = await flood(stage.peer, MOST, (i) => next(stage, i), isUnharmed);
    expect(sent).toBeLessThan(MOST);
    expect(codeOf(await stage.peer.goaway())).toBe("ENHANCE_YOUR_CALM");
    await stage.peer.ending();
    await isUnharmed();
    const running = state === "open" || state === "waiting";
    if (running && stage.heard !== undefined) expect((await stage.heard.over()).failure).toBeDefined();
    if (role === "client") return;
    expect(beside.server.http2).toMatchObject({ floods: 1 });
    expect(beside.refused.at(-1)).toMatchObject({ code: "enhance-your-calm" });
    expect(beside.refused.at(-1)?.detail).toMatch(/^too many /);
  });
});

test.each([
  { by: "WINDOW_UPDATE of 0", broken: (stream: number) => windowUpdate(stream, 0) },
  { by: "a window that is too large", broken: (stream: number) => windowUpdate(stream, 2 ** 31 - 1) },
  { by: "DATA behind its end", broken: (stream: number) => data(stream, "x") },
  { by: "a priority that depends on itself", broken: (stream: number) => priority(stream, stream) },
])("a stream that weft has to reset, by $by, costs its caller as much as a malformed head", async ({ broken }) => {
  const beside = await serving();
  const peer = await client(beside.address);
  await flood(peer, MOST, (i) => Buffer.concat([headers(2 * i + 1, get("/hold"), { end: true }), broken(2 * i + 1)]));
  expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
  // 2,000 points, of which such a stream costs 22 at least: HEADERS, the frame, and the reset.
  expect(beside.server.http2.resetsSent).toBeLessThanOrEqual(2_000 / 20);
});

test("rounds of floods leave no memory behind", async () => {
  const beside = await serving();
  async function round(): Promise<void> {
    for (const { of, first, next, state = "open" } of FLOODS.filter(({ roles }) => roles === undefined)) {
      if (state !== "open" || of.startsWith("SETTINGS that")) continue;
      const peer = await client(beside.address);
      const stage: Scene = {
        role: "server",
        peer,
        stream: 1,
        head: post("/hold"),
        heard: undefined,
        serving: beside,
        goesOn: () => Promise.resolve(),
      };
      peer.send(headers(1, post("/hold")));
      if (first !== undefined) peer.send(first(stage));
      await flood(peer, MOST, (i) => next(stage, i));
      await peer.ending();
      peer.close();
    }
    await beside.until(() => beside.server.connections === 0);
  }
  await round();
  const before = await bytesInUse();
  for (let i = 0; i < 5; i++) await round();
  // What this test itself keeps of each connection is some hundred KiB in all.
  expect((await bytesInUse()) - before).toBeLessThan(8 * 1024 * 1024);
});

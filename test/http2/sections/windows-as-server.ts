import { expect } from "vitest";
import { get, post } from "../field-block.ts";
import { codeOf, data, headers, SETTING, settings, TYPE, windowUpdate } from "../frames.ts";
import { client, credit, pieces, settingsOf } from "../raw-peer.ts";
import { type Story } from "../rule.ts";
import { serving } from "../serving.ts";

/** RFC 9113 6.9.1 and 6.9.2: windows, as a server holds to them. */
export const WINDOWS_AS_SERVER: readonly Story[] = [
  {
    section: "6.9.1",
    when: "INITIAL_WINDOW_SIZE of 1",
    role: "server",
    does: "sends one byte, and one more for each that is granted",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 1]);
      peer.send(headers(1, get("/bytes/3"), { end: true }));
      await peer.receives(1, 1);
      for (let bytes = 2; bytes <= 3; bytes++) {
        await peer.roundTrip();
        expect(pieces(peer, 1)).toHaveLength(bytes - 1);
        peer.send(windowUpdate(1, 1));
        await peer.receives(1, bytes);
      }
      expect(pieces(peer, 1).filter((count) => count > 0)).toEqual([1, 1, 1]);
      expect((await peer.message(1)).body).toBe("xxx");
    },
  },
  {
    section: "6.9.1",
    when: "a body larger than the connection's window",
    role: "server",
    does: "sends 65,535 bytes of all streams together, then waits",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 2 ** 30]);
      peer.send(headers(1, get("/bytes/50000"), { end: true }), headers(3, get("/bytes/50000"), { end: true }));
      await peer.message(1);
      await peer.receives(3, 15_535);
      await peer.roundTrip();
      expect(peer.received(1) + peer.received(3)).toBe(65_535);
      peer.send(windowUpdate(0, 34_464));
      await peer.receives(3, 49_999);
      await peer.roundTrip();
      expect(peer.received(3)).toBe(49_999);
      peer.send(windowUpdate(0, 1));
      expect((await peer.message(3)).body).toHaveLength(50_000);
    },
  },
  {
    section: "6.9.1",
    when: "no window at all, and an answer without content",
    role: "server",
    does: "sends the end of the stream all the same",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/0"), { end: true }), headers(3, get("/status/204"), { end: true }));
      expect((await peer.message(1)).body).toBe("");
      expect((await peer.message(3)).status).toBe("204");
    },
  },
  {
    section: "6.9.1",
    when: "no window at all, and a short answer that is there at once",
    role: "server",
    does: "sends its head, and the rest as far as the window grows",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/ok"), { end: true }), headers(3, get("/ok", ["expect", "none"]), { end: true }));
      await peer.roundTrip();
      expect(peer.frames.filter(({ type }) => type === TYPE.DATA)).toEqual([]);
      // A refusal does not wait: what has no room is left out.
      expect(await peer.message(3)).toMatchObject({ status: "417", body: "" });
      peer.send(windowUpdate(1, 1));
      await peer.receives(1, 1);
      peer.send(windowUpdate(1, 1));
      expect((await peer.message(1)).body).toBe("ok");
    },
  },
  {
    section: "6.9.1",
    when: "a stream without a window beside one that has some",
    role: "server",
    does: "the one does not hold up the other",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/30000"), { end: true }), headers(3, get("/bytes/30000"), { end: true }));
      peer.send(windowUpdate(3, 30_000));
      expect((await peer.message(3)).body).toHaveLength(30_000);
      expect(peer.received(1)).toBe(0);
    },
  },
  {
    section: "6.9.1",
    when: "more DATA than the stream's window takes, while nobody reads it",
    role: "server",
    does: "error FLOW_CONTROL_ERROR",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/hold")));
      for (let sent = 0; sent <= window; sent += 16_384) peer.send(data(1, "x".repeat(16_384)));
      const end = await peer.frame(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY);
      expect(codeOf(end)).toBe("FLOW_CONTROL_ERROR");
    },
  },
  {
    section: "6.9.1",
    when: "as much DATA as the stream's window takes, while nobody reads it",
    role: "server",
    does: "is taken, and not credited to the stream",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/hold")));
      for (let sent = 0; sent < window; sent += 16_384) {
        peer.send(data(1, "x".repeat(Math.min(16_384, window - sent))));
      }
      await peer.roundTrip();
      expect(credit(peer, 1)).toBe(0);
      expect(peer.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toEqual([]);
    },
  },
  {
    section: "6.9.1",
    when: "a body of 4 MiB whose padding counts as well",
    role: "server",
    does: "is credited as it is read, padding included",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/swallow")));
      let sent = 0;
      const room = (): boolean => sent + 1_256 <= Math.min(window + credit(peer, 1), 65_535 + credit(peer, 0));
      for (; sent < 4 * 1024 * 1024; sent += 1_256) {
        await peer.until("more of the window", room);
        peer.send(data(1, "x".repeat(1_000), { pad: 255 }));
      }
      expect(credit(peer, 1)).toBeGreaterThanOrEqual(sent - window);
      expect(peer.frames.filter(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY)).toEqual([]);
    },
  },
  {
    section: "6.9.2",
    when: "INITIAL_WINDOW_SIZE of 0, then of 1, behind the request",
    role: "server",
    does: "sends as much as the change grants",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/10"), { end: true }));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(0);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 1]));
      await peer.receives(1, 1);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 7]));
      await peer.receives(1, 7);
      await peer.roundTrip();
      expect(peer.received(1)).toBe(7);
    },
  },
  {
    section: "6.9.2",
    when: "a window that SETTINGS have made negative",
    role: "server",
    does: "waits until it is positive again",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 100]);
      peer.send(headers(1, get("/bytes/1000"), { end: true }));
      await peer.receives(1, 100);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 20]), windowUpdate(1, 80));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(100); // -80, and 80 granted
      peer.send(windowUpdate(1, 1));
      await peer.receives(1, 101);
      await peer.roundTrip();
      expect(peer.received(1)).toBe(101);
    },
  },
  {
    section: "6.9.2",
    when: "INITIAL_WINDOW_SIZE while the connection's window is used up",
    role: "server",
    does: "does not change the connection's window",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/bytes/70000"), { end: true }));
      await peer.receives(1, 65_535);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 20]));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(65_535);
      peer.send(windowUpdate(0, 100_000));
      expect((await peer.message(1)).body).toHaveLength(70_000);
    },
  },
];

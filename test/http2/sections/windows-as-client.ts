import { expect } from "vitest";
import { HandedOut } from "../calling.ts";
import { status } from "../field-block.ts";
import { codeOf, data, headers, SETTING, settings, TYPE, windowUpdate } from "../frames.ts";
import { credit, settingsOf } from "../raw-peer.ts";
import { type Story } from "../rule.ts";
import { requestOf, stage } from "../stage.ts";

/** RFC 9113 6.9 to 6.9.2: windows, as a client holds to them. */
export const WINDOWS_AS_CLIENT: readonly Story[] = [
  {
    section: "6.9.1",
    when: "a body larger than the server's windows",
    role: "client",
    does: "sends what they take, tells its source to stop, and goes on when they grow",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body });
      const peer = await accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 10]);
      const { stream } = await requestOf(peer, "/");
      await peer.roundTrip();
      expect(body.give("twelve bytes")).toBe(false);
      await peer.receives(stream, 10);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(10);
      peer.send(windowUpdate(stream, 1));
      await peer.receives(stream, 11);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(11);
      peer.send(windowUpdate(stream, 1));
      body.end();
      expect((await peer.message(stream)).body).toBe("twelve bytes");
    },
  },
  {
    section: "6.9.1",
    when: "bodies larger than the connection's window",
    role: "client",
    does: "sends 65,535 bytes of all requests together, then waits",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const bodies = [new HandedOut(), new HandedOut()];
      call(endpoint, { method: "POST", path: "/0", body: bodies[0]! });
      const peer = await accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 2 ** 20]);
      call(endpoint, { method: "POST", path: "/1", body: bodies[1]! });
      const [first, second] = [await requestOf(peer, "/0"), await requestOf(peer, "/1")];
      for (const body of bodies) body.give("x".repeat(40_000));
      await peer.receives(second.stream, 25_535);
      await peer.roundTrip();
      expect(peer.received(first.stream) + peer.received(second.stream)).toBe(65_535);
      peer.send(windowUpdate(0, 100_000));
      await peer.receives(second.stream, 40_000);
    },
  },
  {
    section: "6.9.2",
    when: "a window that SETTINGS have made negative",
    role: "client",
    does: "waits until it is positive again",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body });
      const peer = await accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 10]);
      const { stream } = await requestOf(peer, "/");
      await peer.roundTrip();
      body.give("x".repeat(20));
      await peer.receives(stream, 10);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 0]), windowUpdate(stream, 10));
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(10);
      peer.send(windowUpdate(stream, 3));
      await peer.receives(stream, 13);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(13);
    },
  },
  {
    section: "6.9.1",
    when: "more DATA than the stream's window takes, while nobody reads it",
    role: "client",
    does: "error FLOW_CONTROL_ERROR, and the call fails",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint, { prepare: (one) => void (one.reads = false) });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(stream, status(200)));
      for (let sent = 0; sent <= window; sent += 16_384) peer.send(data(stream, "x".repeat(16_384)));
      const end = await peer.frame(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY);
      expect(codeOf(end)).toBe("FLOW_CONTROL_ERROR");
      expect((await heard.over()).failure).toBeDefined();
    },
  },
  {
    section: "6.9",
    when: "an answer of 4 MiB, padded",
    role: "client",
    does: "is credited as it is read, padding included",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(stream, status(200)));
      let sent = 0;
      const room = (): boolean => sent + 1_256 <= Math.min(window + credit(peer, stream), 65_535 + credit(peer, 0));
      for (; sent < 4 * 1024 * 1024; sent += 1_256) {
        await peer.until("more of the window", room);
        peer.send(data(stream, "x".repeat(1_000), { pad: 255 }));
      }
      peer.send(data(stream, "", { end: true }));
      expect((await heard.over()).body).toHaveLength((sent / 1_256) * 1_000);
    },
  },
];

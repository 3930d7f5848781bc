import { expect } from "vitest";
import { calling, HandedOut, type Heard } from "./calling.ts";
import { get, post, status } from "./field-block.ts";
import { data, type Frame, headers, reset, TYPE } from "./frames.ts";
import { client, type RawPeer, rawEndpoint } from "./raw-peer.ts";
import type { Role } from "./rule.ts";
import { type Serving, serving } from "./serving.ts";

/** How a stream stands when the peer sends what it should not. Seen from weft, as RFC 9113 5.1 does. */
export type State =
  /** No frame of it has come or gone. */
  | "idle"
  /** The request has gone, and no answer has come. As a server: the same as idle. */
  | "waiting"
  /** Neither side has ended it; weft's peer has sent its head. */
  | "open"
  /** The peer has ended its half, weft has not. */
  | "half-closed (remote)"
  /** Both have ended it. */
  | "closed"
  | "reset by the peer"
  | "reset by weft";

/** A connection to weft with a stream in some state. */
export interface Scene {
  readonly role: Role;
  readonly peer: RawPeer;
  /** The stream in question. */
  readonly stream: number;
  /** A block that would begin a message of the peer's: a request, or a response. */
  readonly head: Buffer;
  /** As a client: what was heard of the answer. */
  readonly heard: Heard | undefined;
  readonly serving: Serving | undefined;
  /** Resolves when the connection has been seen to do good work still: another request on it is answered. */
  goesOn(): Promise<void>;
}

/** @param server whose server is tested: weft's, or for a look at the tests themselves another */
export function scene(role: Role, state: State, server: () => Promise<Serving> = serving): Promise<Scene> {
  return role === "server" ? asServer(state, server) : asClient(state);
}

async function asServer(state: State, server: () => Promise<Serving>): Promise<Scene> {
  const started = await server();
  const peer = await client(started.address);
  const stream = 1;
  switch (state) {
    case "idle":
    case "waiting":
      break;
    case "open":
      peer.send(headers(stream, post("/hold")));
      await started.until(() => started.requests.length === 1);
      break;
    case "half-closed (remote)":
      peer.send(headers(stream, get("/hold"), { end: true }));
      await started.until(() => started.requests.length === 1);
      break;
    case "closed":
      peer.send(headers(stream, get("/ok"), { end: true }));
      await peer.message(stream);
      break;
    case "reset by the peer":
      peer.send(headers(stream, post("/hold")));
      await started.until(() => started.requests.length === 1);
      peer.send(reset(stream));
      await started.until(() => started.left.length === 1);
      break;
    case "reset by weft":
      peer.send(headers(stream, post("/cut")));
      await peer.reset(stream);
      break;
    default:
      state satisfies never;
  }
  return {
    role: "server",
    peer,
    stream,
    head: post("/hold"),
    heard: undefined,
    serving: started,
    async goesOn() {
      await peer.roundTrip();
      const next = 1_001;
      peer.send(headers(next, get("/ok"), { end: true }));
      expect(await peer.message(next)).toMatchObject({ status: "200", body: "ok" });
      expect(peer.frames.filter(({ type }) => type === TYPE.GOAWAY)).toEqual([]);
    },
  };
}

async function asClient(state: State): Promise<Scene> {
  const endpoint = await rawEndpoint();
  const { call } = calling();
  const body = new HandedOut();
  const heard = call(endpoint.endpoint, state === "closed" || state === "idle" ? {} : { method: "POST", body });
  const peer = await endpoint.accepted();
  const first = await peer.frame(({ type }) => type === TYPE.HEADERS);
  const stream = state === "idle" ? first.stream + 100 : first.stream;
  switch (state) {
    case "idle":
    case "waiting":
      break;
    case "open":
      peer.send(headers(stream, status(200)));
      await heard.answeredOrOver();
      break;
    case "half-closed (remote)":
    case "closed":
      peer.send(headers(stream, status(200), { end: true }));
      await heard.answeredOrOver();
      break;
    case "reset by the peer":
      peer.send(reset(stream));
      await heard.over();
      break;
    case "reset by weft":
      peer.send(headers(stream, status(200)));
      await heard.answeredOrOver();
      heard.exchange?.cut("the test wants it so");
      await peer.reset(stream);
      break;
    default:
      state satisfies never;
  }
  return {
    role: "client",
    peer,
    stream,
    head: status(200),
    heard,
    serving: undefined,
    async goesOn() {
      await peer.roundTrip();
      const before = new Set(peer.frames);
      const next = call(endpoint.endpoint, { path: "/next" });
      const request = await peer.frame((one: Frame) => one.type === TYPE.HEADERS && !before.has(one));
      peer.send(headers(request.stream, status(200)), data(request.stream, "ok", { end: true }));
      expect(await next.over()).toMatchObject({ failure: undefined, body: "ok" });
      expect(endpoint.connections).toBe(1);
      expect(peer.frames.filter(({ type }) => type === TYPE.GOAWAY)).toEqual([]);
    },
  };
}

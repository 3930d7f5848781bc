import {
  type EndpointExchange,
  Fields,
  joinBodies,
  type JoinedBodies,
  joinSockets,
  LateBody,
  type ResponseHead,
  type Tunnel,
  type TunnelEnd,
  webSocketAccept,
} from "@weft/http";
import type { BodyWatch } from "./body-watch.ts";
import type { Hop, HopEnd } from "./hop.ts";
import type { HopPorts } from "./hop-path.ts";
import { type HopBody, WEB_SOCKET_KEY } from "./outgoing-request.ts";
import { watchStreams } from "./watch-answer.ts";

/** Whether an answer makes a byte tunnel of the exchange. @param body of the request */
export function isTunnel({ head, tunnel, body: answer }: EndpointExchange, body: HopBody): boolean {
  return tunnel !== undefined || (body instanceof LateBody && isSwitched(head) && answer !== undefined);
}

/** Hands the endpoint's yes on, and joins the two sides byte for byte. Only where `isTunnel` says so. */
export function joinHop(hop: Hop, upstream: EndpointExchange, body: HopBody, ports: HopPorts): Tunnel {
  return upstream.tunnel === undefined && body instanceof LateBody
    ? joinWebSocket(hop, upstream, body, ports)
    : joinBoth(hop, upstream, ports);
}

/** HTTP/1.1 on both sides: two sockets. */
function joinBoth(hop: Hop, { head, tunnel, early }: EndpointExchange, { time, timeouts }: HopPorts): Tunnel {
  const { status, reason, lines, upgrade } = head!; // by which it became a tunnel
  const asked = `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  const caller = hop.exchange.upgrade(status, reason, Fields.ofLines(lines + asked));
  return joinSockets(caller.socket, tunnel!.socket, {
    clock: time,
    timeouts,
    idleMs: hop.listener.tunnelMs,
    ...(caller.early === undefined ? {} : { earlyFromA: caller.early }),
    ...(early === undefined ? {} : { earlyFromB: early }),
    readsOfB: tunnel!.reads,
    ended: (end) => hop.tunnelEnded(endOf(end)),
  });
}

/** A WebSocket to an endpoint of HTTP/2, whose 200 is the caller's 101: its streams are joined with the socket. */
function joinWebSocket(hop: Hop, { head, body }: EndpointExchange, request: LateBody, ports: HopPorts): Tunnel {
  const { tunnelMs } = hop.listener;
  const key = hop.exchange.head.get(WEB_SOCKET_KEY) ?? "";
  const switched =
    `${head!.lines}Connection: Upgrade\r\nUpgrade: websocket\r\n` + // it became a tunnel by the head
    `Sec-WebSocket-Accept: ${webSocketAccept(key)}\r\n`;
  const { socket, early } = hop.exchange.upgrade(101, "Switching Protocols", Fields.ofLines(switched));
  let watch: BodyWatch | undefined = undefined;
  let over = false;
  const joined = joinBodies(socket, {
    early,
    answer: body!, // without one it would have been no tunnel
    request,
    ended: (complete) => {
      over = true;
      watch?.settle();
      hop.tunnelEnded(complete ? "complete" : "caller");
    },
  });
  if (!over && tunnelMs < Number.POSITIVE_INFINITY) {
    const passed = (): number => joined.bytesIn + joined.bytesOut;
    watch = watchStreams(passed, tunnelMs, () => cutUnused(hop, joined), ports);
  }
  return {
    get bytesAToB() {
      return joined.bytesIn;
    },
    get bytesBToA() {
      return joined.bytesOut;
    },
    close: () => joined.close(),
  };
}

/** Nobody has used it for too long. */
function cutUnused(hop: Hop, joined: JoinedBodies): void {
  hop.tunnelEnded("mesh");
  joined.close();
}

/** Whether an endpoint of HTTP/2 has opened what an extended CONNECT asked for. */
function isSwitched(head: ResponseHead | undefined): boolean {
  return head !== undefined && head.version === "2" && head.status < 300;
}

/** Whether both sides came to their end, or who cut it. */
function endOf({ why, by }: TunnelEnd): HopEnd {
  if (why === "ended") return "complete";
  if (by === "mesh") return "mesh";
  return by === "a" ? "caller" : "endpoint";
}

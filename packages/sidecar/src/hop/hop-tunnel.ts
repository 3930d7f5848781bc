import { type EndpointExchange, Fields, joinSockets, type Tunnel, type TunnelEnd } from "@weft/http";
import type { Hop, HopEnd } from "./hop.ts";
import type { HopPorts } from "./hop-path.ts";

/** Hands the endpoint's 101 on, and joins the two connections byte for byte. */
export function joinHop(hop: Hop, upstream: EndpointExchange, { time, timeouts }: HopPorts): Tunnel {
  const { head, tunnel, early } = upstream;
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

/** Whether both sides came to their end, or who cut it. */
function endOf({ why, by }: TunnelEnd): HopEnd {
  if (why === "ended") return "complete";
  if (by === "mesh") return "mesh";
  return by === "a" ? "caller" : "endpoint";
}

import { connect, type Socket } from "node:net";
import type { Endpoint, Time } from "@weft/core";

export interface DialPorts {
  readonly time: Time;
  /** The most a connect may take, in ms. */
  readonly connectMs: number;
}

/**
 * Connects to an endpoint and tells `done` once: with the connected socket, or with why there is none. Destroying the
 * socket before gives the connect up.
 */
export function dial(
  { host, port }: Endpoint,
  { time, connectMs }: DialPorts,
  done: (result: { readonly socket: Socket } | { readonly error: Error }) => void,
): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  const disarm = time.after(connectMs, () => {
    socket.destroy(new Error(`no connection within ${connectMs} ms (timeout.connect)`));
  });
  const failed = (error: Error): void => end({ error });
  const closed = (): void => end({ error: new Error("closed while connecting") });
  const connected = (): void => end({ socket });

  function end(result: Parameters<typeof done>[0]): void {
    disarm();
    socket.off("error", failed).off("close", closed).off("connect", connected);
    // Of several addresses more than one may fail: what comes after the verdict is nobody's error.
    if ("error" in result) socket.on("error", () => {});
    done(result);
  }

  return socket.once("error", failed).once("close", closed).once("connect", connected);
}

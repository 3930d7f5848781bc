import type { Time, TimeoutQueues } from "@weft/core";
import type { RequestHead } from "@weft/http";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import type { CallObserver } from "../observe/call-observer.ts";
import type { Services } from "../service/services.ts";
import type { HttpListenerPorts } from "./http-listener.ts";

/** What the listeners share. */
export interface ListenerPorts {
  readonly services: Services;
  readonly time: Time;
  /** Of tunnels that are idle, and of connects. */
  readonly timeouts: TimeoutQueues;
  readonly observer: CallObserver;
  /** What an HTTP listener of that name stands on. */
  of(listener: ListenerHandle, handle: HttpListenerPorts["handle"]): HttpListenerPorts;
  /** The listener of that name, as its requests carry it. */
  handle(of: Omit<ListenerHandle, "counters" | "names">): ListenerHandle;
  /** Whether the request has come by here more often than a call through outbound and inbound would. */
  loops(head: RequestHead): boolean;
}

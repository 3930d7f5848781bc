import { subscribe } from "node:diagnostics_channel";
import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { bindListeners, enter } from "./carried.ts";

/**
 * Notes what the requests bring that this process serves by `node:http`, `node:https` or `node:http2`.
 *
 * @param onFirst called before the first of them is noted
 */
export function watchIncoming(onFirst: () => void): void {
  let first = true;
  /** @param answer closes when it is over */
  const served = (headers: IncomingHttpHeaders, request: EventEmitter, answer: EventEmitter): void => {
    if (first) {
      first = false;
      onFirst();
    }
    const carried = enter(headers);
    if (carried === undefined) return;
    bindListeners(request, carried);
    if (answer !== request) bindListeners(answer, carried);
    answer.once("close", () => (carried.endedMs = performance.now()));
  };
  subscribe("http.server.request.start", (message) => {
    // Node says so of this channel.
    const { request, response } = message as { request: Request; response: EventEmitter };
    served(request.headers, request, response);
  });
  subscribe("http2.server.stream.start", (message) => {
    // And so of this one, whose stream is both.
    const { headers, stream } = message as { headers: IncomingHttpHeaders; stream: EventEmitter };
    served(headers, stream, stream);
  });
}

interface Request extends EventEmitter {
  readonly headers: IncomingHttpHeaders;
}

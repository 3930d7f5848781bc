import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { bindListeners, enter } from "./carried.ts";
import { listen } from "./listen.ts";

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
  listen<Http1Begun>("http.server.request.start", ({ request, response }) => {
    served(request.headers, request, response);
  });
  listen<Http2Begun>("http2.server.stream.start", ({ headers, stream }) => {
    served(headers, stream, stream);
  });
}

interface Http1Begun {
  readonly request: EventEmitter & { readonly headers: IncomingHttpHeaders };
  readonly response: EventEmitter;
}

interface Http2Begun {
  readonly headers: IncomingHttpHeaders;
  /** Request and answer in one. */
  readonly stream: EventEmitter;
}

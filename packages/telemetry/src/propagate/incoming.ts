import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders } from "node:http";
import { enter } from "./carried.ts";

/** What ends with the answer to a request. */
interface Answer {
  once(event: "close", listener: () => void): unknown;
}

/** Notes what the requests bring that this process serves by `node:http`, `node:https` or `node:http2`. */
export function watchIncoming(onFirst: () => void): void {
  let first = true;
  const served = (headers: IncomingHttpHeaders, answer: Answer): void => {
    if (first) {
      first = false;
      onFirst();
    }
    const carried = enter(headers);
    if (carried !== undefined) answer.once("close", () => (carried.endedMs = performance.now()));
  };
  subscribe("http.server.request.start", (message) => {
    // Node says so of this channel.
    const { request, response } = message as { request: { headers: IncomingHttpHeaders }; response: Answer };
    served(request.headers, response);
  });
  subscribe("http2.server.stream.start", (message) => {
    const { headers, stream } = message as { headers: IncomingHttpHeaders; stream: Answer };
    served(headers, stream);
  });
}

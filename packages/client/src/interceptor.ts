import { authority } from "@weft/core";
import { withHeader } from "./dispatch/request-headers.ts";
import type { Destinations } from "./service/destinations.ts";
import { type Dispatcher, wrapLegacyHandler } from "./undici.ts";

/**
 * The mesh as an interceptor: attempts go through the dispatcher it is put on, which keeps its own connections, proxy
 * and TLS. The endpoint's address becomes the origin; Host stays the service's name.
 */
export function interceptor(destinations: Destinations): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, given) => {
    const handler = typeof given.onRequestStart === "function" ? given : wrapLegacyHandler(given);
    const destination = destinations.of(options.origin);
    if (destination.kind === "outside") return dispatch(options, handler);
    if (destination.kind === "unknown") {
      // A handler of a request that never started gets no controller; undici's types do not say so.
      handler.onResponseError?.(null as never, destination.error);
      return false;
    }
    const { service, secure } = destination;
    const scheme = secure ? "https" : "http";
    service.dispatch(options, handler, secure, undefined, ({ host, port }, attempt, attemptHandler) => {
      dispatch(
        {
          ...attempt,
          origin: `${scheme}://${authority(host, port)}`,
          headers: withHeader(attempt.headers, "host", service.name),
        },
        attemptHandler,
      );
    });
    return true;
  };
}

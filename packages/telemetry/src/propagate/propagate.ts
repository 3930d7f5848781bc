/*
 * Lets a Node application carry a trace from the request that it serves to the requests that it makes for it, without a
 * line in the application:
 *
 *   node --import @weft/telemetry/propagate app.js
 *
 * Between two sidecars that is all a trace needs to go on. It loads nothing but what Node has loaded already.
 */
import { carriedNow } from "./carried.ts";
import { destinations } from "./destinations.ts";
import { watchNodeHttp } from "./from-node-http.ts";
import { watchUndici } from "./from-undici.ts";
import { watchIncoming } from "./incoming.ts";

/** Names of hosts to which a trace is carried, with commas between them. */
const HOSTS = "WEFT_PROPAGATE_TO";

const carriesTo = hosts();

// Only once there is something to carry: by then other instrumentations have subscribed, come first, and are seen to
// have added a context of their own.
watchIncoming(() => {
  watchUndici(carriesTo);
  watchNodeHttp(carriesTo);
});

/**
 * The headers that carry the trace of the request being served, for clients that nothing can be added to from outside,
 * such as `@grpc/grpc-js` or a session of `node:http2`.
 *
 * @returns names (lower case) with values; empty when no request is being served, or it brought none
 */
export function carriedHeaders(): Readonly<Record<string, string>> {
  const { context = [], others = [] } = carriedNow() ?? {};
  const lines = [...context, ...others];
  return Object.fromEntries(lines.flatMap((name, i) => (i % 2 === 0 ? [[name, lines[i + 1]!] as const] : [])));
}

function hosts(): ReturnType<typeof destinations> {
  try {
    return destinations(process.env[HOSTS] ?? "");
  } catch (error) {
    throw new Error(`${HOSTS}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

import type { Time, TimeoutQueues } from "@weft/core";
import type { CallerExchange, EndpointBody } from "@weft/http";
import { BodyWatch, lookEveryMs } from "./body-watch.ts";

interface WatchPorts {
  readonly time: Time;
  readonly timeouts: TimeoutQueues;
}

/** Whoever is silent, it is for too long. */
const ALWAYS = { flowing: true } as const;

/** Watches an answer whose endpoint may fall silent inside its body. @param idleMs > 0, and not Infinity */
export function watchBody(
  attempt: { silent(): void },
  body: EndpointBody,
  exchange: CallerExchange,
  idleMs: number,
  { time, timeouts }: WatchPorts,
): BodyWatch {
  return new BodyWatch(attempt, body, exchange, timeouts.of(lookEveryMs(idleMs)), time);
}

/**
 * Watches two streams that have become another protocol's: `unused` is called when neither side has sent anything for
 * too long.
 *
 * @param passed bytes so far, both ways
 * @param idleMs > 0, and not Infinity
 */
export function watchStreams(
  passed: () => number,
  idleMs: number,
  unused: () => void,
  { time, timeouts }: WatchPorts,
): BodyWatch {
  const bothWays = {
    get bytesOut() {
      return passed();
    },
  };
  return new BodyWatch({ silent: unused }, ALWAYS, bothWays, timeouts.of(lookEveryMs(idleMs)), time);
}

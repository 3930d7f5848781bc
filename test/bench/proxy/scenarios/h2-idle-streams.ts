import { h2Endpoints } from "../endpoints/h2-endpoints.ts";
import { peakUntilAtRest } from "../peak-rss.ts";
import { rssOf } from "../process-usage.ts";
import type { Scenario } from "../scenario.ts";
import { whileStreamsHeld } from "./held-connections.ts";

/** No proxy takes fewer streams of a connection than HAProxy, 100. */
const CONNECTIONS = 100;
const STREAMS = 100;

/** Calls whose answers have begun and say nothing: subscriptions. A stream's share of its connections is in its figure. */
export const h2IdleStreams: Scenario = {
  name: "h2-idle-streams",
  title: "HTTP/2: 10,000 open streams, 100 on each connection, that are quiet: memory of each",
  mode: "http2",
  calls: CONNECTIONS * STREAMS,
  compared: "bytesEach",
  fresh: true,
  maxRounds: 3,
  columns: [
    { figure: "bytesEach", title: "bytes each", digits: 0 },
    { figure: "rssMib", title: "RSS MiB", digits: 0 },
  ],
  aims: [],
  endpoints: () => h2Endpoints("hold"),
  async measure({ pid, port }) {
    // One full connection, and no load: garbage of a load would make room in which the 10,000 are hidden.
    const before = await whileStreamsHeld(1, STREAMS, port, async () => rssOf(pid));
    const rss = await whileStreamsHeld(CONNECTIONS, STREAMS, port, () => peakUntilAtRest(pid));
    return { bytesEach: (rss - before) / (CONNECTIONS * STREAMS), rssMib: rss / 1024 / 1024 };
  },
};

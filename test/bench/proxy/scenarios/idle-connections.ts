import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import { nodePeer } from "../peers/node-program.ts";
import { peakUntilAtRest } from "../peak-rss.ts";
import { rssOf } from "../process-usage.ts";
import type { Scenario } from "../scenario.ts";
import { whileHeld } from "./held-connections.ts";

const COUNT = 10_000;
const IDLE = { kind: "idle", path: "/1k" } as const;

/** Each connection has had one answer, so that whatever a proxy makes on first use is there. `net` is node:net alone. */
export const idleConnections: Scenario = {
  name: "idle-connections",
  title: "10,000 idle keep-alive connections: memory of each",
  mode: "http",
  compared: "kibEach",
  fresh: true,
  maxRounds: 3,
  extras: [nodePeer("net", "net-holder.ts", ["http"])],
  columns: [
    { figure: "kibEach", title: "KiB each", digits: 1 },
    { figure: "rssMib", title: "RSS MiB", digits: 0 },
  ],
  aims: [{ figure: "kibEach", kind: "at most", value: 8, beyond: "net" }],
  endpoints: nginxEndpoints,
  without: { echo: "holds two descriptors for each, which is past the limit of many machines" },
  async measure({ pid, port }) {
    // A few, and no load: garbage of a load would make room in which the 10,000 are hidden.
    const before = await whileHeld({ ...IDLE, count: 64 }, port, async () => rssOf(pid));
    const rss = await whileHeld({ ...IDLE, count: COUNT }, port, () => peakUntilAtRest(pid));
    return { kibEach: (rss - before) / COUNT / 1024, rssMib: rss / 1024 / 1024 };
  },
};

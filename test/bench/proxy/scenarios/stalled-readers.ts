import { wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import { peakUntilAtRest } from "../peak-rss.ts";
import { rssOf } from "../process-usage.ts";
import type { Scenario } from "../scenario.ts";
import { whileHeld } from "./held-connections.ts";

const MIB = 1024 * 1024;

/** Backpressure: what a proxy holds for readers that do not read, beside what the kernel holds. */
export const stalledReaders: Scenario = {
  name: "stalled-readers",
  title: "1,000 readers that do not read, of bodies of 10 MiB: memory",
  mode: "http",
  compared: "rssMib",
  fresh: true,
  maxRounds: 3,
  columns: [
    { figure: "rssMib", title: "RSS MiB", digits: 0 },
    { figure: "growthMib", title: "of which growth", digits: 0 },
  ],
  aims: [{ figure: "rssMib", kind: "at most", value: 256 }],
  endpoints: nginxEndpoints,
  async measure({ pid, port }, bench) {
    await wrk({ path: "/1k", connections: 64 }, port, bench); // what a process takes to be at work at all
    const before = rssOf(pid);
    const rss = await whileHeld({ kind: "stalled", path: "/10m", count: 1_000 }, port, () => peakUntilAtRest(pid));
    return { rssMib: rss / MIB, growthMib: (rss - before) / MIB };
  },
};

import { answersAll } from "../clients/h2load.ts";
import { type Load, type LoadResult, wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Mode } from "../mode.ts";
import { cpuOf, rssOf } from "../process-usage.ts";
import type { Aim, Bench, Column, Peer, Scenario } from "../scenario.ts";
import { segmentsSent } from "../segments.ts";

const COLUMNS: readonly Column[] = [
  { figure: "cpuUs", title: "CPU us", digits: 1 },
  { figure: "userUs", title: "user", digits: 1 },
  { figure: "systemUs", title: "system", digits: 1 },
  { figure: "perSecond", title: "requests/s", digits: 0 },
  { figure: "rssMib", title: "RSS MiB", digits: 0 },
  { figure: "segments", title: "segments", digits: 2 },
];

/** Requests that each proxy has to answer before it is measured. */
const PROVED = 5_000;

export interface RequestLoad extends Load {
  readonly name: string;
  readonly title: string;
  readonly aims: readonly Aim[];
  /** Besides CPU time and requests a second; `p50Ms` can be shown. */
  readonly columns?: readonly Column[];
  /** wrk when absent. */
  readonly client?: (load: Load, port: number, bench: Bench) => Promise<LoadResult>;
  /** http when absent. */
  readonly mode?: Mode;
  readonly extras?: readonly Peer[];
}

/** A load as fast as it goes, of which the CPU time of the proxy per request is the measure. */
export function requestCost({
  name,
  title,
  aims,
  columns = [],
  client = wrk,
  mode = "http",
  extras = [],
  ...load
}: RequestLoad): Scenario {
  return {
    name,
    title,
    mode,
    extras,
    compared: "cpuUs",
    columns: [...COLUMNS, ...columns],
    aims,
    endpoints: nginxEndpoints,
    prove: ({ port }, bench) => answersAll({ path: load.path, connections: 64 }, PROVED, port, bench),
    async measure({ pid, port }, bench) {
      const sentBefore = segmentsSent();
      const before = cpuOf(pid);
      const { requests, seconds, p50Ms } = await client(load, port, bench);
      const after = cpuOf(pid);
      const segments = segmentsSent() - sentBefore;
      return {
        cpuUs: (after.totalUs - before.totalUs) / requests,
        userUs: (after.userUs - before.userUs) / requests,
        systemUs: (after.systemUs - before.systemUs) / requests,
        perSecond: requests / seconds,
        rssMib: rssOf(pid) / 1024 / 1024,
        p50Ms,
        segments: segments / requests,
      };
    },
  };
}

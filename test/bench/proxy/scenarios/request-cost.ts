import { type Load, wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import { cpuOf } from "../process-usage.ts";
import type { Aim, Bench, Column, Figures, Scenario, Target } from "../scenario.ts";

const COLUMNS: readonly Column[] = [
  { figure: "cpuUs", title: "CPU us", digits: 1 },
  { figure: "userUs", title: "user", digits: 1 },
  { figure: "systemUs", title: "system", digits: 1 },
  { figure: "perSecond", title: "requests/s", digits: 0 },
];

export interface RequestLoad extends Load {
  readonly name: string;
  readonly title: string;
  readonly aims: readonly Aim[];
  readonly columns?: readonly Column[];
}

/** A load as fast as it goes, of which the CPU time of the proxy per request is the measure. */
export function requestCost({ name, title, aims, columns = [], ...load }: RequestLoad): Scenario {
  return {
    name,
    title,
    mode: "http",
    compared: "cpuUs",
    columns: [...COLUMNS, ...columns],
    aims,
    endpoints: nginxEndpoints,
    measure: (target, bench) => measure(load, target, bench),
  };
}

async function measure(load: Load, target: Target, bench: Bench): Promise<Figures> {
  const before = cpuOf(target.pid);
  const { requests, seconds, p50Ms } = await wrk(load, target.port, bench);
  const after = cpuOf(target.pid);
  return {
    cpuUs: (after.totalUs - before.totalUs) / requests,
    userUs: (after.userUs - before.userUs) / requests,
    systemUs: (after.systemUs - before.systemUs) / requests,
    perSecond: requests / seconds,
    p50Ms,
  };
}

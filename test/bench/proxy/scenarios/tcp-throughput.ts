import { wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import { cpuOf } from "../process-usage.ts";
import type { Scenario } from "../scenario.ts";

const MIB = 1024 * 1024;

export const tcpThroughput: Scenario = {
  name: "tcp-throughput",
  title: "TCP listener: answers of 1 MiB on 16 connections",
  mode: "tcp",
  compared: "mibPerSecond",
  columns: [
    { figure: "mibPerSecond", title: "MiB/s", digits: 0 },
    { figure: "cpuUsPerMib", title: "CPU us per MiB", digits: 0 },
  ],
  aims: [
    { figure: "mibPerSecond", kind: "at least", value: 0.8, timesOf: "haproxy" },
    { figure: "cpuUsPerMib", kind: "at most", value: 2, timesOf: "haproxy" },
  ],
  endpoints: nginxEndpoints,
  async measure({ pid, port }, bench) {
    const before = cpuOf(pid);
    const { bytes, seconds } = await wrk({ path: "/1m", connections: 16 }, port, bench);
    const after = cpuOf(pid);
    const mib = bytes / MIB;
    return { mibPerSecond: mib / seconds, cpuUsPerMib: (after.totalUs - before.totalUs) / mib };
  },
};

import { timesHaproxy } from "../aims.ts";
import { haproxySafe } from "../peers/haproxy.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

export const close: Scenario = requestCost({
  name: "close",
  title: "GET 1 KiB with Connection: close, 64 at once",
  path: "/1k",
  connections: 64,
  headers: { connection: "close" },
  extras: [haproxySafe],
  aims: [timesHaproxy("cpuUs", 1.7)],
});

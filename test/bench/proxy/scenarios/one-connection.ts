import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

export const oneConnection: Scenario = requestCost({
  name: "one-connection",
  title: "GET 1 KiB, one connection, each request after the answer before",
  path: "/1k",
  connections: 1,
  columns: [{ figure: "p50Ms", title: "p50 ms", digits: 3 }],
  aims: [timesHaproxy("cpuUs", 1.35), timesHaproxy("p50Ms", 1.1)],
});

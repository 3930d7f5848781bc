import { timesEnvoy, timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

export const get1k64: Scenario = requestCost({
  name: "get-1k-64",
  title: "GET 1 KiB, 64 connections",
  path: "/1k",
  connections: 64,
  aims: [timesHaproxy("cpuUs", 1.35), timesEnvoy("cpuUs", 0.55)],
});

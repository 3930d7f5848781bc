import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

export const get100k: Scenario = requestCost({
  name: "100k",
  title: "GET 100 KiB, 64 connections",
  path: "/100k",
  connections: 64,
  aims: [timesHaproxy("cpuUs", 1.2)],
});

import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { requestCost } from "./request-cost.ts";

export const post4k: Scenario = requestCost({
  name: "post-4k",
  title: "POST 4 KiB, 64 connections",
  path: "/post",
  connections: 64,
  postBytes: 4096,
  aims: [timesHaproxy("cpuUs", 1.5)],
});

import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { fileOf } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

export const h2Get100k: Scenario = streamCost({
  ...fileOf("/100k", 100 * 1024),
  connections: 8,
  streams: 4,
  name: "h2-100k",
  title: "HTTP/2: GET 100 KiB from nginx, 8 connections x 4 streams",
  aims: [timesHaproxy("cpuUs", 0.7)],
});

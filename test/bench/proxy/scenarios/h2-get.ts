import { timesEnvoy, timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { EIGHT_BY_SIXTEEN, fileOf } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

export const h2Get: Scenario = streamCost({
  ...fileOf("/1k", 1024),
  ...EIGHT_BY_SIXTEEN,
  name: "h2-get",
  title: "HTTP/2: GET 1 KiB from nginx, 8 connections x 16 streams",
  aims: [timesHaproxy("cpuUs", 0.95), timesEnvoy("cpuUs", 0.45)],
});

import { timesHaproxy } from "../aims.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { paced } from "./burst-latency.ts";

const CONNECTIONS = 8;

export const h2Paced: Scenario = paced({
  name: "h2-paced",
  title: "HTTP/2: GET 1 KiB, 2,000 streams a second in bursts of 16 on 8 connections, open loop",
  mode: "http2",
  program: "h2-paced-client.ts",
  load: ["get", CONNECTIONS],
  aims: [timesHaproxy("p50Ms", 1.1)],
  endpoints: (bench) => nginxEndpoints(bench, "http2"),
});

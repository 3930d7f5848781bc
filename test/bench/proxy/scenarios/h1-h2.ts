import { timesHaproxy } from "../aims.ts";
import { wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { EIGHT_BY_SIXTEEN } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

export const h1ToH2: Scenario = streamCost({
  path: "/1k",
  connections: 64,
  name: "h1-to-h2",
  title: "GET 1 KiB over HTTP/1.1, 64 connections, from nginx over HTTP/2",
  mode: "http1-to-http2",
  client: wrk,
  endpoints: (bench) => nginxEndpoints(bench, "http1-to-http2"),
  aims: [timesHaproxy("cpuUs", 1.25)],
});

export const h2ToH1: Scenario = streamCost({
  ...EIGHT_BY_SIXTEEN,
  path: "/1k",
  name: "h2-to-h1",
  title: "GET 1 KiB over HTTP/2, 8 connections x 16 streams, from nginx over HTTP/1.1",
  mode: "http2-to-http1",
  endpoints: nginxEndpoints,
  proof: { path: "/1k", answer: Buffer.alloc(1024) },
  aims: [timesHaproxy("cpuUs", 1.25)],
});

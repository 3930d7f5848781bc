import { timesHaproxy } from "../aims.ts";
import { wrk } from "../clients/wrk.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { EIGHT_BY_SIXTEEN, fileOf } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

export const h1ToH2: Scenario = streamCost({
  ...fileOf("/1k", 1024),
  connections: 64,
  name: "h1-to-h2",
  title: "GET 1 KiB over HTTP/1.1, 64 connections, from nginx over HTTP/2",
  mode: "http1-to-http2",
  client: wrk,
  aims: [timesHaproxy("cpuUs", 1.25)],
});

export const h2ToH1: Scenario = streamCost({
  ...fileOf("/1k", 1024),
  ...EIGHT_BY_SIXTEEN,
  name: "h2-to-h1",
  title: "GET 1 KiB over HTTP/2, 8 connections x 16 streams, from nginx over HTTP/1.1",
  mode: "http2-to-http1",
  endpoints: nginxEndpoints,
  aims: [timesHaproxy("cpuUs", 1.25)],
});

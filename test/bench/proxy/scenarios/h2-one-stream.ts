import { timesHaproxy } from "../aims.ts";
import type { Scenario } from "../scenario.ts";
import { fileOf, UNARY } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

/** Nothing to bundle: each call is a write of its own, as over HTTP/1.1. */
export const h2Sixty4By1: Scenario = streamCost({
  ...UNARY,
  connections: 64,
  streams: 1,
  name: "h2-64x1",
  title: "HTTP/2: unary gRPC, 64 connections x 1 stream",
  aims: [timesHaproxy("cpuUs", 1.25)],
});

export const h2GetSixty4By1: Scenario = streamCost({
  ...fileOf("/1k", 1024),
  connections: 64,
  streams: 1,
  name: "h2-get-64x1",
  title: "HTTP/2: GET 1 KiB from nginx, 64 connections x 1 stream",
  aims: [timesHaproxy("cpuUs", 1.25)],
});

export const h2OneByOne: Scenario = streamCost({
  ...UNARY,
  connections: 1,
  streams: 1,
  name: "h2-1x1",
  title: "HTTP/2: unary gRPC, one connection, one stream",
  aims: [timesHaproxy("cpuUs", 1.25)],
});

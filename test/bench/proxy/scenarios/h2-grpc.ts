import { timesHaproxy } from "../aims.ts";
import { ownClient } from "../clients/own-client.ts";
import type { Scenario } from "../scenario.ts";
import { EIGHT_BY_SIXTEEN, UNARY } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

export const h2Grpc: Scenario = streamCost({
  ...UNARY,
  ...EIGHT_BY_SIXTEEN,
  name: "h2-grpc",
  title: "HTTP/2: unary gRPC, 105 bytes both ways, 8 connections x 16 streams",
  aims: [timesHaproxy("cpuUs", 0.55)],
});

/** The same from our own client, so that what it shows of changing calls can be compared. */
export const h2GrpcOwnClient: Scenario = streamCost({
  ...UNARY,
  ...EIGHT_BY_SIXTEEN,
  name: "h2-grpc-own-client",
  title: "the same from our own client",
  client: ownClient("grpc"),
  aims: [],
});

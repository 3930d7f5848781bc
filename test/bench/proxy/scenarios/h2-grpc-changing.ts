import { timesHaproxy } from "../aims.ts";
import { ownClient } from "../clients/own-client.ts";
import type { Scenario } from "../scenario.ts";
import { EIGHT_BY_SIXTEEN, UNARY } from "./h2-loads.ts";
import { streamCost } from "./stream-cost.ts";

/** The trace goes into the header table, as nghttp2, grpc-go and Netty do it. */
export const h2GrpcChanging: Scenario = streamCost({
  ...UNARY,
  ...EIGHT_BY_SIXTEEN,
  name: "h2-grpc-changing",
  title: "HTTP/2: unary gRPC, each call with its own path, traceparent and 5 to 200 bytes, 8 x 16",
  client: ownClient("grpc-changing"),
  aims: [timesHaproxy("cpuUs", 0.65)],
});

export const h2GrpcLiteral: Scenario = streamCost({
  ...UNARY,
  ...EIGHT_BY_SIXTEEN,
  name: "h2-grpc-literal",
  title: "the same from a client that keeps the traceparent out of the header table",
  client: ownClient("grpc-literal"),
  aims: [timesHaproxy("cpuUs", 0.65)],
});

import type { H2loadLoad } from "../clients/h2load.ts";
import { h2Endpoints } from "../endpoints/h2-endpoints.ts";
import { nginxEndpoints } from "../endpoints/nginx-endpoints.ts";
import type { StreamLoad } from "./stream-cost.ts";

/** A message of 105 bytes: five say that it is not compressed, and how long it is. */
const MESSAGE = Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), Buffer.alloc(100, "m")]);

const GRPC_HEADERS = { "content-type": "application/grpc", te: "trailers" };

/** A unary gRPC call, answered with its own message by an endpoint that costs little. */
export const UNARY = {
  path: "/shop.Orders/Get",
  headers: GRPC_HEADERS,
  body: MESSAGE,
  endpoints: () => h2Endpoints("unary"),
  proof: {
    path: "/shop.Orders/Get",
    headers: GRPC_HEADERS,
    body: MESSAGE,
    answer: MESSAGE,
    trailers: { "grpc-status": "0" },
  },
} satisfies Partial<StreamLoad>;

/** A file of nginx, over HTTP/2 from the proxy to it unless a scenario has other endpoints. */
export function fileOf(path: string, bytes: number) {
  return {
    path,
    endpoints: (bench) => nginxEndpoints(bench, "http2"),
    proof: { path, answer: Buffer.alloc(bytes) },
  } satisfies Partial<StreamLoad>;
}

/** As most of the figures are taken: few connections, each with many streams. */
export const EIGHT_BY_SIXTEEN = { connections: 8, streams: 16 } satisfies Partial<H2loadLoad>;

import { afterAll, beforeAll, describe, test } from "vitest";
import { COMPRESSED_CASES } from "./compressed-cases.ts";
import { GRPC_GO, grpcGoCase, grpcGoServer } from "./grpc-go.ts";
import { grpcJsClient, type Target } from "./grpc-js-client.ts";
import { grpcJsServer } from "./grpc-js-server.ts";
import { http2Server } from "./http2-server.ts";
import { INTEROP_CASES } from "./interop-cases.ts";
import { type Route, ROUTES } from "./routes.ts";
import type { TestServer } from "./test-server.ts";

const go = GRPC_GO.kind === "found" ? GRPC_GO.path : "";
const skip = GRPC_GO.kind === "missing" ? GRPC_GO.skip : undefined;

type Cases = Readonly<Record<string, (target: Target) => Promise<void>>>;

const ofGrpcJs: Cases = Object.fromEntries(
  Object.entries(INTEROP_CASES).map(([name, run]) => [
    name,
    async (target) => {
      using client = grpcJsClient(target);
      await run(client);
    },
  ]),
);
const ofGrpcGo: Cases = Object.fromEntries(
  Object.keys(INTEROP_CASES).map((name) => [name, (target) => grpcGoCase(go, name, target)]),
);

interface Pair {
  readonly pair: string;
  readonly cases: Cases;
  readonly serve: () => Promise<TestServer>;
  readonly skip?: string | undefined;
}

const PAIRS: readonly Pair[] = [
  { pair: "grpc-js calls grpc-js", cases: ofGrpcJs, serve: () => grpcJsServer() },
  { pair: "grpc-js calls grpc-go", cases: ofGrpcJs, serve: () => grpcGoServer(go), skip },
  { pair: "grpc-go calls grpc-js", cases: ofGrpcGo, serve: () => grpcJsServer(), skip },
  { pair: "grpc-go calls grpc-go", cases: ofGrpcGo, serve: () => grpcGoServer(go), skip },
  { pair: "node:http2 calls node:http2", cases: COMPRESSED_CASES, serve: () => http2Server() },
];

// Directly, too: what fails there is the test's or the peer's, not ours.
const WAYS = PAIRS.flatMap((pair) => Object.entries(ROUTES).map(([way, open]) => ({ ...pair, way, open })));

describe.each(WAYS)("$pair $way", ({ cases, serve, open, skip: because }) => {
  let server: TestServer;
  let route: Route;
  beforeAll(async () => {
    if (because !== undefined) return;
    server = await serve();
    route = await open(server.address);
  });
  afterAll(async () => {
    await route?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const claim = test.skipIf(because !== undefined);
  for (const [name, run] of Object.entries(cases))
    claim(`${name}${because === undefined ? "" : ` (${because})`}`, () => run(route));
});

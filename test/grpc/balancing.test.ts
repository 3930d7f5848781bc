import { type Client, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { grpcJsClient, streaming, type StreamingCall, unary } from "./grpc-js-client.ts";
import { type GrpcJsServer, grpcJsServer } from "./grpc-js-server.ts";
import { outboundTo } from "./routes.ts";
import { DUPLEX_CALL, EMPTY_CALL, type OutputRequest, type OutputResponse, sizeOf } from "./test-service.ts";

const STREAMS = 1000;
const SERVERS = ["one", "two", "three"];
/** As many streams at once as the test needs, and as much time as a busy machine: an attempt in vain takes a turn. */
const ROOM = {
  service: {
    balancer: { kind: "round-robin" },
    limits: { callsPerEndpoint: STREAMS, calls: STREAMS },
    timeout: { total: "50s", connect: "50s" },
  },
  outbound: { limits: { streams: STREAMS } },
} as const;

/** A client through a sidecar before those, with a connection whose limits it knows. All ends with the test. */
async function clientOf(servers: readonly GrpcJsServer[]): Promise<Client> {
  const route = await outboundTo(
    servers.map(({ address }) => address),
    ROOM,
  );
  const client = grpcJsClient(route);
  onTestFinished(async () => {
    client.close();
    await route[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  await unary(client, EMPTY_CALL, {});
  return client;
}

/** Opens so many streams, and resolves when each has been answered once. */
async function open(client: Client, count: number): Promise<readonly StreamingCall<OutputRequest, OutputResponse>[]> {
  const calls = Array.from({ length: count }, () => streaming(client, DUPLEX_CALL));
  for (const call of calls) call.send({ responseParameters: [{ size: 5 }] });
  for (const call of calls) expect(sizeOf(await call.next())).toBe(5);
  return calls;
}

async function expectGoodEnds(calls: readonly StreamingCall<OutputRequest, OutputResponse>[]): Promise<void> {
  for (const call of calls) call.halfClose();
  for (const call of calls) {
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject({ code: status.OK });
  }
}

test("1,000 streams open at once on one client connection are shared by three endpoints", async () => {
  const servers = await Promise.all(SERVERS.map((id) => grpcJsServer(id)));
  const client = await clientOf(servers);
  const calls = await open(client, STREAMS);
  const shares = servers.map(({ seen }) => seen.filter(({ path }) => path === DUPLEX_CALL.path).length);
  expect(shares.toSorted((a, b) => a - b)).toEqual([333, 333, 334]);

  await expectGoodEnds(calls);
});

test("an endpoint that takes 10 streams a connection gets as many connections as 100 streams need", async () => {
  const server = await grpcJsServer("few", { "grpc.max_concurrent_streams": 10 });
  const client = await clientOf([server]);
  await expectGoodEnds(await open(client, 100));
});

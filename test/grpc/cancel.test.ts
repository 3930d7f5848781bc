import { connect } from "node:http2";
import { type Client, status } from "@grpc/grpc-js";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { grpcJsClient, streaming, type StreamingCall } from "./grpc-js-client.ts";
import { type GrpcJsServer, grpcJsServer } from "./grpc-js-server.ts";
import { type Route, ROUTES } from "./routes.ts";
import { DUPLEX_CALL, INPUT_CALL, type OutputRequest, type OutputResponse, sizeOf, zeros } from "./test-service.ts";

let server: GrpcJsServer;
let route: Route;
let client: Client;

beforeEach(async () => {
  server = await grpcJsServer();
  route = await ROUTES["through two sidecars"]!(server.address);
  client = grpcJsClient(route);
  onTestFinished(async () => {
    client.close();
    await route[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});

/** A stream with one answer on it, and open. */
async function talking(): Promise<StreamingCall<OutputRequest, OutputResponse>> {
  const call = streaming(client, DUPLEX_CALL);
  call.send({ responseParameters: [{ size: 10 }] });
  expect(sizeOf(await call.next())).toBe(10);
  return call;
}

describe("through two sidecars, a server is told that a call is given up", () => {
  test("before it has answered", async () => {
    const seen = server.next();
    const call = streaming(client, INPUT_CALL);
    call.send({ payload: zeros(1000) });
    const { cancelled } = await seen;
    call.cancel();
    await cancelled;
    expect(await call.ended).toMatchObject({ code: status.CANCELLED });
  });

  test("inside a stream", async () => {
    const call = await talking();
    call.cancel();
    await server.seen[0]?.cancelled;
  });

  test("when the caller's connection is lost", async () => {
    const seen = server.next();
    const session = connect(`http://${route.address}`);
    const { authority } = route;
    const stream = session.request({
      ":method": "POST",
      ":path": DUPLEX_CALL.path,
      ":authority": authority,
      te: "trailers",
      "content-type": "application/grpc",
    });
    stream.on("error", () => {});
    const { cancelled } = await seen;
    session.destroy();
    await cancelled;
  });

  test("while other calls of the same connection go on", async () => {
    const [given, kept] = [await talking(), await talking()];
    given.cancel();
    await server.seen[0]?.cancelled;
    kept.send({ responseParameters: [{ size: 20 }] });
    expect(sizeOf(await kept.next())).toBe(20);
    kept.halfClose();
    expect(await kept.next()).toBeUndefined();
    expect(await kept.ended).toMatchObject({ code: status.OK });
  });
});

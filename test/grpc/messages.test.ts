import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grpcJsClient, streaming, unary } from "./grpc-js-client.ts";
import { type GrpcJsServer, grpcJsServer } from "./grpc-js-server.ts";
import { type Route, ROUTES } from "./routes.ts";
import { DUPLEX_CALL, sizeOf, UNARY_CALL } from "./test-service.ts";

const LARGE_BYTES = 5 * 1024 * 1024 + 1;
const ANY_SIZE = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

let server: GrpcJsServer;
let route: Route;
beforeAll(async () => {
  server = await grpcJsServer("grpc-js", ANY_SIZE);
  route = await ROUTES["through two sidecars"]!(server.address);
});
afterAll(async () => {
  await route[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("a message of 5 MiB passes two sidecars, both ways", async () => {
  using client = grpcJsClient(route, ANY_SIZE);
  const body = Buffer.alloc(LARGE_BYTES, "weft");
  const answer = await unary(client, UNARY_CALL, { responseSize: LARGE_BYTES, payload: { body } });
  expect(answer.status).toMatchObject({ code: status.OK });
  expect(sizeOf(answer.response)).toBe(LARGE_BYTES);
});

test("20 MiB in 400 messages pass both ways at once on one stream", async () => {
  using client = grpcJsClient(route);
  const call = streaming(client, DUPLEX_CALL);
  const payload = { body: Buffer.alloc(50_000, "weft") };
  for (let at = 0; at < 400; at++) call.send({ payload, responseParameters: [{ size: 50_000 + at }] });
  call.halfClose();
  for (let at = 0; at < 400; at++) expect(sizeOf(await call.next())).toBe(50_000 + at);
  expect(await call.next()).toBeUndefined();
  expect(await call.ended).toMatchObject({ code: status.OK });
});

test("binary metadata comes through byte for byte, there and back, several of one key too", async () => {
  using client = grpcJsClient(route);
  const metadata = new Metadata();
  const key = "x-grpc-test-echo-trailing-bin";
  const values = [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.alloc(0), Buffer.from([0])];
  for (const value of values) metadata.add(key, value);
  const answer = await unary(client, UNARY_CALL, {}, { metadata });
  expect(answer.status).toMatchObject({ code: status.OK });
  expect(server.seen.at(-1)?.metadata.get(key)).toEqual(values);
  expect(answer.status.trailers.get(key)).toEqual(values);
});

test("metadata of 8 KiB, and with every character that may stand in it, comes through", async () => {
  using client = grpcJsClient(route);
  const metadata = new Metadata();
  const key = "x-grpc-test-echo-initial";
  const printable = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at));
  const values = ["x".repeat(8192), `${printable} and blanks inside`];
  for (const value of values) metadata.add(key, value);
  const answer = await unary(client, UNARY_CALL, {}, { metadata });
  expect(answer.status).toMatchObject({ code: status.OK });
  expect(answer.head?.get(key).join(", ")).toBe(values.join(", ")); // node:http2 joins them so
});

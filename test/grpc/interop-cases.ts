import { type Client, Metadata, status } from "@grpc/grpc-js";
import { expect } from "vitest";
import { streaming, type StreamingCall, unary } from "./grpc-js-client.ts";
import {
  DUPLEX_CALL,
  type EchoStatus,
  EMPTY_CALL,
  INPUT_CALL,
  OUTPUT_CALL,
  type OutputRequest,
  type OutputResponse,
  sizeOf,
  UNARY_CALL,
  UNIMPLEMENTED_METHOD,
  UNIMPLEMENTED_SERVICE,
  zeros,
} from "./test-service.ts";

/** One case, with a client that calls the test service: throws what it finds wrong. */
export type InteropCase = (client: Client) => Promise<void>;

const LARGE = { responseSize: 314_159, payload: zeros(271_828) };
const REQUEST_SIZES = [27_182, 8, 1828, 45_904] as const;
const RESPONSE_SIZES = [31_415, 9, 2653, 58_979] as const;

/**
 * The published interop cases that need neither credentials nor a look at how messages are compressed, by their names.
 *
 * Source: grpc/grpc, doc/interop-test-descriptions.md.
 */
export const INTEROP_CASES: Readonly<Record<string, InteropCase>> = {
  async empty_unary(client) {
    const answer = await unary(client, EMPTY_CALL, {});
    expect(answer).toMatchObject({ status: OK, response: {} });
  },
  async large_unary(client) {
    const answer = await unary(client, UNARY_CALL, LARGE);
    expect(answer.status).toMatchObject(OK);
    expect(Buffer.alloc(LARGE.responseSize).equals(answer.response?.payload?.body ?? Buffer.alloc(0))).toBe(true);
  },
  async client_streaming(client) {
    const call = streaming(client, INPUT_CALL);
    for (const size of REQUEST_SIZES) call.send({ payload: zeros(size) });
    call.halfClose();
    expect(await call.next()).toEqual({ aggregatedPayloadSize: 74_922 });
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject(OK);
  },
  async server_streaming(client) {
    const call = streaming(client, OUTPUT_CALL);
    call.send({ responseParameters: RESPONSE_SIZES.map((size) => ({ size })) });
    call.halfClose();
    for (const size of RESPONSE_SIZES) expect(sizeOf(await call.next())).toBe(size);
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject(OK);
  },
  async ping_pong(client) {
    const call = streaming(client, DUPLEX_CALL);
    for (const [at, size] of RESPONSE_SIZES.entries()) {
      call.send({ responseParameters: [{ size }], payload: zeros(REQUEST_SIZES[at] ?? 0) });
      expect(sizeOf(await call.next())).toBe(size);
    }
    call.halfClose();
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject(OK);
  },
  async empty_stream(client) {
    const call = streaming(client, DUPLEX_CALL);
    call.halfClose();
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject(OK);
  },
  async custom_metadata(client) {
    const metadata = new Metadata();
    metadata.set("x-grpc-test-echo-initial", "test_initial_metadata_value");
    metadata.set("x-grpc-test-echo-trailing-bin", Buffer.from("ababab", "hex"));
    const answer = await unary(client, UNARY_CALL, LARGE, { metadata });
    expect(answer.status).toMatchObject(OK);
    expectEchoes(answer.head, answer.status.trailers);

    const call = streaming(client, DUPLEX_CALL, { metadata });
    call.send({ responseParameters: [{ size: LARGE.responseSize }], payload: LARGE.payload });
    call.halfClose();
    expect(sizeOf(await call.next())).toBe(LARGE.responseSize);
    expect(await call.next()).toBeUndefined();
    const { trailers, ...ended } = await call.ended;
    expect(ended).toMatchObject(OK);
    expectEchoes(await call.head, trailers);
  },
  status_code_and_message: (client) => echoesStatus(client, { code: 2, message: "test status message" }),
  special_status_message: (client) =>
    echoesStatus(client, {
      code: 2,
      message: "\t\ntest with whitespace\r\nand Unicode BMP \u263A and non-BMP \u{1F608}\t\n",
    }),
  async unimplemented_method(client) {
    const answer = await unary(client, UNIMPLEMENTED_METHOD, {});
    expect(answer.status).toMatchObject({ code: status.UNIMPLEMENTED });
  },
  async unimplemented_service(client) {
    const answer = await unary(client, UNIMPLEMENTED_SERVICE, {});
    expect(answer.status).toMatchObject({ code: status.UNIMPLEMENTED });
  },
  async cancel_after_begin(client) {
    const call = streaming(client, INPUT_CALL);
    call.cancel();
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject({ code: status.CANCELLED });
  },
  async cancel_after_first_response(client) {
    const call = beginsPingPong(client);
    expect(sizeOf(await call.next())).toBe(RESPONSE_SIZES[0]);
    call.cancel();
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject({ code: status.CANCELLED });
  },
  async timeout_on_sleeping_server(client) {
    const call = streaming(client, DUPLEX_CALL, { timeoutMs: 1 });
    call.send({ payload: zeros(27_182) }); // asks for no answer, so none comes
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  },
};

const OK = { code: status.OK };

function beginsPingPong(client: Client): StreamingCall<OutputRequest, OutputResponse> {
  const call = streaming(client, DUPLEX_CALL);
  call.send({ responseParameters: [{ size: RESPONSE_SIZES[0] }], payload: zeros(REQUEST_SIZES[0]) });
  return call;
}

async function echoesStatus(client: Client, responseStatus: EchoStatus): Promise<void> {
  const echoed = { code: responseStatus.code, details: responseStatus.message };
  const answer = await unary(client, UNARY_CALL, { responseStatus });
  expect(answer.status).toMatchObject(echoed);

  const call = streaming(client, DUPLEX_CALL);
  call.send({ responseStatus });
  call.halfClose();
  expect(await call.next()).toBeUndefined();
  expect(await call.ended).toMatchObject(echoed);
}

function expectEchoes(head: Metadata | undefined, trailers: Metadata): void {
  expect(head?.get("x-grpc-test-echo-initial")).toEqual(["test_initial_metadata_value"]);
  expect(trailers.get("x-grpc-test-echo-trailing-bin")).toEqual([Buffer.from("ababab", "hex")]);
}

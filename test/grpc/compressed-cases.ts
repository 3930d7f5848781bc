import { status } from "@grpc/grpc-js";
import { expect } from "vitest";
import type { Target } from "./grpc-js-client.ts";
import { http2Call, type Http2Answer } from "./http2-client.ts";
import { INPUT_CALL, OUTPUT_CALL, type Payload, sizeOf, UNARY_CALL, zeros } from "./test-service.ts";

const LARGE = { responseSize: 314_159, payload: zeros(271_828) };

/**
 * The published interop cases that look at how each message is compressed, by their names.
 *
 * Source: grpc/grpc, doc/interop-test-descriptions.md.
 */
export const COMPRESSED_CASES: Readonly<Record<string, (target: Target) => Promise<void>>> = {
  async client_compressed_unary(target) {
    const send = (expected: boolean, compressed: boolean) =>
      http2Call(target, UNARY_CALL, [{ message: { ...LARGE, expectCompressed: { value: expected } }, compressed }]);
    expect(await send(true, false)).toMatchObject({ status: status.INVALID_ARGUMENT });
    for (const compressed of [true, false]) {
      const answer = await send(compressed, compressed);
      expect(answer.status).toBe(status.OK);
      expect(sizes(answer)).toEqual([[LARGE.responseSize, false]]);
    }
  },
  async server_compressed_unary(target) {
    for (const compressed of [true, false]) {
      const message = { ...LARGE, responseCompressed: { value: compressed } };
      const answer = await http2Call(target, UNARY_CALL, [{ message, compressed: false }]);
      expect(answer.status).toBe(status.OK);
      expect(sizes(answer)).toEqual([[LARGE.responseSize, compressed]]);
    }
  },
  async client_compressed_streaming(target) {
    const probe = { payload: zeros(27_182), expectCompressed: { value: true } };
    const refused = await http2Call(target, INPUT_CALL, [{ message: probe, compressed: false }]);
    expect(refused).toMatchObject({ status: status.INVALID_ARGUMENT });

    const plain = { payload: zeros(45_904), expectCompressed: { value: false } };
    const answer = await http2Call(target, INPUT_CALL, [
      { message: probe, compressed: true },
      { message: plain, compressed: false },
    ]);
    expect(answer).toMatchObject({ status: status.OK, messages: [{ message: { aggregatedPayloadSize: 73_086 } }] });
  },
  async server_compressed_streaming(target) {
    const responseParameters = [
      { size: 31_415, compressed: { value: true } },
      { size: 92_653, compressed: { value: false } },
    ];
    const answer = await http2Call(target, OUTPUT_CALL, [{ message: { responseParameters }, compressed: false }]);
    expect(answer.status).toBe(status.OK);
    expect(sizes(answer)).toEqual([
      [31_415, true],
      [92_653, false],
    ]);
  },
};

function sizes(answer: Http2Answer<{ readonly payload?: Payload }>): readonly (readonly [number, boolean])[] {
  return answer.messages.map(({ message, compressed }) => [sizeOf(message), compressed]);
}

import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { Fields } from "../head/fields.ts";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { AnyEncoder } from "./any-encoder.suite.ts";
import { HeadReader } from "./head-reader.ts";
import { BLOCK, HeadWriter } from "./head-writer.ts";
import type { LiteralField } from "./literal-block.suite.ts";
import { outgoing } from "./outgoing.suite.ts";

const SEED = 61;
const REQUESTS = 6_000;
const ENDPOINTS = 3;

test("heads that come again and again reach each of several endpoints as they came", () => {
  const random = seededRandom(SEED);
  const encoder = new AnyEncoder(random);
  const caller = new HeadReader(DEFAULT_HEAD_LIMITS);
  const ends = Array.from({ length: ENDPOINTS }, () => ({
    writer: new HeadWriter(),
    reader: new HeadReader(DEFAULT_HEAD_LIMITS),
  }));
  for (let i = 0; i < REQUESTS; i++) {
    const block = encoder.block(fields());
    const head = caller.request(block, 0, block.length);
    if (head.kind !== "request") throw new Error(`seed ${SEED}, request ${i}: ${head.detail}`);
    const { writer, reader } = ends[random.below(ENDPOINTS)]!;
    if (random.below(300) === 0) writer.tableSize([0, 64, 500, 4_096, 100_000][random.below(5)]!);
    if (random.below(300) === 0) expect(writer.trailers(Fields.ofList(["a", "b".repeat(BLOCK.length)]))).toBe(-1);
    if (random.below(20) === 0) head.set("x-set", String(i));
    const traceparent = random.below(2) === 0 ? "" : `00-${i}`;

    const length = writer.request(outgoing(head, { traceparent }));
    const got = reader.request(Buffer.from(BLOCK.subarray(0, length)), 0, length);
    const where = `seed ${SEED}, request ${i}`;
    if (got.kind !== "request") throw new Error(`${where}: ${got.detail}`);
    const isSame =
      got.target === head.target &&
      got.authority === head.authority &&
      got.traceparent === traceparent &&
      String(got.list) === String(head.list);
    if (!isSame) expect({ ...got, list: got.list }, where).toEqual({ ...head, list: head.list });
    expect(isSame, where).toBe(true);
  }

  /** Few heads most of the time, with a path or a field now and then that never came before. */
  function fields(): readonly LiteralField[] {
    const rare = random.below(10) === 0;
    return [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", rare ? `/${random.below(1_000)}` : `/orders.Orders/Get${random.below(3)}`],
      [":authority", random.below(5) === 0 ? "other" : "orders"],
      ["content-type", "application/grpc"],
      ["user-agent", `agent ${random.below(2)}`],
      ...(random.below(8) === 0 ? [["x-own", String(random.below(1_000))] as const] : []),
      ...(random.below(40) === 0 ? [["x-secret", "s", "never"] as const] : []),
    ];
  }
});

import { describe, expect, test } from "vitest";
import { decodeBlock, encodeBlock, type Field, hexBytes, tableOf, tryBlock } from "./blocks.suite.ts";
import { fieldName } from "./field-name.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";

const TABLE_BYTES = 4_096;

describe("what is indexed", () => {
  test("a field that comes again is one byte", () => {
    const encoder = new HpackEncoder();
    const fields: readonly Field[] = [
      [":path", "/pb.Greeter/SayHello"],
      ["user-agent", "grpc-node-js/1.12.0"],
      ["x-shard", "7"],
    ];
    encodeBlock(encoder, fields);
    expect(encodeBlock(encoder, fields)).toEqual(hexBytes("c0 bf be"));
  });

  test.each([
    ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    ["grpc-timeout", "100m"],
    ["grpc-status", "0"],
    ["grpc-message", "none"],
    ["content-length", "12"],
    ["etag", '"a"'],
    ["age", "3"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["x-request-id", "1"],
    ["set-cookie", "session=0123456789abcdef"],
  ])("%s is not", (name, value) => {
    const { encoder, decoder } = pair();
    expect(decodeBlock(decoder, encodeBlock(encoder, [[name, value]]))).toEqual([[name, value]]);
    expect(tableOf(decoder)).toEqual([]);
    expect(encoder.generation).toBe(0);
  });

  test.each([
    { field: ["authorization", "Bearer 0123456789abcdef0123456789"], why: "a secret" },
    { field: ["proxy-authorization", "Basic eDp5"], why: "a secret" },
    { field: ["cookie", "a=1"], why: "a short cookie" },
    { field: ["set-cookie", "a=1"], why: "a short cookie" },
    { field: ["accept", "*/*", true], why: "a field that came so" },
  ] satisfies readonly { field: Field; why: string }[])(
    "$why is never: $field.0",
    ({ field: [name, value, never] }) => {
      const { encoder, decoder } = pair();
      for (let i = 0; i < 2; i++) {
        expect(decodeBlock(decoder, encodeBlock(encoder, [[name, value, never ?? false]]))).toEqual([
          [name, value, true],
        ]);
        expect(tableOf(decoder)).toEqual([]);
      }
    },
  );

  test("a field that came never indexed stays so beside one in the table that did not", () => {
    const { encoder, decoder } = pair();
    decodeBlock(decoder, encodeBlock(encoder, [["x-token", "abc"]]));
    expect(decodeBlock(decoder, encodeBlock(encoder, [["x-token", "abc", true]]))).toEqual([["x-token", "abc", true]]);
  });

  test("a long cookie is, as one that cannot be guessed", () => {
    const encoder = new HpackEncoder();
    const cookie: Field = ["cookie", "session=0123456789abcdef"];
    encodeBlock(encoder, [cookie]);
    expect(encodeBlock(encoder, [cookie])).toEqual(hexBytes("be"));
  });

  test("an entry that would take more than half of the table is not", () => {
    const { encoder, decoder } = pair();
    decodeBlock(decoder, encodeBlock(encoder, [["x-a", "1"]]));
    decodeBlock(decoder, encodeBlock(encoder, [["x-large", "v".repeat(2_048)]]));
    expect(tableOf(decoder)).toEqual([["x-a", "1"]]);
  });

  test("a name whose values change all the time soon is not, and what is stable stays", () => {
    const { encoder, decoder } = pair();
    const stable: readonly Field[] = [
      [":path", "/pb.Greeter/SayHello"],
      ["user-agent", "grpc-node-js/1.12.0"],
    ];
    decodeBlock(decoder, encodeBlock(encoder, stable));
    for (let i = 0; i < 1_320; i++) {
      const fields: readonly Field[] = [...stable, ["x-customer-of-the-call", `customer number ${i}`]];
      expect(decodeBlock(decoder, encodeBlock(encoder, fields))).toEqual(fields);
    }
    // 4 on credit, and each 256th of the rest on trial.
    expect(tableOf(decoder).filter(([name]) => name.startsWith("x-"))).toHaveLength(4 + Math.floor(1_316 / 256));
    expect(tableOf(decoder)).toEqual(expect.arrayContaining([...stable]));
  });

  test("a name with a few values that come again and again is, for good", () => {
    const { encoder, decoder } = pair();
    let bytes = 0;
    for (let i = 0; i < 2_000; i++) {
      const fields: readonly Field[] = [[":path", `/pb.Greeter/Method${i % 20}`]];
      const block = encodeBlock(encoder, fields);
      expect(decodeBlock(decoder, block)).toEqual(fields);
      bytes = i < 1_500 ? 0 : bytes + block.length;
    }
    expect(bytes).toBe(500);
  });

  test("a name that the static table lacks is named by its entry", () => {
    const { encoder } = pair();
    encodeBlock(encoder, [["x-shard", "1"]]);
    expect(encodeBlock(encoder, [["x-shard", "2"]])).toEqual(hexBytes("7e 01 32"));
  });

  test("names that share a slot are told apart", () => {
    const { encoder, decoder } = pair();
    const fields = Array.from({ length: 90 }, (_, i): Field => [`x-${String.fromCharCode(97 + (i % 26))}-${i}`, "v"]);
    for (let i = 0; i < 3; i++) expect(decodeBlock(decoder, encodeBlock(encoder, fields))).toEqual(fields);
  });
});

describe("the size of the table", () => {
  test("a reduction is told at the start of the next block, once", () => {
    const { encoder } = pair();
    encoder.tableSize(100);
    expect(encodeBlock(encoder, [[":method", "GET"]])).toEqual(hexBytes("3f45 82"));
    expect(encodeBlock(encoder, [[":method", "GET"]])).toEqual(hexBytes("82"));
  });

  test("a reduction and a rise between two blocks are both told", () => {
    const { encoder, decoder } = pair();
    decodeBlock(decoder, encodeBlock(encoder, [["x-a", "1"]]));
    encoder.tableSize(0);
    encoder.tableSize(1_000);
    encoder.tableSize(500);
    expect(encodeBlock(encoder, [["x-a", "1"]])).toEqual(hexBytes("20 3fd503 40 03 782d61 01 31"));
  });

  test("more than what we use is not told", () => {
    const { encoder } = pair();
    encoder.tableSize(65_536);
    expect(encodeBlock(encoder, [[":method", "GET"]])).toEqual(hexBytes("82"));
    encoder.tableSize(2_048);
    encoder.tableSize(65_536);
    expect(encodeBlock(encoder, [])).toEqual(hexBytes("3fe10f 3fe11f"));
  });

  test.each([0, 1, 31, 33, 64, 100, 256, 1_000])("a table of %d bytes is never filled beyond", (size) => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(size);
    encoder.tableSize(size);
    for (let i = 0; i < 200; i++) {
      const fields: readonly Field[] = [
        [":path", `/${i % 7}`],
        ["", ""],
        ["x-a", "v".repeat(i % 90)],
        ["x-b", "1"],
      ];
      expect(decodeBlock(decoder, encodeBlock(encoder, fields))).toEqual(fields);
    }
  });
});

describe("the room for a block", () => {
  const fields: readonly Field[] = [
    [":method", "GET"],
    [":path", "/a/rather/long/path/with/many/parts"],
    ["x-a", "1"],
    ["x-b", "v".repeat(200)],
  ];

  test("a block that does not fit is -1, and the next one empties the peer's table, which never saw it", () => {
    for (let room = 0; room < 300; room++) {
      const { encoder, decoder } = pair();
      decodeBlock(decoder, encodeBlock(encoder, [["x-a", "1"]]));
      const generation = encoder.generation;
      const into = Buffer.alloc(room);
      encoder.begin(into, 0);
      for (const [name, value] of fields) encoder.field(fieldName(name), value);
      const end = encoder.end();
      if (end >= 0) expect(decodeBlock(decoder, into.subarray(0, end))).toEqual(fields);
      else expect(encoder.generation).toBeGreaterThan(generation);
      for (let i = 0; i < 2; i++) expect(decodeBlock(decoder, encodeBlock(encoder, fields))).toEqual(fields);
    }
  });

  test("a block that was not sent is discarded", () => {
    const { encoder, decoder } = pair();
    encodeBlock(encoder, fields);
    encoder.discard();
    const block = encodeBlock(encoder, fields);
    expect(block.subarray(0, 4)).toEqual(hexBytes("20 3fe11f"));
    expect(decodeBlock(decoder, block)).toEqual(fields);
    // A table of no bytes has nothing to be emptied.
    const without = new HpackEncoder();
    without.tableSize(0);
    expect(encodeBlock(without, [])).toEqual(hexBytes("20"));
    without.discard();
    expect(encodeBlock(without, [])).toEqual(hexBytes(""));
    without.tableSize(TABLE_BYTES);
    expect(encodeBlock(without, [])).toEqual(hexBytes("3fe11f"));
    expect(encodeBlock(without, [])).toEqual(hexBytes(""));
  });

  test("a block begins where it is told to, and leaves the rest alone", () => {
    const encoder = new HpackEncoder();
    const into = Buffer.alloc(64, 0xaa);
    encoder.begin(into, 9);
    encoder.field(fieldName(":method"), "GET");
    expect(encoder.end()).toBe(10);
    expect(into.subarray(0, 11)).toEqual(hexBytes("aaaa aaaa aaaa aaaa aa 82 aa"));
  });
});

test("a value of any length and any bytes is read again", () => {
  const { encoder, decoder } = pair();
  for (const length of [0, 1, 20, 21, 126, 127, 128, 254, 255, 256, 16_000, 40_000]) {
    const value = Array.from({ length }, (_, i) => String.fromCharCode((i * 7) & 0xff)).join("");
    expect(tryBlock(decoder, encodeBlock(encoder, [["x-v", value]]))).toEqual({ fields: [["x-v", value]] });
  }
});

test("a length is read again as it was, and changes no table", () => {
  const { encoder, decoder } = pair();
  for (const length of [0, 1, 9, 10, 11, 99, 100, 65_535, 999_999, 1_000_000, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1]) {
    const into = Buffer.alloc(64, 0xaa);
    encoder.begin(into, 3);
    encoder.length(length);
    const end = encoder.end();
    expect(decodeBlock(decoder, into.subarray(3, end))).toEqual([["content-length", String(length)]]);
    expect(into[end]).toBe(0xaa);
  }
  expect(encoder.generation).toBe(0);
  encoder.begin(Buffer.alloc(12), 0);
  encoder.length(100);
  expect(encoder.end()).toBe(-1);
});

function pair(): { readonly encoder: HpackEncoder; readonly decoder: HpackDecoder } {
  return { encoder: new HpackEncoder(), decoder: new HpackDecoder(TABLE_BYTES) };
}

import { describe, expect, test } from "vitest";
import { decodeBlock, encodeBlock, type Field, hexBytes, tableOf } from "./blocks.suite.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";

// RFC 7541 appendix C. The tables there are given with their sizes; what is in a table decides its size.

const REQUESTS: readonly (readonly Field[])[] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];

const REQUEST_TABLE: readonly Field[] = [
  ["custom-key", "custom-value"],
  ["cache-control", "no-cache"],
  [":authority", "www.example.com"],
];

const COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

const RESPONSES: readonly (readonly Field[])[] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    ["set-cookie", COOKIE],
  ],
];

const RESPONSE_TABLES: readonly (readonly Field[])[] = [
  [
    ["location", "https://www.example.com"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["cache-control", "private"],
    [":status", "302"],
  ],
  [
    [":status", "307"],
    ["location", "https://www.example.com"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["cache-control", "private"],
  ],
  [
    ["set-cookie", COOKIE],
    ["content-encoding", "gzip"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
  ],
];

const PLAIN_REQUESTS = [
  "828684410f7777772e6578616d706c652e636f6d",
  "828684be58086e6f2d6361636865",
  "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
];

const HUFFMAN_REQUESTS = [
  "828684418cf1e3c2e5f23a6ba0ab90f4ff",
  "828684be5886a8eb10649cbf",
  "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
];

const PLAIN_RESPONSES = [
  `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
   6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
  "4803333037c1c0bf",
  `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738
   666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31`,
];

const HUFFMAN_RESPONSES = [
  `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff
   6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
  "4883640effc1c0bf",
  `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab
   77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
];

describe("RFC 7541 appendix C", () => {
  test.each([
    { section: "C.1.1", bytes: 10, update: "2a" },
    { section: "C.1.2", bytes: 1_337, update: "3f9a0a" },
  ])("$section: $bytes is written with a prefix of five bits", ({ bytes, update }) => {
    const encoder = new HpackEncoder();
    encoder.tableSize(bytes);
    expect(encodeBlock(encoder, [])).toEqual(hexBytes(update));
    // Read as well: the table is as large as that, and can be made so again.
    expect(decodeBlock(new HpackDecoder(bytes), hexBytes(update))).toEqual([]);
    expect(() => decodeBlock(new HpackDecoder(bytes - 1), hexBytes(update))).toThrow(/larger/);
  });

  test("C.2: the four representations are read", () => {
    const decoder = new HpackDecoder(4_096);
    const indexed = hexBytes("400a637573746f6d2d6b65790d637573746f6d2d686561646572");
    expect(decodeBlock(decoder, indexed)).toEqual([["custom-key", "custom-header"]]);
    expect(decodeBlock(decoder, hexBytes("040c2f73616d706c652f70617468"))).toEqual([[":path", "/sample/path"]]);
    const never: Field = ["password", "secret", true];
    expect(decodeBlock(decoder, hexBytes("100870617373776f726406736563726574"))).toEqual([never]);
    expect(decodeBlock(decoder, hexBytes("82"))).toEqual([[":method", "GET"]]);
    expect(tableOf(decoder)).toEqual([["custom-key", "custom-header"]]);
  });

  test("C.2.1, C.2.3, C.2.4: they are written so", () => {
    const encoder = new HpackEncoder();
    const indexed = hexBytes("400a637573746f6d2d6b65790d637573746f6d2d686561646572");
    expect(encodeBlock(encoder, [["custom-key", "custom-header"]])).toEqual(indexed);
    const never = hexBytes("100870617373776f726406736563726574");
    expect(encodeBlock(encoder, [["password", "secret", true]])).toEqual(never);
    expect(encodeBlock(encoder, [[":method", "GET"]])).toEqual(hexBytes("82"));
  });

  test.each([
    { section: "C.3", blocks: PLAIN_REQUESTS },
    { section: "C.4", blocks: HUFFMAN_REQUESTS },
  ])("$section: three requests on one connection are read", ({ blocks }) => {
    const decoder = new HpackDecoder(4_096);
    const heads = blocks.map((block) => {
      const fields = decodeBlock(decoder, hexBytes(block));
      expect(tableOf(decoder)).toEqual(REQUEST_TABLE.slice(-decoder.generation));
      return fields;
    });
    expect(heads).toEqual(REQUESTS);
    expect(decoder.generation).toBe(3);
  });

  test("C.3: three requests on one connection are written so", () => {
    const encoder = new HpackEncoder();
    const blocks = REQUESTS.map((fields) => encodeBlock(encoder, fields).toString("hex"));
    expect(blocks).toEqual(PLAIN_REQUESTS);
  });

  test.each([
    { section: "C.5", blocks: PLAIN_RESPONSES },
    { section: "C.6", blocks: HUFFMAN_RESPONSES },
  ])("$section: three responses, with entries that leave a table of 256 bytes, are read", ({ blocks }) => {
    const decoder = new HpackDecoder(256);
    blocks.forEach((block, i) => {
      expect(decodeBlock(decoder, hexBytes(block))).toEqual(RESPONSES[i]);
      expect(tableOf(decoder)).toEqual(RESPONSE_TABLES[i]);
    });
  });

  test("what is written of C.5, with a table of 256 bytes, is read again", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(256);
    encoder.tableSize(256);
    for (const fields of RESPONSES) expect(decodeBlock(decoder, encodeBlock(encoder, fields))).toEqual(fields);
  });
});

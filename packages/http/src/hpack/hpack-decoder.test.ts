import { describe, expect, test } from "vitest";
import { decodeBlock, encodeBlock, type Field, hexBytes, tableOf, tryBlock } from "./blocks.suite.ts";
import { type FieldSink, KNOWN, knownName } from "./field-name.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import { huffmanBytes } from "./huffman-encode.ts";

const TABLE_BYTES = 4_096;

describe("what is no block", () => {
  test.each([
    { why: "index 0", hex: "80", problem: /no entry/ },
    { why: "an index behind the table", hex: "be", problem: /no entry/ },
    { why: "the name of an entry behind the table", hex: "7f00 0161", problem: /no entry/ },
    { why: "a large index", hex: "ffff ffff 7f", problem: /no entry/ },
    { why: "an integer with five bytes behind the first", hex: "ffff ffff ff00", problem: /integer/ },
    { why: "an integer that goes on and on with zeros", hex: "ff80 8080 8080 00", problem: /integer/ },
    { why: "a length that goes on and on", hex: "007f ffff ffff ffff ffff ff7f", problem: /string/ },
    { why: "a length beyond the block", hex: "0001 6102 62", problem: /string/ },
    { why: "a name whose Huffman code is wrong", hex: "4081 0001 61", problem: /Huffman/ },
    { why: "a value whose Huffman code is wrong", hex: "4001 6181 00", problem: /Huffman/ },
    { why: "EOS in a value", hex: "0f0d 84ff ffff ff", problem: /Huffman/ },
    { why: "a table larger than announced", hex: "3fe2 1f", problem: /larger/ },
    { why: "three updates of the table size", hex: "2020 2082", problem: /two updates/ },
    { why: "an update behind a field", hex: "8220", problem: /behind a field/ },
    { why: "an update that is cut off", hex: "3fe1", problem: /integer/ },
  ])("$why is refused", ({ hex, problem }) => {
    const block = hexBytes(hex);
    expect(tryBlock(new HpackDecoder(TABLE_BYTES), block).problem).toMatch(problem);
    expect(new HpackDecoder(TABLE_BYTES).decode(block, 0, block.length, undefined)).toMatch(problem);
  });

  test("each beginning of a field is refused, told to somebody or not", () => {
    const [name, value] = ["x-name", "a value"].map((text) => huffmanBytes(Buffer.from(text)));
    const fields: readonly string[] = [
      `40 0161 8${value!.length} ${hexOf(value!)}`,
      "0f 0d 03 313233",
      `10 8${name!.length} ${hexOf(name!)} 01 61`,
      "ff 0f",
      "3f e1 1f",
    ];
    // So that index 142 is there: entries as small as can be.
    const filler = Buffer.concat(Array.from({ length: 128 }, () => hexBytes("400000")));
    for (const field of fields) {
      const block = hexBytes(field);
      expect(tryBlock(filledDecoder(), block).problem).toBeUndefined();
      for (let to = 1; to < block.length; to++) {
        expect(tryBlock(filledDecoder(), block.subarray(0, to)).problem, `${field}, ${to}`).toBeDefined();
        expect(filledDecoder().decode(block, 0, to, undefined), `${field}, ${to}`).toBeDefined();
      }
    }

    function filledDecoder(): HpackDecoder {
      const decoder = new HpackDecoder(TABLE_BYTES);
      decodeBlock(decoder, filler);
      return decoder;
    }
  });

  test("bytes outside of from and to are not looked at", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    const seen: string[] = [];
    const sink: FieldSink = { field: (name, value) => seen.push(`${name.text}: ${value}`) };
    const bytes = hexBytes("ff 82 40 01 61 01 62 ff");
    expect(decoder.decode(bytes, 1, bytes.length - 1, sink)).toBeUndefined();
    expect(seen).toEqual([":method: GET", "a: b"]);
    expect(decoder.decode(bytes, 3, 3, sink)).toBeUndefined();
    expect(decoder.decode(bytes, 2, 5, sink)).toMatch(/cut off/);
  });
});

describe("names", () => {
  test("each known name is found by its bytes, plain and in Huffman code", () => {
    for (const name of KNOWN.slice(1)) {
      for (const wire of [literal(name.bytes, false), literal(huffmanBytes(name.bytes), true)]) {
        let found: unknown;
        new HpackDecoder(TABLE_BYTES).decode(wire, 0, wire.length, { field: (its) => void (found = its) });
        expect(found).toBe(name);
        expect(KNOWN[name.known]).toBe(name);
        expect(knownName(name.text)).toBe(name);
      }
    }
  });

  test("an unknown name comes as it is: what it may be is for others to say", () => {
    const texts = ["x-unknown", "X-Upper", "Content-Length", "", " te", ":", "caf\xe9", "\0\r\n", "n".repeat(300)];
    for (const text of texts) {
      const bytes = Buffer.from(text, "latin1");
      const wire = Buffer.concat([literal(bytes, false), literal(huffmanBytes(bytes), true)]);
      new HpackDecoder(TABLE_BYTES).decode(wire, 0, wire.length, {
        field(name) {
          expect(name.text).toBe(text);
          expect(name.known).toBe(0);
          expect(name.bytes).toEqual(bytes);
        },
      });
    }
  });

  test("unknown names do not take each other's place, however many there are", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    for (let i = 0; i < 20_000; i++) {
      const text = `x-${i % 5_000}`;
      const fields = decodeBlock(decoder, literal(Buffer.from(text), false));
      if (fields[0]![0] !== text) expect.fail(`${text} came as ${fields[0]![0]}`);
    }
  });
});

describe("the table", () => {
  test("an entry that is larger than it empties it, and is told all the same", () => {
    const decoder = new HpackDecoder(64);
    decodeBlock(decoder, hexBytes("40 0161 0162"));
    expect(tableOf(decoder)).toEqual([["a", "b"]]);
    const large = Buffer.concat([hexBytes("40 0163 20"), Buffer.alloc(32, "d")]);
    expect(decodeBlock(decoder, large)).toEqual([["c", "d".repeat(32)]]);
    expect(tableOf(decoder)).toEqual([]);
  });

  test("a name may be that of an entry which leaves for it", () => {
    const decoder = new HpackDecoder(64);
    decodeBlock(decoder, hexBytes("40 0161 0162"));
    expect(decodeBlock(decoder, Buffer.concat([hexBytes("7e 1f"), Buffer.alloc(31, "c")]))).toEqual([
      ["a", "c".repeat(31)],
    ]);
    expect(tableOf(decoder)).toEqual([["a", "c".repeat(31)]]);
  });

  test("it is emptied by an update to 0, and works on after one to its full size", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    decodeBlock(decoder, hexBytes("40 0161 0162"));
    expect(decodeBlock(decoder, hexBytes("20 3fe11f 40 0163 0164 be"))).toEqual([
      ["c", "d"],
      ["c", "d"],
    ]);
    expect(tableOf(decoder)).toEqual([["c", "d"]]);
    expect(decodeBlock(decoder, hexBytes("20 40 0163 0164"))).toEqual([["c", "d"]]);
    expect(tableOf(decoder)).toEqual([]);
  });

  test("it holds as many entries as its size allows, and goes on for ever", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    for (let i = 0; i < 1_000; i++) {
      const digits = String(1_000 + i);
      decodeBlock(decoder, Buffer.concat([hexBytes("40 00 04"), Buffer.from(digits)]));
    }
    const entries = tableOf(decoder);
    expect(entries).toHaveLength(Math.floor(TABLE_BYTES / 36));
    expect(entries.map(([, value]) => Number(value))).toEqual(entries.map((_, i) => 1_999 - i));
  });
});

describe("a block that came before", () => {
  const nginx: readonly Field[] = [
    [":status", "200"],
    ["server", "nginx/1.22.1"],
    ["content-type", "text/plain"],
    ["content-length", "1024"],
  ];

  test("tells what it did to the table, and whether it referred to it", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    const block = literals(nginx);
    decodeBlock(decoder, block);
    expect(decoder).toMatchObject({ usedTable: false, inserted: 3, generation: 3 });
    decodeBlock(decoder, hexBytes("88 c0"));
    expect(decoder).toMatchObject({ usedTable: true, inserted: 0, generation: 3 });
    decodeBlock(decoder, hexBytes("7e 0161"));
    expect(decoder).toMatchObject({ usedTable: true, inserted: 1, generation: 4 });
    decodeBlock(decoder, hexBytes("88"));
    expect(decoder).toMatchObject({ usedTable: false, inserted: 0, generation: 4 });
    decodeBlock(decoder, hexBytes("3fe11f"));
    expect(decoder).toMatchObject({ usedTable: false, inserted: 0, generation: 5 });
  });

  test("is replayed: the table is the same as when it is decoded again", () => {
    for (const size of [0, 31, 60, 100, 150, TABLE_BYTES]) {
      const [decoding, replaying] = [new HpackDecoder(TABLE_BYTES), new HpackDecoder(TABLE_BYTES)];
      const source = new HpackDecoder(TABLE_BYTES);
      const update = encodeUpdate(size);
      for (const decoder of [decoding, replaying]) decodeBlock(decoder, update);
      const block = literals(nginx);
      decodeBlock(source, block);
      const inserts = source.inserts()!;
      expect(inserts.names.map(({ text }) => text)).toEqual(["server", "content-type", "content-length"]);
      for (let i = 0; i < 50; i++) {
        decodeBlock(decoding, block);
        replaying.replay(inserts);
        expect(tableOf(replaying)).toEqual(tableOf(decoding));
        expect(replaying.generation).toBe(decoding.generation);
      }
    }
  });

  test("has no list of its entries when some are gone again, or the table was resized", () => {
    const small = new HpackDecoder(100);
    decodeBlock(small, literals(nginx));
    expect(small.inserted).toBe(3);
    expect(small.inserts()).toBeUndefined();
    const resized = new HpackDecoder(TABLE_BYTES);
    decodeBlock(resized, hexBytes("20 3fe11f 88"));
    expect(resized.inserts()).toBeUndefined();
    decodeBlock(resized, hexBytes("88"));
    expect(resized.inserts()).toEqual({ names: [], values: [] });
  });
});

describe("a bomb", () => {
  // An entry of nearly the whole table, and a block that refers to it with each of its bytes.
  const VALUE_BYTES = 4_000;
  const fill = Buffer.concat([hexBytes("40 0161 7fa11e"), Buffer.alloc(VALUE_BYTES, "v")]);
  const references = Buffer.alloc(64 * 1024, 0xbe);

  test("is cut short by its sink, and the table is right all the same", () => {
    const decoder = new HpackDecoder(TABLE_BYTES);
    decodeBlock(decoder, fill);
    let bytes = 0;
    let told = 0;
    const sink: FieldSink = {
      field(name, value) {
        told++;
        bytes += name.text.length + value.length + 32;
        if (bytes > 65_536) decoder.skipRest();
      },
    };
    const block = Buffer.concat([references, hexBytes("00 0162 0163 40 0164 0165")]);
    expect(decoder.decode(block, 0, block.length, sink)).toBeUndefined();
    expect(told).toBe(Math.ceil(65_537 / (VALUE_BYTES + 33)));
    expect(tableOf(decoder).map(([name]) => name)).toEqual(["d", "a"]);
    // What is skipped is no less strict, and the next block is told again.
    const wrong = Buffer.concat([references, hexBytes("00 0162 81 00")]);
    bytes = 65_536;
    decodeBlock(decoder, fill);
    expect(decoder.decode(wrong, 0, wrong.length, sink)).toMatch(/Huffman/);
    expect(decodeBlock(decoder, hexBytes("82"))).toEqual([[":method", "GET"]]);
  });

  test("of which nothing is told leaves the same table as one that is", () => {
    const fields: readonly Field[] = [
      [":path", "/a"],
      ["x-a", "1"],
      ["authorization", "secret"],
      ["x-a", "2"],
      ["traceparent", "00-0-0-01"],
    ];
    const [encoder, told, skipped] = [new HpackEncoder(), new HpackDecoder(TABLE_BYTES), new HpackDecoder(TABLE_BYTES)];
    for (let i = 0; i < 3; i++) {
      const block = encodeBlock(encoder, fields);
      decodeBlock(told, block);
      expect(skipped.decode(block, 0, block.length, undefined)).toBeUndefined();
      expect(skipped.usedTable).toBe(told.usedTable);
      expect(tableOf(skipped)).toEqual(tableOf(told));
    }
  });
});

/** A literal without indexing, with a value of one letter. @param name shorter than 400 bytes */
function literal(name: Uint8Array, huffman: boolean): Buffer {
  return Buffer.concat([Buffer.of(0), lengthOf(name.length, huffman), name, hexBytes("01 76")]);
}

function lengthOf(length: number, huffman: boolean): Buffer {
  const flag = huffman ? 0x80 : 0;
  if (length < 127) return Buffer.of(flag | length);
  const rest = length - 127;
  return rest < 128 ? Buffer.of(flag | 127, rest) : Buffer.of(flag | 127, 0x80 | (rest & 0x7f), rest >> 7);
}

/** All but the status as literals with indexing and a name of their own, as a peer writes that never looks back. */
function literals(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([name, value]) =>
      name === ":status"
        ? Buffer.of(0x88)
        : Buffer.concat([Buffer.of(0x40, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]),
    ),
  );
}

function encodeUpdate(size: number): Buffer {
  const encoder = new HpackEncoder();
  encoder.tableSize(size);
  return encodeBlock(encoder, []);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

import { expect } from "vitest";
import { block, get, integer, literal, request, status, tableSize } from "../field-block.ts";
import { codeOf, headers, SETTING, settings, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, connectionError, type Rule, type Story, streamError } from "../rule.ts";
import { serving } from "../serving.ts";

const BROKEN = connectionError("COMPRESSION_ERROR");

/** A request or a response with bytes behind its pseudo-headers. */
function behind(section: string, when: string, bytes: Buffer): Rule {
  return {
    section: `RFC 7541 ${section}`,
    when,
    state: "waiting",
    sends: ({ stream, role }) =>
      headers(stream, Buffer.concat([role === "server" ? get() : status(200), bytes]), { end: role === "server" }),
    verdict: BROKEN,
  };
}

/** A request that is written in one of HPACK's ways, and read. */
function read(section: string, when: string, bytes: Buffer): Rule {
  return {
    section: `RFC 7541 ${section}`,
    when,
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, bytes, { end: true }),
    verdict: answered(200),
  };
}

const HEX = (text: string): Buffer => Buffer.from(text, "hex");
/** "custom-key" and "custom-value" by Huffman, from appendix C.4.3. */
const CUSTOM = HEX("408825a849e95ba97d7f8925a849e95bb8e8b4bf");

/** RFC 7541: how blocks are written. */
export const HPACK: readonly (Rule | Story)[] = [
  read(
    "6.1",
    "pseudo-headers by their index",
    Buffer.concat([Buffer.of(0x82, 0x86, 0x84), literal(":authority", "a")]),
  ),
  read(
    "6.2.1",
    "a literal that is put into the table, and used",
    Buffer.concat([get(), literal("x-a", "v", 0x40), Buffer.of(0xbe)]),
  ),
  read("6.2.2", "a literal with a name by its index", Buffer.concat([get(), Buffer.of(0x0f, 0x2b), HEX("0176")])),
  read("6.2.3", "a literal that is never to be indexed", Buffer.concat([get(), literal("x-a", "v", 0x10)])),
  read("5.2", "strings by Huffman", Buffer.concat([get(), CUSTOM])),
  read("6.3", "changes of the table's size at the beginning", Buffer.concat([tableSize(0), tableSize(4_096), get()])),
  read("4.4", "a field larger than the table, which empties it", request("GET", "/ok", ["x-a", "v".repeat(5_000)])),
  behind("2.3.3", "an index beyond both tables", integer(70, 7, 0x80)),
  behind("2.3.3", "a name by an index beyond both tables", Buffer.concat([integer(70, 6, 0x40), HEX("0176")])),
  behind("4.2", "a change of the table's size behind a field", tableSize(100)),
  behind("4.2", "a change of the table's size at the end of a block", tableSize(0)),
  behind(
    "5.1",
    "an integer that ends too late",
    Buffer.concat([Buffer.of(0xff), Buffer.alloc(20, 0x80), Buffer.of(0)]),
  ),
  behind("5.1", "an integer larger than 2^32", HEX("7fffffffffff7f0176")),
  behind("5.1", "a block that ends inside an integer", HEX("ff80")),
  behind("5.2", "a string longer than the block", HEX("00017850")),
  behind("5.2", "a Huffman string with a padding of more than seven bits", HEX("0085f2b24a84ff8449509fff")),
  behind("5.2", "a Huffman string whose padding is not all ones", HEX("0085f2b24a84ff8349509f00")),
  behind("5.2", "a Huffman string with EOS in it", HEX("0085f2b24a87ffffffff427fff83ee62")),
  behind("6.1", "the index 0", Buffer.of(0x80)),
  behind("6.3", "a table larger than the limit, in its place", tableSize(4_097)),
  {
    section: "RFC 7541 6.3",
    when: "a table larger than the limit",
    state: "waiting",
    sends: ({ stream, head }) => headers(stream, Buffer.concat([tableSize(4_097), head]), { end: true }),
    verdict: BROKEN,
  },
  {
    section: "RFC 7541 5.2",
    when: "an upper-case name by Huffman",
    state: "waiting",
    roles: ["server"],
    // "A" is 100001 in six bits, "b" 100011: 0x86 0x3f with four ones to fill.
    sends: ({ stream }) => headers(stream, Buffer.concat([get(), HEX("0082863f0176")]), { end: true }),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "RFC 7541 6.2",
    when: "a block whose only field is a pseudo-header that nobody knows, put into the table",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, Buffer.concat([literal(":x", "v", 0x40), block()]), { end: true }),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "RFC 7541 4.2",
    when: "two changes of the table's size before a request, and fields put into it",
    role: "server",
    does: "the table is as the last one says",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const filling = Buffer.concat([tableSize(0), tableSize(100), get("/ok"), literal("x-a", "one", 0x40)]);
      peer.send(headers(1, filling, { end: true }));
      peer.send(headers(3, Buffer.concat([get("/show"), Buffer.of(0xbe), literal("x-b", "two", 0x40)]), { end: true }));
      expect((await peer.message(3)).body).toContain("x-a: one\nx-b: two");
      // 100 bytes hold two entries of 38 bytes: the third drops the first.
      peer.send(headers(5, Buffer.concat([get("/ok"), literal("x-c", "three", 0x40)]), { end: true }));
      peer.send(headers(7, Buffer.concat([get("/show"), Buffer.of(0xbf)]), { end: true }));
      expect((await peer.message(7)).body).toContain("x-b: two");
      peer.send(headers(9, Buffer.concat([get("/show"), Buffer.of(0xc0)]), { end: true }));
      expect(codeOf(await peer.goaway())).toBe("COMPRESSION_ERROR");
    },
  },
  {
    section: "RFC 7541 4.2",
    when: "HEADER_TABLE_SIZE of 0 and of 4,096 in one SETTINGS, behind an answer that filled the table",
    role: "server",
    does: "the next answer empties the table before it may grow again, and refers to nothing older",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/ok"), { end: true }));
      await peer.message(1);
      peer.send(settings([SETTING.HEADER_TABLE_SIZE, 0], [SETTING.HEADER_TABLE_SIZE, 4_096]));
      peer.send(headers(3, get("/ok"), { end: true }));
      expect((await peer.message(3)).status).toBe("200");
      const { payload } = await peer.frame(({ type, stream }) => type === TYPE.HEADERS && stream === 3);
      const changes = Buffer.concat([tableSize(0), tableSize(4_096)]);
      expect(payload.subarray(0, changes.length)).toEqual(changes);
    },
  },
];

import { once } from "node:events";
import * as http2 from "node:http2";
import { duplexPair } from "node:stream";
import type { Random } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { decodeBlock, encodeBlock, type Field } from "./blocks.suite.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import { type RawEnd, rawEnd } from "./nghttp2.suite.ts";

// node:http2 (nghttp2) is one end of a connection, we are the other, frame by frame. Both code header lists that were
// drawn at random, many on one connection, while both sides change the size of their table.

const EXCHANGES = 120;
const TIMEOUT_MS = 60_000;
/** One exchange in so many follows on a change of a table size. */
const CHANGES = 10;
const TABLE_SIZES = [0, 31, 100, 512, 4_096, 65_536];

describe.each([{ seed: 1 }, { seed: 2 }, { seed: 3 }, { seed: 4 }])(
  "lists of seed $seed",
  { timeout: TIMEOUT_MS },
  ({ seed }) => {
    test("an http2 client of node reads what we write, and we read what it writes", async () => {
      const random = seededRandom(seed);
      const [theirs, ours] = duplexPair();
      const settings = { headerTableSize: one(random, TABLE_SIZES) };
      const client = http2.connect("http://localhost", { createConnection: () => theirs, settings });
      try {
        const end = rawEnd(ours, "server");
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(4_096);
        end.onTableSize = (bytes) => encoder.tableSize(bytes);
        for (let i = 0; i < EXCHANGES; i++) {
          if (random.below(CHANGES) === 0) await announce(end, random);
          if (random.below(CHANGES) === 0) await changeSettings(client, random);
          const message = `seed ${seed}, exchange ${i}`;
          const sent = drawRequest(random);
          const answer = drawResponse(random);
          const stream = client.request(asHeaders(sent), { endStream: true });
          const block = await end.block();
          expect(sorted(decodeBlock(decoder, block.bytes)), message).toEqual(sorted(sent));
          end.send(block.id, encodeBlock(encoder, answer));
          const [, , raw] = await once(stream, "response");
          expect(fieldsOf(raw), message).toEqual(withoutMarks(answer));
        }
      } finally {
        client.destroy();
      }
    });

    test("an http2 server of node reads what we write, and we read what it writes", async () => {
      const random = seededRandom(seed + 100);
      const [theirs, ours] = duplexPair();
      const session = http2.performServerHandshake(theirs, { settings: { headerTableSize: one(random, TABLE_SIZES) } });
      try {
        const end = rawEnd(ours, "client");
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(4_096);
        end.onTableSize = (bytes) => encoder.tableSize(bytes);
        for (let i = 0; i < EXCHANGES; i++) {
          if (random.below(CHANGES) === 0) await announce(end, random);
          if (random.below(CHANGES) === 0) await changeSettings(session, random);
          const message = `seed ${seed + 100}, exchange ${i}`;
          const sent = drawRequest(random);
          const answer = drawResponse(random);
          end.send(2 * i + 1, encodeBlock(encoder, sent));
          const [stream, , , raw] = await once(session, "stream");
          expect(fieldsOf(raw), message).toEqual(withoutMarks(sent));
          stream.respond(asHeaders(answer), { endStream: true, sendDate: false });
          const block = await end.block();
          expect(sorted(decodeBlock(decoder, block.bytes)), message).toEqual(sorted(answer));
        }
      } finally {
        session.destroy();
      }
    });
  },
);

/** What our decoder takes, once or twice in a row: a reduction and what it grows to again meet in one block. */
async function announce(end: RawEnd, random: Random): Promise<void> {
  for (let times = 1 + random.below(2); times > 0; times--) await end.announce(one(random, TABLE_SIZES.slice(0, -1)));
}

/** The same for what node's decoder takes. */
async function changeSettings(session: http2.Http2Session, random: Random): Promise<void> {
  for (let times = 1 + random.below(2); times > 0; times--) {
    const settings = { headerTableSize: one(random, TABLE_SIZES) };
    await new Promise<void>((resolve, reject) =>
      session.settings(settings, (error) => (error === null ? resolve() : reject(error))),
    );
  }
}

function drawRequest(random: Random): readonly Field[] {
  return [
    [":method", one(random, ["GET", "POST", "PUT"])],
    [":scheme", one(random, ["http", "https"])],
    [":path", one(random, ["/", "/index.html", "/pb.Greeter/SayHello", `/items/${random.below(1_000)}`])],
    [":authority", one(random, ["orders:8080", "www.example.com"])],
    ...drawFields(random),
  ];
}

function drawResponse(random: Random): readonly Field[] {
  return [[":status", one(random, ["200", "201", "206", "400", "404", "500", "503"])], ...drawFields(random)];
}

const NAMES = [
  ..."accept accept-encoding cache-control content-type cookie authorization date etag user-agent server".split(" "),
  ..."vary via traceparent tracestate x-request-id x-request-deadline-ms grpc-timeout grpc-status".split(" "),
  ..."grpc-accept-encoding x-a x-b x-shard x-tenant-of-the-caller a some-name.with_all-kinds!of~characters".split(" "),
];

/** No name twice: node makes one line of some names, and refuses others. */
function drawFields(random: Random): readonly Field[] {
  const names = new Set(Array.from({ length: random.below(12) }, () => one(random, NAMES)));
  return Array.from(names, (name) => {
    const neverIndexed = random.below(20) === 0 || name === "authorization";
    const value = random.below(3) === 0 ? drawText(random) : `${name} ${random.below(3)}`;
    return neverIndexed ? [name, value, true] : [name, value];
  });
}

function drawText(random: Random): string {
  const length = one(random, [1, 5, 19, 20, 60, 126, 127, 128, 300, 3_000]);
  const visible = (): string => String.fromCharCode(0x21 + random.below(random.below(4) === 0 ? 0x5e : 0x20));
  return Array.from({ length }, visible).join("");
}

function one<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

function asHeaders(fields: readonly Field[]): http2.OutgoingHttpHeaders {
  const headers: Record<string, string> = Object.fromEntries(fields);
  const sensitive = fields.filter(([, , neverIndexed]) => neverIndexed).map(([name]) => name);
  return { ...headers, [http2.sensitiveHeaders]: sensitive };
}

function fieldsOf(raw: readonly string[]): readonly Field[] {
  return raw.flatMap((name, i): Field[] => (i % 2 === 0 ? [[name, raw[i + 1]!]] : []));
}

function withoutMarks(fields: readonly Field[]): readonly Field[] {
  return fields.map(([name, value]) => [name, value]);
}

/** Node sends pseudo-headers in its own order. What it marks never indexed by itself is left to it. */
function sorted(fields: readonly Field[]): readonly Field[] {
  const marked = (name: string, neverIndexed: boolean | undefined): boolean =>
    neverIndexed === true && name !== "authorization" && name !== "cookie";
  return fields
    .map(([name, value, neverIndexed]): Field => (marked(name, neverIndexed) ? [name, value, true] : [name, value]))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

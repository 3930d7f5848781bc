import * as http2 from "node:http2";
import { duplexPair } from "node:stream";
import type { Random } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { hexBytes } from "./blocks.suite.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { huffmanBytes } from "./huffman-encode.ts";
import { rawEnd } from "./nghttp2.suite.ts";

const SEED = 3;
const BLOCKS = 300;
const TIMEOUT_MS = 60_000; // a session of node for each
const UPDATES = ["", "", "", "20", "3f45", "3fe11f", "20 3fe11f", "3f00", "3fe21f"];

test("we refuse the blocks that node:http2 refuses, and no others", { timeout: TIMEOUT_MS }, async () => {
  const random = seededRandom(SEED);
  let refused = 0;
  for (let i = 0; i < BLOCKS; i++) {
    const block = mutated(random, drawBlock(random));
    const problem = new HpackDecoder(4_096).decode(block, 0, block.length, undefined);
    // nghttp2 takes any number of updates at the start of a block.
    if (problem?.includes("two updates") === true) continue;
    const message = `seed ${SEED}, block ${i}: ${block.toString("hex")}, ${problem}`;
    expect(await refusedByNode(block), message).toBe(problem !== undefined);
    if (problem !== undefined) refused++;
  }
  expect(refused).toBeGreaterThan(BLOCKS / 10);
  expect(refused).toBeLessThan((BLOCKS * 9) / 10);
});

/** Whether that block, the first of a connection, ends it with COMPRESSION_ERROR. */
async function refusedByNode(block: Buffer): Promise<boolean> {
  const [theirs, ours] = duplexPair();
  const session = http2.performServerHandshake(theirs);
  session.on("error", () => {}); // what is wrong is said by its GOAWAY
  session.on("stream", (stream) => stream.on("error", () => {}));
  try {
    const end = rawEnd(ours, "client");
    end.send(1, block);
    return (await end.verdict()) === http2.constants.NGHTTP2_COMPRESSION_ERROR;
  } finally {
    session.destroy();
  }
}

function drawBlock(random: Random): Buffer {
  const parts = [hexBytes(UPDATES[random.below(UPDATES.length)]!), hexBytes("82 86 84")];
  for (let count = random.below(5); count > 0; count--) {
    const huffman = random.below(2) === 0;
    const texts = [`x-${random.below(3)}`, `value ${random.below(100)}`].map((text) => Buffer.from(text));
    parts.push(Buffer.of([0x00, 0x10, 0x40][random.below(3)]!));
    for (const text of texts) {
      const coded = huffman ? huffmanBytes(text) : text;
      parts.push(Buffer.of((huffman ? 0x80 : 0) | coded.length), coded);
    }
  }
  if (random.below(2) === 0) parts.push(Buffer.of(0xbe));
  return Buffer.concat(parts);
}

function mutated(random: Random, block: Buffer): Buffer {
  const bytes = [...block];
  for (let changes = random.below(3); changes > 0; changes--) {
    const at = random.below(bytes.length);
    const flipped = bytes[at]! ^ (1 << random.below(8));
    const drawn = [0x00, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xff, random.below(256), flipped, flipped, flipped];
    bytes.splice(at, random.below(2), drawn[random.below(drawn.length)]!);
    if (random.below(8) === 0) bytes.length = 1 + random.below(bytes.length);
  }
  return Buffer.from(bytes);
}

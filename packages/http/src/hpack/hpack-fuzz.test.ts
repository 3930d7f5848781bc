import type { Random } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { encodeBlock, type Field, tableOf, tryBlock } from "./blocks.suite.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import { huffmanBytes } from "./huffman-encode.ts";

const SEED = 5;
const CONNECTIONS = 300;
const BLOCKS = 40;
/** accept-encoding: gzip, deflate */
const LONGEST_STATIC = 28;
const TABLE_SIZES = [0, 40, 300, 4_096];

test("blocks with wrong bytes are decoded or refused, and the table stays within its size", () => {
  const random = seededRandom(SEED);
  let decoded = 0;
  const problems = new Map<string, number>();
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const size = TABLE_SIZES[random.below(TABLE_SIZES.length)]!;
    const encoder = new HpackEncoder();
    encoder.tableSize(size);
    const decoder = new HpackDecoder(size);
    const skipping = new HpackDecoder(size);
    for (let i = 0; i < BLOCKS; i++) {
      const block = mutated(random, drawBlock(random, encoder));
      const message = `seed ${SEED}, connection ${connection}, block ${i}: ${block.toString("hex")}`;
      const { problem, fields } = tryBlock(decoder, block);
      expect(skipping.decode(block, 0, block.length, undefined), message).toBe(problem);
      // Each field is a byte at least, and its texts come from a table, or from twice the block.
      if (fields.length > block.length) expect.fail(message);
      for (const [name, value] of fields)
        if (name.length + value.length > LONGEST_STATIC + size + 2 * block.length) expect.fail(message);
      if (problem !== undefined) {
        problems.set(problem, (problems.get(problem) ?? 0) + 1);
        break; // the connection is over
      }
      decoded++;
      const table = tableOf(decoder);
      expect(table, message).toEqual(tableOf(skipping));
      const bytes = table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
      expect(bytes, message).toBeLessThanOrEqual(size);
    }
  }
  expect(decoded).toBeGreaterThan(CONNECTIONS);
  expect(problems.size).toBeGreaterThanOrEqual(5); // of 6: few blocks begin with three updates
});

test("drawn bytes are decoded or refused", () => {
  const random = seededRandom(SEED);
  for (let i = 0; i < 10_000; i++) {
    const block = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
    const { fields } = tryBlock(new HpackDecoder(4_096), block);
    if (fields.length > block.length) expect.fail(`seed ${SEED}, block ${i}: ${block.toString("hex")}`);
  }
});

function drawBlock(random: Random, encoder: HpackEncoder): Buffer {
  const names = [":path", ":method", "x-a", "x-b", "accept", "cookie", "traceparent", "a-name-that-nobody-knows"];
  const fields = Array.from({ length: random.below(6) }, (): Field => {
    const value = "v".repeat(random.below(random.below(10) === 0 ? 400 : 30));
    return [names[random.below(names.length)]!, value, random.below(10) === 0];
  });
  const block = encodeBlock(encoder, fields);
  if (random.below(2) === 0) return block;
  const text = huffmanBytes(Buffer.from(`text ${random.below(1_000)}`));
  return Buffer.concat([block, Buffer.of(0x40, 0x80 | text.length), text, Buffer.of(0x80 | text.length), text]);
}

/** Most stay as they are: the tables have to fill. */
function mutated(random: Random, block: Buffer): Buffer {
  const bytes = [...block];
  if (random.below(8) > 0) return block;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    const drawn = [0x00, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xff, random.below(256)];
    bytes.splice(at, random.below(3), ...drawn.slice(random.below(drawn.length)).slice(0, 1 + random.below(2)));
  }
  return Buffer.from(bytes);
}

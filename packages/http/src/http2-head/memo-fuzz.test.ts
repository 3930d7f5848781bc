import { seededRandom } from "@weft/testkit";
import { expect, test, vi } from "vitest";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { AnyEncoder } from "./any-encoder.suite.ts";
import { BlockMemo } from "./block-memo.ts";
import { HeadReader } from "./head-reader.ts";
import type { LiteralField } from "./literal-block.suite.ts";

const SEED = 47;
const CONNECTIONS = 150;
const BLOCKS = 80;

type Kind = "request" | "response" | "trailers" | "skip";

interface Step {
  readonly kind: Kind;
  readonly bytes: Buffer;
}

const PARTS: readonly LiteralField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "a"],
  [":status", "200"],
  ["grpc-status", "0"],
  ["server", "nginx"],
  ["cookie", "b=c"],
  ["te", "trailers"],
  ["content-length", "5"],
  ["x-own", "d"],
  ["x-never", "e", "never"],
  ["Upper", "f"],
  ["x-large", "g".repeat(3_000)],
];

test("a reader that remembers reads as one that does not, right or wrong, to the last entry of the table", () => {
  const random = seededRandom(SEED);
  let ended = 0;
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const steps = conversation();
    const remembering = readAll(steps);
    const find = vi.spyOn(BlockMemo.prototype, "find").mockReturnValue(undefined);
    const decoding = readAll(steps);
    find.mockRestore();
    const at = remembering.findIndex((said, i) => said !== decoding[i]);
    if (at >= 0) expect(remembering[at], `seed ${SEED}, connection ${connection}, block ${at}`).toBe(decoding[at]);
    expect(remembering.length).toBe(decoding.length);
    if (remembering.length < steps.length) ended++;
  }
  // Some conversations broke the table, and enough did not.
  expect(ended).toBeGreaterThan(0);
  expect(ended).toBeLessThan(CONNECTIONS * 0.75);

  function conversation(): readonly Step[] {
    const encoder = new AnyEncoder(random);
    const steps: Step[] = [];
    for (let i = 0; i < BLOCKS; i++) {
      // Most blocks come again: as they are, or with a byte changed.
      const again = random.unit() < 0.75 ? steps.at(-1 - random.below(4)) : undefined;
      const bytes = Buffer.from(again?.bytes ?? fresh(encoder));
      if (bytes.length > 0 && random.unit() < 0.01) bytes[random.below(bytes.length)] = random.below(256);
      const kind = again !== undefined && random.unit() < 0.9 ? again.kind : drawKind();
      steps.push({ kind, bytes });
    }
    return steps;
  }

  function fresh(encoder: AnyEncoder): Buffer {
    const right = random.unit() < 0.6 ? PARTS.slice(0, 4) : [];
    const drawn = Array.from({ length: random.below(4) }, () => PARTS[random.below(PARTS.length)]!);
    return random.unit() < 0.3 ? encoder.sameEachTime([...right, ...drawn]) : encoder.block([...right, ...drawn]);
  }

  function drawKind(): Kind {
    return (["request", "request", "response", "trailers", "skip"] as const)[random.below(5)]!;
  }
});

/** What is read of each block, until one ends the connection. */
function readAll(steps: readonly Step[]): readonly string[] {
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const said: string[] = [];
  for (const { kind, bytes } of steps) {
    const read = reader[kind](bytes, 0, bytes.length);
    const list = read !== undefined && "list" in read ? read.asList() : undefined;
    said.push(JSON.stringify([read, list?.items, list?.neverIndexed]));
    if (read !== undefined && "kind" in read && read.kind === "compression") break;
  }
  return said;
}

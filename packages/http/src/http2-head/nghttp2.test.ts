import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { HeadReader } from "./head-reader.ts";
import { type LiteralField, literalBlock } from "./literal-block.suite.ts";
import { requestVerdicts, responseVerdicts } from "./nghttp2-verdicts.suite.ts";

const SEED = 23;
const HEADS = 1_500;

const REQUEST: readonly LiteralField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "orders:80"],
  [":path", "/a?b=c"],
  ["accept", "*/*"],
  ["x-own", "d e"],
  ["te", "trailers"],
  ["content-length", "0"],
];
const RESPONSE: readonly LiteralField[] = [
  [":status", "200"],
  ["server", "nginx"],
  ["content-length", "0"],
  ["set-cookie", "a=b"],
];
/** Fields that get among the others by chance. */
const STRANGE: readonly LiteralField[] = [
  ["connection", "close"],
  ["transfer-encoding", "chunked"],
  ["upgrade", "h2c"],
  ["keep-alive", "1"],
  ["proxy-connection", "a"],
  ["te", "gzip"],
  ["host", "orders:80"],
  ["host", "other"],
  ["content-length", "0"],
  ["content-length", "-1"],
  ["cookie", "a=b"],
  ["expect", "100-continue"],
  ["trailer", "x"],
  ["x_under", "a"],
  [":protocol", "websocket"],
  [":status", "200"],
  [":path", "/"],
  [":method", "GET"],
  [":x", "y"],
  ["", "a"],
  ["x-empty", ""],
];
const VALUES = [
  "",
  "*",
  "/",
  "/ a",
  "/%zz",
  "u@a",
  "a:b:c",
  "CONNECT",
  "OPTIONS",
  "GET ",
  "https",
  "ftp",
  "101",
  "103",
  "204",
  "999",
  "5",
];
const BYTES = ["\0", "\n", "\r", "\t", " ", ":", "A", "\x7f", "\xe4", '"', "%", "#", "@"];

/** Where we are stricter than nghttp2, which leaves some wrong fields out instead, and knows less of URIs. */
const STRICTER = new Set([
  "field-name",
  "field-value",
  "blank-around-value",
  "two-authorities",
  "authority",
  "userinfo",
  "scheme",
  "path",
  "percent-encoding",
  "expect",
  "status",
]);

test("what is taken of requests, nghttp2 takes; what only nghttp2 takes breaks one of the known rules", async () => {
  await compare(REQUEST, "request", requestVerdicts);
});

test("what is taken of responses, nghttp2 takes; what only nghttp2 takes breaks one of the known rules", async () => {
  await compare(RESPONSE, "response", responseVerdicts);
});

async function compare(
  right: readonly LiteralField[],
  kind: "request" | "response",
  verdictsOf: (blocks: readonly Buffer[]) => Promise<readonly boolean[]>,
): Promise<void> {
  const random = seededRandom(SEED);
  const heads = Array.from({ length: HEADS }, () => mutated(right));
  const blocks = heads.map((fields) => literalBlock(fields));
  const verdicts = await verdictsOf(blocks);
  const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
  const counts = { both: 0, neither: 0, stricter: 0 };
  for (const [i, block] of blocks.entries()) {
    const read = reader[kind](block, 0, block.length);
    const where = `seed ${SEED}, ${kind} ${i}: ${JSON.stringify(heads[i])}`;
    // The streams end with their heads, so a body or a last response may be missing: that is for the streams to see.
    if ("contentLength" in read && read.contentLength > 0) continue;
    if (read.kind === "response" && read.status < 200) continue;
    if (read.kind === kind) {
      expect(verdicts[i], `only we take ${where}`).toBe(true);
      counts.both++;
    } else if (verdicts[i] === false) counts.neither++;
    else {
      const code = read.kind === "compression" || read.kind === "request" || read.kind === "response" ? "" : read.code;
      expect(STRICTER, `only nghttp2 takes ${where}`).toContain(code);
      counts.stricter++;
    }
  }
  expect(counts.both).toBeGreaterThan(HEADS / 10);
  expect(counts.neither).toBeGreaterThan(HEADS / 10);

  function mutated(fields: readonly LiteralField[]): readonly LiteralField[] {
    let list = [...fields];
    for (let changes = random.below(4); changes > 0; changes--) {
      const at = random.below(list.length);
      const [name, value] = list[at]!;
      switch (random.below(6)) {
        case 0:
          list.splice(at, 1);
          break;
        case 1:
          list = [...list.slice(0, at), one(STRANGE), ...list.slice(at)];
          break;
        case 2:
          list.push(one(STRANGE));
          break;
        case 3:
          list[at] = [name, one(VALUES)];
          break;
        case 4:
          list[at] = [name, withByte(value)];
          break;
        default:
          list[at] = [withByte(name), value];
      }
      if (list.length === 0) list = [...fields];
    }
    return list;
  }

  function withByte(text: string): string {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + one(BYTES) + text.slice(at);
  }

  function one<Item>(items: readonly Item[]): Item {
    return items[random.below(items.length)]!;
  }
}

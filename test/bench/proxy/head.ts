import { DEFAULT_HEAD_LIMITS, parseRequestHead, parseResponseHead } from "../../http/ours.ts";
import { isMain, table } from "../report.ts";

const ROUNDS = 1_000;
const STEPS = 500;

/** Lines as browsers and proxies send them, in the order they are taken. */
const LINES = [
  "Host: orders.internal:8080",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
  "Accept: application/json, text/plain, */*",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Connection: keep-alive",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
  "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=all",
  "Referer: http://web.internal/orders/list?page=2",
  "X-Request-Id: 6f1ed002-ab5d-4ab6-8e0e-5e2b2c3d4e5f",
  "X-Forwarded-For: 203.0.113.7, 10.1.2.3",
  "X-Forwarded-Proto: https",
  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  ...Array.from({ length: 13 }, (_, i) => `X-Custom-Header-${i}: a value of ${i}`),
];

interface Way {
  readonly name: string;
  readonly bytes: Buffer;
  readonly parse: (bytes: Buffer) => unknown;
}

/** ns for a head, the least of many rounds, beside making one string of the same bytes. */
function report(): string {
  const rows = ways().map(({ name, bytes, parse }) => {
    const [head, text] = leastNs([() => parse(bytes), () => bytes.toString("latin1", 0, bytes.length)]);
    return [name, String(bytes.length), head!.toFixed(0), text!.toFixed(0), (head! / text!).toFixed(1)];
  });
  return table(["head", "bytes", "ns", "ns of one string", "ratio"], rows);
}

function ways(): readonly Way[] {
  const request = (count: number): Way => ({
    name: `request, ${count} lines`,
    bytes: Buffer.from(`GET /orders/17?full=1 HTTP/1.1\r\n${LINES.slice(0, count).join("\r\n")}\r\n\r\n`, "latin1"),
    parse: (bytes) => parseRequestHead(bytes, 0, bytes.length, DEFAULT_HEAD_LIMITS),
  });
  const answer =
    "Server: nginx\r\nDate: Thu, 26 Nov 2026 11:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n";
  const response: Way = {
    name: "response, 6 lines",
    bytes: Buffer.from(`HTTP/1.1 200 OK\r\n${answer}Connection: keep-alive\r\nETag: "65a1"\r\n\r\n`, "latin1"),
    parse: (bytes) => parseResponseHead(bytes, 0, bytes.length, DEFAULT_HEAD_LIMITS),
  };
  return [request(5), request(12), request(25), response];
}

/** In turns, so that what else the machine does falls on all of them alike. */
function leastNs(steps: readonly (() => unknown)[]): readonly number[] {
  const least = steps.map(() => Number.POSITIVE_INFINITY);
  let kept: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, step] of steps.entries()) {
      const from = process.hrtime.bigint();
      for (let n = 0; n < STEPS; n++) kept = step();
      least[i] = Math.min(least[i]!, Number(process.hrtime.bigint() - from) / STEPS);
    }
  }
  if (kept === undefined) throw new Error("nothing was parsed");
  return least;
}

if (isMain(import.meta.url)) console.log(report());

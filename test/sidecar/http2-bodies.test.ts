import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";
import { seededRandom } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { sidecarRig, type SidecarRig } from "./rig.ts";

type Protocol = "http1" | "http2";
/** What both of Node's servers give. */
type Handler = (sent: Readable, answer: Writable & { writeHead(status: number): unknown }) => Promise<void>;

const COUNT = 12;
const PIECE_BYTES = 1024 * 1024;
const EVERY: readonly (readonly [caller: Protocol, endpoint: Protocol])[] = [
  ["http1", "http1"],
  ["http1", "http2"],
  ["http2", "http1"],
  ["http2", "http2"],
];

/** Bytes that tell where they belong: no two pieces are alike. */
function pieces(seed: number): readonly Buffer[] {
  const random = seededRandom(seed);
  return Array.from({ length: COUNT }, () => {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let at = 0; at < PIECE_BYTES; at += 4) piece.writeInt32LE(random.below(2 ** 31 - 1), at);
    return piece;
  });
}

function hashOf(all: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const piece of all) hash.update(piece);
  return hash.digest("hex");
}

async function send(all: readonly Buffer[], to: Writable): Promise<void> {
  for (const piece of all) if (!to.write(piece)) await once(to, "drain");
  to.end();
}

/** Reads to the end, and stalls now and then, so that what is on its way waits everywhere. */
async function hashWhatComes(from: Readable): Promise<string> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const bytes of from) {
    hash.update(bytes as Buffer); // no encoding is set
    if (++count % 16 === 0) for (let i = 0; i < 5; i++) await nextTurn();
  }
  return hash.digest("hex");
}

/** A sidecar over one endpoint that does this. */
async function started(endpoint: Protocol, handler: Handler): Promise<SidecarRig> {
  const handle: Handler = (sent, answer) => handler(sent, answer).catch(() => {}); // the caller has its own opinion
  const server = endpoint === "http1" ? createServer(handle) : createHttp2(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const rig = await sidecarRig({
    count: 0,
    policy: { protocol: endpoint, discover: { static: [`127.0.0.1:${port}`] }, timeout: { total: "60s" } },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** A POST, and what comes back. */
async function post(caller: Protocol, port: number, all: readonly Buffer[]): Promise<Readable> {
  if (caller === "http1") {
    const sent = request({ host: "127.0.0.1", port, method: "POST", headers: { host: "orders" }, agent: false });
    const answer = once(sent, "response") as Promise<[IncomingMessage]>; // by node:http's documentation
    await send(all, sent);
    return (await answer)[0];
  }
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/", ":authority": "orders" });
  await send(all, stream);
  return stream;
}

describe.each(EVERY)("from a caller of %s to an endpoint of %s", (caller, endpoint) => {
  test.each([
    ["once all of it is here", false],
    ["while it is still coming", true],
  ])("large bodies of several calls arrive as they were, answered %s", async (_when, early) => {
    const { port } = await started(endpoint, async (sent, answer) => {
      answer.writeHead(200);
      if (early) answer.write("begun ");
      answer.end(await hashWhatComes(sent));
    });
    const bodies = [1, 2, 3].map(pieces);
    const answers = await Promise.all(
      bodies.map(async (body) => {
        let text = "";
        for await (const bytes of await post(caller, port, body)) text += String(bytes);
        return text;
      }),
    );
    expect(answers).toEqual(bodies.map((body) => (early ? "begun " : "") + hashOf(body)));
  });

  test("large answers of several calls arrive as they were", async () => {
    const bodies = [4, 5, 6].map(pieces);
    let next = 0;
    const { port } = await started(endpoint, async (sent, answer) => {
      sent.resume();
      const body = bodies[next++]!; // as many as are asked for
      answer.writeHead(200);
      await send(body, answer);
    });
    const hashes = await Promise.all(bodies.map(async () => hashWhatComes(await post(caller, port, []))));
    expect(hashes.toSorted()).toEqual(bodies.map(hashOf).toSorted());
  });
});

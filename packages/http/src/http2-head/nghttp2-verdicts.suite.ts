import { once } from "node:events";
import * as http2 from "node:http2";
import * as net from "node:net";

const HEADERS = 0x1;
const RST_STREAM = 0x3;
const SETTINGS = 0x4;
const GOAWAY = 0x7;
const ACK = 0x1;
const END_STREAM_AND_HEADERS = 0x5;
const FRAME_HEAD = 9;
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** What becomes of blocks that no table is needed for: true where node:http2 takes it, false where it refuses it. */
export async function requestVerdicts(blocks: readonly Buffer[]): Promise<readonly boolean[]> {
  const server = http2.createServer((_, response) => response.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const verdicts: boolean[] = [];
  let end = callerEnd(portOf(server));
  for (const block of blocks) {
    const taken = await end.ask(block);
    verdicts.push(taken === "taken");
    if (taken !== "ended") continue;
    end.close();
    end = callerEnd(portOf(server));
  }
  end.close();
  await new Promise((resolve) => server.close(resolve));
  return verdicts;
}

/** The same of blocks that answer a GET. */
export async function responseVerdicts(blocks: readonly Buffer[]): Promise<readonly boolean[]> {
  const waiting = [...blocks];
  const server = net.createServer((socket) => {
    socket.on("error", () => {}); // a refused answer may end the connection
    onFrames(socket, PREFACE.length, (type, flags, id) => {
      if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0, ""));
      if (type === HEADERS) socket.write(frame(HEADERS, END_STREAM_AND_HEADERS, id, waiting.shift()!));
    });
    socket.write(frame(SETTINGS, 0, 0, ""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const verdicts: boolean[] = [];
  let session: http2.ClientHttp2Session | undefined;
  for (const _ of blocks) {
    if (session === undefined || session.destroyed || session.closed)
      session = http2.connect(`http://127.0.0.1:${portOf(server)}`);
    session.on("error", () => {});
    verdicts.push(await isAnswered(session));
  }
  session?.destroy();
  await new Promise((resolve) => server.close(resolve));
  return verdicts;
}

function isAnswered(session: http2.ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = session.request({ ":path": "/" });
    stream.on("headers", () => resolve(true)); // 1xx
    stream.on("response", () => resolve(true));
    stream.on("error", () => resolve(false));
    stream.on("close", () => resolve(false));
    stream.resume();
  });
}

/** One that calls node's server with any block. */
function callerEnd(port: number) {
  const socket = net.connect(port, "127.0.0.1");
  let id = -1;
  let told: (outcome: "taken" | "refused" | "ended") => void = () => {};
  socket.on("error", () => told("ended"));
  socket.on("close", () => told("ended"));
  onFrames(socket, 0, (type, flags, of) => {
    if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0, ""));
    if (type === GOAWAY) told("ended");
    if (of === id && type === HEADERS) told("taken");
    if (of === id && type === RST_STREAM) told("refused");
  });
  socket.write(PREFACE);
  socket.write(frame(SETTINGS, 0, 0, ""));
  return {
    ask: (block: Buffer) => {
      id += 2;
      socket.write(frame(HEADERS, END_STREAM_AND_HEADERS, id, block));
      return new Promise<"taken" | "refused" | "ended">((resolve) => (told = resolve));
    },
    close: () => socket.destroy(),
  };
}

function onFrames(socket: net.Socket, skipped: number, tell: (type: number, flags: number, id: number) => void): void {
  let unread = Buffer.alloc(0);
  let toSkip = skipped;
  socket.on("data", (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    if (unread.length < toSkip) return;
    unread = unread.subarray(toSkip);
    toSkip = 0;
    while (unread.length >= FRAME_HEAD && unread.length >= FRAME_HEAD + unread.readUIntBE(0, 3)) {
      const [type, flags, id] = [unread[3]!, unread[4]!, unread.readUInt32BE(5)];
      unread = unread.subarray(FRAME_HEAD + unread.readUIntBE(0, 3));
      tell(type, flags, id);
    }
  });
}

function frame(type: number, flags: number, id: number, payload: Buffer | string): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, Buffer.from(payload)]);
}

function portOf(server: net.Server | http2.Http2Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen on a port");
  return address.port;
}

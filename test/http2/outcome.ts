import { connect } from "node:net";
import { get } from "./field-block.ts";
import {
  codeOf,
  type Frame,
  FrameCutter,
  headers,
  inWords,
  ping,
  PREFACE,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "./frames.ts";
import { fieldReader } from "./read-block.ts";

/** What a server made of a sequence of frames. */
export interface Outcome {
  /** "open", or the code of the GOAWAY with which it ended; "closed": without an error. */
  readonly connection: string;
  /** By stream: the status of the answer, "reset", "reset after 200", or nothing when nothing is there. Of one that is open. */
  readonly streams: Readonly<Record<number, string>>;
}

/** The highest stream that there is, for a look at whether the connection still works. */
const PROBE = 2 ** 31 - 1;
/** What no sequence sends. */
const LAST_PING = "thelast!";
/** Round trips after which whatever a server answers late has come. */
const ROUND_TRIPS = 3;
const PATIENCE_MS = 30_000;

/**
 * Sends a handshake and the frames to a server, and looks what becomes of them: then a request and a PING are
 * sent, which are answered when the connection goes on.
 *
 * @param cuts where the bytes of the frames are cut; between the pieces the server has time to read
 */
export async function outcomeOf(
  address: string,
  frames: readonly Buffer[],
  cuts: readonly number[] = [],
): Promise<Outcome> {
  const bytes = completed(Buffer.concat(frames));
  const [host = "", port = ""] = address.split(":");
  const socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  const cutter = new FrameCutter(fieldReader());
  const received: Frame[] = [];
  let ended = false;
  let wake = (): void => {};
  socket.on("data", (chunk: Buffer) => {
    received.push(...cutter.push(chunk));
    ended ||= received.some(isFatal); // nghttp2 may leave the socket open for streams that run
    wake();
  });
  for (const event of ["end", "error", "close"]) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  async function until(holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const came = (): string => received.map(inWords).join("\n  ");
    const late = (): Error => new Error(`no end of ${bytes.toString("hex")} at ${address}; came:\n  ${came()}`);
    const timer = setTimeout(() => reject(late()), PATIENCE_MS);
    wake = () => {
      if (ended || holds()) resolve();
    };
    wake();
    await promise.finally(() => clearTimeout(timer));
  }
  const pongs = (): number => received.filter(({ payload }) => payload.toString("latin1") === LAST_PING).length;

  socket.write(Buffer.concat([PREFACE, settings(), windowUpdate(0, 2 ** 20)]));
  await until(() => received.some(({ type }) => type === TYPE.SETTINGS));
  socket.write(settingsAck());
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    if (to > from) socket.write(bytes.subarray(from, to));
    from = to;
    if (to < bytes.length) for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate);
  }
  socket.write(headers(PROBE, get("/ok"), { end: true }));
  for (let i = 0; i < ROUND_TRIPS && !ended; i++) {
    const before = pongs();
    socket.write(ping(LAST_PING));
    await until(() => pongs() > before);
  }
  socket.destroy();
  return summed(received, ended);
}

/** With zeros behind it until no frame is left open: what follows must not be taken for the rest of it. */
export function completed(bytes: Buffer): Buffer {
  let whole = bytes;
  for (let at = 0; at < whole.length; at += 9 + whole.readUIntBE(at, 3)) {
    if (whole.length - at < 9) whole = Buffer.concat([whole, Buffer.alloc(9 - (whole.length - at))]);
    const missing = at + 9 + whole.readUIntBE(at, 3) - whole.length;
    if (whole.readUIntBE(at, 3) > 16_384) break; // which ends the connection
    if (missing > 0) whole = Buffer.concat([whole, Buffer.alloc(missing)]);
  }
  return whole;
}

function isFatal(one: Frame): boolean {
  return one.type === TYPE.GOAWAY && codeOf(one) !== "NO_ERROR";
}

function summed(came: readonly Frame[], ended: boolean): Outcome {
  const end = came.findLast(isFatal);
  if (end !== undefined) return { connection: codeOf(end), streams: {} };
  if (ended) return { connection: "closed", streams: {} };
  const streams: Record<number, string> = {};
  for (const { type, stream, fields, payload } of came) {
    if (stream === 0) continue;
    const status = fields?.find(([name]) => name === ":status")?.[1];
    if (status !== undefined) streams[stream] = status;
    // The end of a request that is answered is nobody's error.
    if (type === TYPE.RST_STREAM && payload.readUInt32BE(0) !== 0) {
      streams[stream] = streams[stream] === undefined ? "reset" : `reset after ${streams[stream]}`;
    }
  }
  return { connection: "open", streams };
}

/** The outcome in the words in which two servers are compared: which code an error has is a matter of each. */
export function kindOf({ connection, streams }: Outcome): string {
  if (connection !== "open") return connection === "closed" ? "closed" : "connection error";
  return Object.entries(streams)
    .map(([stream, what]) => `${stream} ${what}`)
    .join(", ");
}

/** The bytes frame by frame; the last one may not be whole. */
export function cutIntoFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (at + 9 <= bytes.length) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  if (at < bytes.length) frames.push(bytes.subarray(at));
  return frames;
}

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { DirectSocket } from "./direct-socket.ts";

/** After so many turns with one message each, most are not looked at any more, but every `LOOK_EVERY`th. */
const QUIET_TURNS = 4;
const LOOK_EVERY = 8;

/** Messages so far in this turn of the event loop; 0 as well while it is not looked at. */
let messages = 0;
/** Turns that had one message, since the last one that had more. */
let quietTurns = 0;
let unseen = 0;
let holding: Socket[] = [];
let ending: Socket[] = [];

/**
 * Writes a small message at the end of this turn of the event loop, together with those to other sockets. Whatever else is
 * written to the socket comes behind it, and an end of the socket sends it first.
 *
 * A call into the kernel throws what was running out of the processor's caches. Between two of them this lets many
 * requests be decided on, and many answers be read, by code that is still there: a fifth of a hop's cost.
 *
 * Where the turns before had one message each there is nothing to wait for: it leaves at once, before the books on it are
 * kept. To look for the end of a turn costs as much as to pick an endpoint, so that it is not done for each of those.
 *
 * @param text of bytes: characters up to U+00FF
 * @param rested the socket has lain idle: it is held in any turn, so that a socket which its peer has closed says so with
 * nothing sent
 */
export function writeTogether(socket: Socket, text: string, rested = false): void {
  const first = messages === 0;
  const direct = socket instanceof DirectSocket;
  // TLS may lose what it has taken, so that all messages of a turn have to be one write of it.
  const now = first && quietTurns > 0 && !rested && (direct || !(socket instanceof TLSSocket));
  if (!now || quietTurns < QUIET_TURNS || ++unseen === LOOK_EVERY) {
    messages++;
    unseen = 0;
    if (first) setImmediate(endTurn);
  }
  if (now && direct) socket.send(text);
  else if (now) socket.write(text, "latin1");
  else if (direct && socket.writableCorked === 0) {
    if (socket.hold(text)) holding.push(socket);
  } else {
    socket.cork();
    socket.write(text, "latin1");
    holding.push(socket);
  }
}

/**
 * Writes a message behind all that was written before, by the short way where the socket has one.
 *
 * @param message bytes, or text with a character for each byte
 */
export function writeNow(socket: Socket, message: Buffer | string): void {
  if (socket instanceof DirectSocket) socket.send(message);
  else socket.write(message as string, "latin1");
}

/**
 * Ends a socket at the end of this turn, behind what is held of it, or now. Where the kernel has taken everything, the
 * close says so to the peer: a shutdown before it, which `destroySoon` waits for, costs a tenth of a short connection.
 */
export function endTogether(socket: Socket): void {
  if (messages > 0 && isHeld(socket)) ending.push(socket);
  else endNow(socket);
}

/** Whether what was written together is still held: no byte of it has left. */
export function isHeld(socket: Socket): boolean {
  return socket.writableCorked > 0 || (socket instanceof DirectSocket && socket.holding);
}

/** Sends at once what is held. */
export function sendHeld(socket: Socket): void {
  if (socket instanceof DirectSocket) socket.sendHeld();
  while (socket.writableCorked > 0) socket.uncork();
}

/** Sends what this turn holds, before it ends. */
export function sendTurn(): void {
  if (messages > 0) endTurn();
}

function endTurn(): void {
  if (messages === 0) return; // it was sent before
  quietTurns = messages === 1 ? quietTurns + 1 : 0;
  messages = 0;
  const written = holding;
  const ended = ending;
  holding = [];
  ending = [];
  for (const socket of written) sendHeld(socket);
  for (const socket of ended) endNow(socket);
}

function endNow(socket: Socket): void {
  // TLS has a word of its own for the end, and holds bytes of its own back.
  if (socket.writableLength > 0 || socket instanceof TLSSocket) socket.destroySoon();
  else socket.destroy();
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { RawPeer } from "./raw-peer.ts";

/** Frames written in one go: more than a read of the other side takes. */
const BATCH = 200;

/**
 * Sends what `next` makes, batch by batch, until the other side ends the connection.
 *
 * @param most so many at most
 * @param meanwhile done between two batches
 * @returns how many were sent
 */
export async function flood(
  peer: RawPeer,
  most: number,
  next: (i: number) => Uint8Array,
  meanwhile: () => Promise<void> = nextTurn,
): Promise<number> {
  let sent = 0;
  while (sent < most && !peer.over) {
    const batch = Array.from({ length: Math.min(BATCH, most - sent) }, () => next(sent++));
    peer.send(...batch);
    await meanwhile();
  }
  return sent;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

setFlagsFromString("--expose-gc");
// The function that the flag above has brought into being; it takes nothing and returns nothing.
const collect = runInNewContext("gc") as () => void;

/** Bytes of heap and of buffers that are in use, after garbage has gone. */
export async function bytesInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await nextTurn();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

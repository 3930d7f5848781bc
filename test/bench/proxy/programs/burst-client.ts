/*
 * Sends GET requests in bursts at a fixed rate, whether those before are answered or not.
 *
 *   node burst-client.ts PORT PATH RATE BURST SECONDS
 *
 * Each request of a burst goes out on a connection that is idle then; when all wait for answers, on a new one. Its time
 * runs from its own write (or the connect) to the last byte of its answer.
 * Prints one JSON object: `requests` answered, `unanswered` a second after the last burst, `p50Ms`, `p99Ms`, and
 * `lateMs`, by how much a burst went out too late at worst: then the client itself was short of time.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerReader } from "./read-answer.ts";

const [port, path, rate, burst, seconds] = process.argv.slice(2);
const perBurst = Number(burst);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
const open = new Set<Socket>();
const idle: (() => void)[] = [];
const latenciesMs: number[] = [];

await Promise.all(Array.from({ length: perBurst }, () => new Promise<void>((resolve) => sendOnNew(resolve))));
latenciesMs.length = 0; // those opened the connections
let sent = 0;
let lateMs = 0;
const everyMs = (perBurst * 1_000) / Number(rate);
const beganAt = performance.now();
for (let dueMs = 0; dueMs < Number(seconds) * 1_000; dueMs += everyMs) {
  const waitMs = beganAt + dueMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  lateMs = Math.max(lateMs, performance.now() - beganAt - dueMs);
  for (let n = 0; n < perBurst; n++, sent++) (idle.pop() ?? sendOnNew)();
}
for (let waited = 0; latenciesMs.length < sent && waited < 100; waited++) await sleep(10);
for (const socket of open) socket.destroy();
const sorted = latenciesMs.toSorted((a, b) => a - b);
const unanswered = sent - sorted.length;
console.log(JSON.stringify({ requests: sorted.length, unanswered, p50Ms: at(0.5), p99Ms: at(0.99), lateMs }));

/** Opens a connection, sends a request on it, and lends it to others when that is answered. */
function sendOnNew(answered?: () => void): void {
  const reader = new AnswerReader();
  let startedAt = performance.now();
  const socket = connect({
    port: Number(port),
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback(length, buffer) {
        // The buffer is the one given above.
        if (!reader.read((buffer as Buffer).subarray(0, length))) return true;
        latenciesMs.push(performance.now() - startedAt);
        reader.reset();
        idle.push(send);
        answered?.();
        return true;
      },
    },
  });
  open.add(socket);
  socket.write(request);

  function send(): void {
    startedAt = performance.now();
    socket.write(request);
  }
}

function at(ratio: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? Number.NaN;
}

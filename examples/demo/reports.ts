// What reports.py does, where there is no Python: bare sockets send to the proxy of HTTP_PROXY what any client of one
// sends. No mesh and no HTTP library is in this process.
import { connect } from "node:net";
import type { Counted } from "./score.ts";

const CALLS_A_SECOND = 50;
const { hostname: host, port } = new URL(process.env["HTTP_PROXY"] ?? "");

let failure: string | undefined;
let failed = 0;
let timesMs: number[] = [];
let answers: Record<string, number> = {};

function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    let text = "";
    socket.setEncoding("utf8").setTimeout(15_000, () => socket.destroy(new Error("no answer in 15 s")));
    socket.on("data", (part) => (text += part)).on("end", () => resolve(text));
    socket.on("error", reject);
    socket.write(`GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n\r\n`);
  });
}

async function call(number: number): Promise<void> {
  const beganMs = performance.now();
  try {
    const text = await get(`http://orders/v1/${number}`);
    const [, name] = /"from":"([^"]+)"/.exec(text) ?? [];
    if (name === undefined) throw new Error(text.slice(0, 200) || "an empty answer");
    answers[name] = (answers[name] ?? 0) + 1;
  } catch (error) {
    failed++;
    failure ??= String(error);
  }
  timesMs.push(performance.now() - beganMs);
}

function tell(): void {
  const counted: Omit<Counted, "retries"> = { calls: timesMs.length, failed, failure, timesMs, answers };
  process.stdout.write(`${JSON.stringify(counted)}\n`);
  failed = 0;
  failure = undefined;
  timesMs = [];
  answers = {};
}

const calls = new Set<Promise<void>>();
const beganMs = performance.now();
let sent = 0;
const sending = setInterval(() => {
  for (const due = ((performance.now() - beganMs) / 1000) * CALLS_A_SECOND; sent < due;) {
    const running = call(++sent);
    calls.add(running);
    void running.finally(() => calls.delete(running));
  }
}, 10);
const ticking = setInterval(tell, 1000);

process.on("SIGINT", () => {}); // as in reports.py
process.stdin.resume().once("end", async () => {
  clearInterval(sending);
  clearInterval(ticking);
  await Promise.all(calls);
  tell();
});

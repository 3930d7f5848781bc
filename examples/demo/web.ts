// One of two callers: a Node service that calls http://orders/ through weft, 200 times a second, and says what it saw.
// Arguments: Consul's address, and where spans are sent; without the latter none are.
import { createServer } from "node:http";
import { createMesh, type ServiceStats } from "@weft/client";
import type { MeshEventName } from "@weft/core";
import { startTelemetry } from "@weft/telemetry";
import { headline } from "./headline.ts";
import { type Counted, liveLine } from "./score.ts";

const [consulUrl = "http://127.0.0.1:8500", otlpUrl] = process.argv.slice(2);
const CALLS_A_SECOND = 200;
let second = 0;

/** What it tells the stage, once a second. */
export interface Tick extends Counted {
  readonly kind: "tick";
  readonly orders: ServiceStats;
}

export interface News {
  readonly kind: "news";
  readonly name: MeshEventName;
  readonly text: string;
}

// Calls only: nothing else of this process is worth a span.
const telemetry =
  otlpUrl === undefined
    ? undefined
    : await startTelemetry({ serviceName: "web", otlp: { url: otlpUrl }, register: false });

const mesh = createMesh({
  discovery: { consul: { url: consulUrl } },
  ...(telemetry && { telemetry }),
  services: {
    orders: {
      timeout: { total: "10s", attempt: "2s" },
      retry: { maxRetries: 2 }, // the story kills, slows and breaks endpoints all at once
      outliers: { baseEjection: "2s", maxEjection: "4s" }, // shorter than the defaults, to see them return
    },
  },
  onEvent(name, event) {
    if (name === "retry.started") retries++;
    const text = headline(name, event);
    if (text !== undefined) tell({ kind: "news", name, text });
  },
});

/** To the stage that started this process; where nobody did, to standard output. */
function tell(said: { readonly kind: "ready"; readonly port: number } | Tick | News): void {
  if (process.send !== undefined) process.send(said);
  else if (said.kind === "tick") console.log(liveLine(++second, said));
  else console.log(said.kind === "news" ? said.text : `http://127.0.0.1:${said.port}/ makes one call to orders`);
}

let calls = 0;
let failed = 0;
let failure: string | undefined;
let retries = 0;
let timesMs: number[] = [];
let answers: Record<string, number> = {};
let calling = true;

async function call(): Promise<void> {
  const startedMs = performance.now();
  calls++;
  try {
    const response = await mesh.fetch(`http://orders/v1/${calls}`);
    if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`);
    const { from } = (await response.json()) as { from: string };
    answers[from] = (answers[from] ?? 0) + 1;
  } catch (error) {
    failed++;
    failure ??=
      error instanceof Error
        ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ""}`
        : String(error);
  }
  timesMs.push(performance.now() - startedMs);
}

await mesh.ready();

// By the clock and not by the timer, which is late now and then: what is due is sent. A machine that stood still does not
// make up for all of it.
const MOST_AT_ONCE = 50;
const beganMs = performance.now();
let sent = 0;
const sending = setInterval(() => {
  const due = ((performance.now() - beganMs) / 1000) * CALLS_A_SECOND;
  for (sent = Math.max(sent, Math.floor(due) - MOST_AT_ONCE); calling && sent < due; sent++) void call();
}, 5);
const ticking = setInterval(() => {
  const orders = mesh.service("orders").snapshot();
  timesMs.sort((a, b) => a - b);
  tell({ kind: "tick", calls: timesMs.length, failed, failure, timesMs, retries, answers, orders });
  failed = retries = 0;
  failure = undefined;
  timesMs = [];
  answers = {};
}, 1000);

// Something to try by hand: each request to the web service makes one call to orders.
const server = createServer(async (_request, response) => {
  try {
    const answer = await mesh.fetch("http://orders/by-hand");
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  } catch (error) {
    response.writeHead(502).end(`${error instanceof Error ? error.message : String(error)}\n`);
  }
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  tell({ kind: "ready", port: address !== null && typeof address === "object" ? address.port : 0 });
});

process.on("SIGINT", () => {}); // Ctrl-C reaches every process of the terminal: the stage ends this one in its turn
const orphaned = (): void => process.exit(); // the stage has crashed
process.once("disconnect", orphaned).once("error", orphaned); // an error is what is said to nobody
process.once("SIGTERM", async () => {
  process.off("disconnect", orphaned);
  calling = false;
  clearInterval(sending);
  clearInterval(ticking);
  server.close();
  server.closeIdleConnections();
  await mesh.close();
  await telemetry?.close();
  process.disconnect?.();
});

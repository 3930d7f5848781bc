// A service that OpenTelemetry is set up in, run in a process of its own: asks `ORDERS` by the client that BY names.
import type * as Http from "node:http";
import { createRequire } from "node:module";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { answerOf, responseOf } from "../client/node-http.ts";
import { askingService } from "./servers.ts";

new NodeSDK({
  instrumentations: [new UndiciInstrumentation(), new HttpInstrumentation()],
  spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
}).start();

// Instrumented, as for any app that requires it after the SDK was started.
const http: typeof Http = createRequire(import.meta.url)("node:http");
const orders = process.env["ORDERS"] ?? "";

const service = await askingService(
  async (_lines, by) =>
    by === "fetch" ? (await fetch(orders)).text() : (await answerOf(await responseOf(http.request(orders).end()))).body,
  http.createServer,
);
process.stdout.write(`${service.port}\n`);

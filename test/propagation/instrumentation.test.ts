import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallReport } from "./instrumented-app.ts";
import { echoEndpoint, type Listening } from "./servers.ts";
import type { Lines } from "./w3c-cases.ts";

const WAYS = [
  "mesh.fetch",
  "mesh.dispatcher",
  "mesh.agent()",
  "an installed mesh and fetch",
  "an installed mesh and undici",
  "an installed mesh and node:http",
] as const;

const BY_NODE_HTTP: ReadonlySet<string> = new Set(["mesh.agent()", "an installed mesh and node:http"]);

/** For a process that loads all of OpenTelemetry: two seconds of work, on machines that may be busy. */
const PATIENCE_MS = 60_000;

let endpoint: Listening;
/** What came with the attempts of the call that is repeated; the first of them is refused. */
let attempts: Lines[] = [];
beforeAll(async () => {
  endpoint = await echoEndpoint((lines) => {
    if (!lines.some(([name, value]) => name.toLowerCase() === "x-request-id" && value === "again")) return 200;
    attempts.push(lines);
    return attempts.length === 1 ? 503 : 200;
  });
});
afterAll(() => endpoint[Symbol.asyncDispose]());

describe.each(["", "undici", "http", "undici,http"])("with instrumentations [%s]", (instrumented) => {
  describe.each(["none", "open", "start"])("and telemetry %s", (telemetry) => {
    let reports: Readonly<Record<string, CallReport>>;
    beforeAll(async () => {
      attempts = [];
      const orders = `127.0.0.1:${endpoint.port}`;
      reports = await run({ ORDERS: orders, INSTRUMENTED: instrumented, TELEMETRY: telemetry });
    }, PATIENCE_MS);

    test.each(WAYS)("a call by %s has one traceparent, of a span that leads to the app's", (way) => {
      const { app, lines, spans } = reports[way]!;
      const sent = traceparents(lines);
      const instrumentation = BY_NODE_HTTP.has(way) ? "http" : "undici";
      if (telemetry === "none" && !instrumented.includes(instrumentation)) {
        expect(sent).toEqual([]);
        return;
      }
      expect(sent).toHaveLength(1);
      const [, traceId, spanId = ""] = sent[0]!.split("-");
      expect(traceId).toBe(app.traceId);
      expect(spans.map((span) => span.traceId)).toEqual(spans.map(() => app.traceId));
      expect(ancestors(spanId, spans).at(-1)).toBe(app.spanId);
      // The nearest is the attempt's, and there is one of a kind.
      const nearest = spans.find((span) => span.spanId === spanId)!;
      expect(nearest.by).toBe(telemetry === "none" ? instrumentation : "weft");
      expect(spans.filter(({ by }) => by === "weft")).toHaveLength(telemetry === "none" ? 0 : 2);
      expect(spans.filter(({ by }) => by === "undici")).toHaveLength(
        telemetry === "none" && instrumentation === "undici" ? 1 : 0,
      );
    });

    test.runIf(telemetry !== "none")("each attempt of a call that is repeated has one, of its own span", () => {
      const { app, spans } = reports["a retry"]!;
      const sent = attempts.map(traceparents);
      expect(sent.map(({ length }) => length)).toEqual([1, 1]);
      const ids = sent.map(([traceparent = ""]) => traceparent.split("-"));
      expect(ids.map(([, traceId]) => traceId)).toEqual([app.traceId, app.traceId]);
      const [first, second] = ids.map(([, , spanId = ""]) => ancestors(spanId, spans));
      expect(first![0]).not.toBe(second![0]);
      expect(first!.slice(1)).toEqual(second!.slice(1)); // both are the call's, which is the app's
      expect(first!.at(-1)).toBe(app.spanId);
    });
  });
});

function traceparents(lines: Lines): readonly string[] {
  return lines.filter(([name]) => name.toLowerCase() === "traceparent").map(([, value]) => value);
}

/** The ids from a span to the first that none of them is. */
function ancestors(spanId: string, spans: CallReport["spans"]): readonly string[] {
  const parent = spans.find((span) => span.spanId === spanId)?.parentSpanId;
  return parent === undefined ? [spanId] : [spanId, ...ancestors(parent, spans)];
}

/** Runs the app to its end. @returns what came of each of its calls */
function run(env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, CallReport>>> {
  const { NODE_OPTIONS: _, ...own } = process.env; // the test runner's
  const args = ["--conditions=@weft/source", join(import.meta.dirname, "instrumented-app.ts")];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env: { ...own, ...env }, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as Readonly<Record<string, CallReport>>); // what it prints
      else reject(new Error(`${error.message}\n${stderr}`));
    });
  });
}

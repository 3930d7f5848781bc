import { request } from "node:http";
import { type Behaviour, type FakeEndpoints } from "@weft/testkit";
import { callTracing, propagation } from "@weft/telemetry";
import { describe, expect, test } from "vitest";
import { rig } from "../client/rig.ts";
import { sidecarRig } from "../sidecar/rig.ts";
import { fakeCollector } from "../telemetry/fake-collector.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
/** Not sampled: its spans are kept only where the call failed. */
const traceparent = `00-${TRACE}-00f067aa0ba902b7-00`;

/** How a call ends, and whether it failed: the rows of docs/errors.md, "What failed means". */
interface Row {
  readonly what: string;
  readonly behaviour: Behaviour;
  /** When the caller goes away. Absent: it waits for all of its answer. */
  readonly leaves?: "before the head" | "inside the body";
  readonly failed: boolean;
}

const ROWS: readonly Row[] = [
  { what: "answered with 200", behaviour: { body: "" }, failed: false },
  { what: "answered with 302", behaviour: { status: 302, body: "" }, failed: false },
  { what: "answered with 404", behaviour: { status: 404, body: "" }, failed: false },
  { what: "answered with 429", behaviour: { status: 429, body: "" }, failed: false },
  { what: "answered with 500", behaviour: { status: 500, body: "" }, failed: true },
  { what: "answered with 501", behaviour: { status: 501, body: "" }, failed: true },
  { what: "answered with 503", behaviour: { status: 503, body: "" }, failed: true },
  { what: "cut by its deadline", behaviour: { kind: "stall", at: "before-head" }, failed: true },
  { what: "met by a reset", behaviour: { kind: "reset", at: "request" }, failed: true },
  { what: "told what is no answer", behaviour: { kind: "garbage" }, failed: true },
  { what: "broken inside its body", behaviour: { kind: "truncate", answer: { body: "half" } }, failed: true },
  {
    what: "left before its answer",
    behaviour: { kind: "stall", at: "before-head" },
    leaves: "before the head",
    failed: false,
  },
  {
    what: "left inside its answer",
    behaviour: { kind: "stall", at: "inside-body", answer: { body: "half" } },
    leaves: "inside the body",
    failed: false,
  },
];

/** Time runs out only for a caller that waits for what does not come. */
function policyOf({ behaviour: { kind }, leaves }: Row) {
  const patience = kind === "stall" && leaves === undefined ? "300ms" : "30s";
  return { retry: "off", timeout: { total: patience, attempt: patience, connect: patience } } as const;
}

/** Makes the call, and waits for its end in whatever way it comes. */
async function make(
  { leaves }: Row,
  endpoints: FakeEndpoints,
  send: (signal: AbortSignal, onHead: () => void) => Promise<unknown>,
): Promise<void> {
  const abort = new AbortController();
  const head = Promise.withResolvers<void>();
  const done = send(abort.signal, () => head.resolve()).catch(() => {});
  if (leaves === "before the head") await endpoints.at(0).stalled();
  else if (leaves === "inside the body") await head.promise;
  if (leaves !== undefined) abort.abort();
  await done;
}

describe("in the sidecar a call that is", () => {
  test.each(ROWS)("$what: failed is $failed in every number and list", async (row) => {
    await using collector = await fakeCollector();
    await using sidecar = await sidecarRig({
      count: 1,
      behaviour: row.behaviour,
      policy: policyOf(row),
      rest: { telemetry: { accessLog: "off", sampleRatio: 0, otlp: { url: collector.url } } },
    });
    const { endpoints, port, admin } = sidecar;
    await make(row, endpoints, (signal, onHead) => viaSidecar(port, signal, onHead));
    const ended = await sidecar.journal.next("call.ended");
    const { calls } = JSON.parse((await admin("/calls")).body) as { readonly calls: readonly object[] };
    const overview = JSON.parse((await admin("/overview")).body) as { readonly services: readonly object[] };
    const metrics = (await admin("/metrics")).body;
    const { failed } = row;
    expect(ended.failed).toBe(failed);
    expect(calls).toMatchObject([{ failed }]);
    expect(overview.services).toMatchObject([{ counted: { ended: 1, failed: failed ? 1 : 0 } }]);
    expect(metrics).toContain(`weft_calls_failed_total{service="orders",method="read"} ${failed ? 1 : 0}\n`);
    expect(metrics).toContain(`weft_traced_calls_kept_total{reason="failed"} ${failed ? 1 : 0}\n`);
  });
});

describe("in the SDK a call that is", () => {
  test.each(ROWS)("$what: failed is $failed in lists and traces", async (row) => {
    const carried = propagation({ extract: ["tracecontext"], inject: ["tracecontext"] });
    const tracing = callTracing({
      sampling: () => ({ sampleRatio: 0, keepFailed: true, keepSlowerThanMs: Number.POSITIVE_INFINITY }),
      attempts: () => "spans",
      propagation: () => carried,
      sink: () => ({ write: () => {}, dropped: 0, close: async () => {} }),
      nowMs: () => performance.now(),
      epochMs: Date.now,
    });
    await using lab = await rig({
      count: 1,
      behaviour: row.behaviour,
      policy: policyOf(row),
      mesh: { telemetry: { tracing } },
    });
    const { mesh, endpoints } = lab;
    await make(row, endpoints, async (signal, onHead) => {
      const answer = await mesh.fetch("http://orders/", { headers: { traceparent }, signal, redirect: "manual" });
      onHead();
      await answer.text();
    });
    expect((await lab.journal.next("call.ended")).failed).toBe(row.failed);
    expect(mesh.explain({ trace: TRACE }).calls.map(({ end }) => end?.failed)).toEqual([row.failed]);
    expect(tracing.counts.kept.failed).toBe(row.failed ? 1 : 0);
  });
});

function viaSidecar(port: number, signal: AbortSignal, onHead: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { host: "orders", traceparent };
    const sent = request({ host: "127.0.0.1", port, headers, agent: false }, (response) => {
      onHead();
      response.on("error", reject).on("end", resolve).resume();
    });
    sent.on("error", reject).end();
    // A reset: whoever only ends its side may still be waiting for the answer.
    signal.addEventListener("abort", () => sent.socket?.resetAndDestroy());
  });
}

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENTS_BY_LANGUAGE, runScenario } from "./client.ts";
import { pattern } from "./pattern.ts";
import { type Stage, startStage } from "./stage.ts";

const LARGE_BYTES = 8 * 1024 * 1024 + 1;
const large = Buffer.concat([...pattern(LARGE_BYTES)]);
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const TRACE = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);

describe.each(CLIENTS_BY_LANGUAGE)("$language's client, through weft sidecar", ({ skip, tool, prepare }) => {
  let stage: Stage;
  let upload: string;
  let run: (scenario: string, underWay?: () => Promise<void>) => Promise<ReadonlyMap<string, string>>;

  beforeAll(async () => {
    if (skip !== undefined) return;
    stage = await startStage();
    upload = join(stage.folder, "upload");
    await writeFile(upload, large);
    const command = prepare(stage.folder, tool)(stage.outbound);
    run = (scenario, underWay) => runScenario(command, scenario, stage, upload, underWay);
  }, 120_000); // the first build of Go's library takes its time
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const claim = test.skipIf(skip !== undefined);
  const because = skip === undefined ? "" : ` (${skip})`;

  claim(
    `reaches a service by proxy, by Host and by CONNECT, and the app by the inbound listener${because}`,
    async () => {
      const lines = await run("reach");
      const proxied = { endpoint: expect.stringMatching(/^orders-[123]$/), traceparent: TRACE };
      const said = (name: string): unknown => {
        const [, status, body = ""] = /^(\d+) (.*)$/.exec(lines.get(name) ?? "") ?? [];
        return { status, body: JSON.parse(body) as unknown };
      };
      const via = expect.stringMatching(/1\.1 weft-/);
      expect(said("proxy")).toMatchObject({
        status: "200",
        body: { ...proxied, via, method: "GET", path: "/by-proxy?n=1", host: "orders" },
      });
      expect(said("host")).toMatchObject({
        status: "200",
        body: { ...proxied, via, path: "/by-host", host: "orders" },
      });
      // Of a tunnel only bytes pass: nothing is added inside it.
      expect(said("connect")).toMatchObject({ status: "200", body: { path: "/by-connect" } });
      expect(said("connect")).not.toHaveProperty("body.traceparent");
      expect(said("inbound")).toMatchObject({ status: "200", body: { endpoint: "orders-1", traceparent: TRACE, via } });
    },
  );

  claim(`sends a body with a length and one in chunks, and both arrive as they were${because}`, async () => {
    const sum = `200 4096 ${hashOf(large.subarray(0, 4096))}`;
    expect(Object.fromEntries(await run("post"))).toEqual({
      length: `${sum} length 4096`,
      chunked: `${sum} chunked`,
      again: `${sum} length 4096`,
    });
  });

  claim(`streams 8 MiB there and back without a changed byte${because}`, async () => {
    const sum = `200 ${LARGE_BYTES} ${hashOf(large)}`;
    expect(Object.fromEntries(await run("large"))).toEqual({ up: `${sum} length ${LARGE_BYTES}`, down: sum });
  });

  claim(`makes 300 calls, 100 at a time over kept connections, shared by three endpoints${because}`, async () => {
    await stage.counts();
    const before = await connections(stage);
    const lines = await run("spread");
    expect(lines.get("ended")).toBe("300 0");
    expect((await stage.counts()).map(({ requests }) => requests)).toEqual([100, 100, 100]);
    // Some clients open another before one is back; none needs one for each call.
    expect((await connections(stage)) - before).toBeLessThanOrEqual(150);
  });

  claim(`is told of the sidecar's own errors as problem+json${because}`, async () => {
    const lines = await run("errors");
    const said = (name: string): unknown => {
      const [, status, type, body = ""] = /^(\d+) (\S+) (.*)$/.exec(lines.get(name) ?? "") ?? [];
      return { status, type, body: JSON.parse(body) as unknown };
    };
    const type = "application/problem+json";
    const unknown = { code: "UNKNOWN_SERVICE", detail: 'no service is called "nobody"; known: orders, gone' };
    expect(said("unknown")).toMatchObject({ status: "502", type, body: { status: 502, ...unknown } });
    expect(said("gone")).toMatchObject({ status: "502", type, body: { code: "CONNECT_FAILED", service: "gone" } });
    expect(said("late")).toMatchObject({ status: "504", type, body: { code: "DEADLINE_EXCEEDED", service: "orders" } });
  });

  // Last: one endpoint is gone after it.
  claim(`sees no call fail when an endpoint is killed under them${because}`, async () => {
    const lines = await run("kill", () => stage.kill(1));
    const [calls = 0, failed] = (lines.get("ended") ?? "").split(" ").map(Number);
    expect(failed).toBe(0);
    expect(calls).toBeGreaterThanOrEqual(290);
  });
});

/** Connections that the outbound listener has taken since it was opened. */
async function connections({ admin }: Stage): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  const [, count] = /^envoy_listener_downstream_cx_total\{[^}]*"outbound"[^}]*\} (\d+)$/m.exec(metrics) ?? [];
  return Number(count);
}

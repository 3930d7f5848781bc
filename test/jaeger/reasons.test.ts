import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JAEGER, type RealJaeger, startRealJaeger } from "../real/real-jaeger.ts";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "../sidecar/rig.ts";
import { type ReadSpan, readTrace } from "./read-trace.ts";

const reason = JAEGER.kind === "missing" ? ` (${JAEGER.skip})` : "";
const STALL = { kind: "stall", at: "before-head", answer: { body: "late" } } as const;

describe.skipIf(JAEGER.kind === "missing")(`a sidecar's spans in a real Jaeger${reason}`, { timeout: 60_000 }, () => {
  let jaeger: RealJaeger;
  beforeAll(async () => {
    if (JAEGER.kind === "found") jaeger = await startRealJaeger(JAEGER.path);
  });
  afterAll(() => jaeger?.stop());

  const rigWith = (policy: SidecarRigOptions["policy"] = {}): Promise<SidecarRig> =>
    sidecarRig({ policy, rest: { telemetry: { otlp: { url: jaeger.otlpUrl }, serviceName: "web" } } });

  /** One call in a trace of the given id; its caller has decided whether it is kept. */
  async function traced(
    rig: SidecarRig,
    traceId: string,
    flags: "00" | "01",
    spans: number,
  ): Promise<readonly ReadSpan[]> {
    await call(rig.port, "/v1/7", { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}` } });
    return readTrace(jaeger.queryUrl, traceId, (found) => found.length === spans);
  }

  test("a call that failed is there with all its attempts, though its caller kept no trace", async () => {
    await using rig = await rigWith();
    for (const index of [0, 1]) rig.endpoints.at(index).always({ status: 503 });
    const [failed, first, second] = await traced(rig, "4bf92f3577b34da6a3ce929d0e0e4736", "00", 3);
    expect(failed).toMatchObject({
      parent: "00f067aa0ba902b7",
      attributes: { "weft.kept": "failed", "weft.attempts": 2, "error.type": "503", "otel.status_code": "ERROR" },
    });
    for (const attempt of [first, second]) expect(attempt?.attributes["error.type"]).toBe("503");
    expect(second?.attributes["weft.retry.reason"]).toBe("server-error");
  });

  test("one that went well is not", async () => {
    await using rig = await rigWith();
    const unkept = "4bf92f3577b34da6a3ce929d0e0e4737";
    await traced(rig, unkept, "00", 0);
    // Its spans would have come before those of a later call.
    await traced(rig, "4bf92f3577b34da6a3ce929d0e0e4738", "01", 2);
    expect(await readTrace(jaeger.queryUrl, unkept, () => true)).toEqual([]);
  });

  test("a hedge is linked to the attempt that it was to overtake", async () => {
    await using rig = await rigWith({ hedge: { after: "20ms", maxExtraRatio: 1 } });
    rig.endpoints.at(0).next(STALL);
    const [made, slow, hedge] = await traced(rig, "4bf92f3577b34da6a3ce929d0e0e4739", "01", 3);
    expect(made?.attributes).toMatchObject({ "weft.attempts": 2, "weft.kept": "parent" });
    expect(slow?.attributes).toMatchObject({ "weft.attempt": 1, "weft.endpoint": "endpoint-1" });
    expect(hedge).toMatchObject({ attributes: { "weft.attempt": 2, "weft.hedge": true, "weft.outcome": "success" } });
    expect(hedge?.links).toEqual([slow?.id]);
  });
});

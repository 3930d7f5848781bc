import { Fields, SEEN } from "@weft/http";
import { describe, expect, test } from "vitest";
import { bringsDeadline, OTHER_DEADLINES, receivedDeadlineMs, restateDeadline } from "./received-deadline.ts";

interface Given {
  readonly own?: string;
  readonly envoy?: string;
  readonly grpc?: string;
}

/** A head with these deadlines, as the parser makes one. */
function head({ own = "", envoy, grpc }: Given): Fields & { readonly deadline: string; readonly seen: number } {
  const lines =
    (envoy === undefined ? "" : `X-Envoy-Expected-Rq-Timeout-Ms: ${envoy}\r\n`) +
    (grpc === undefined ? "" : `grpc-timeout: ${grpc}\r\n`);
  const seen = (envoy === undefined ? 0 : SEEN.expectedTimeout) | (grpc === undefined ? 0 : SEEN.grpcTimeout);
  return Object.assign(Fields.ofLines(lines), { deadline: own, seen });
}

describe("how long the caller still waits", () => {
  test.each<Given & { readonly ms: number }>([
    { own: "0", ms: 0 },
    { own: "250", ms: 250 },
    { own: "999999999", ms: 999_999_999 },
    { own: "1000000000", ms: Number.POSITIVE_INFINITY },
    { own: "-1", ms: Number.POSITIVE_INFINITY },
    { own: "1.5", ms: Number.POSITIVE_INFINITY },
    { own: "1e3", ms: Number.POSITIVE_INFINITY },
    { envoy: "250", ms: 250 },
    { envoy: "0", ms: Number.POSITIVE_INFINITY },
    { envoy: "soon", ms: Number.POSITIVE_INFINITY },
    { grpc: "2H", ms: 7_200_000 },
    { grpc: "2M", ms: 120_000 },
    { grpc: "2S", ms: 2_000 },
    { grpc: "2m", ms: 2 },
    { grpc: "2000u", ms: 2 },
    { grpc: "99999999n", ms: 99.999_999 },
    { grpc: "123456789m", ms: Number.POSITIVE_INFINITY },
    { grpc: "2s", ms: Number.POSITIVE_INFINITY },
    { grpc: "S", ms: Number.POSITIVE_INFINITY },
    { own: "300", envoy: "200", grpc: "100m", ms: 100 },
    { own: "100", envoy: "200", grpc: "1S", ms: 100 },
  ])("own $own, of Envoy $envoy, of gRPC $grpc: $ms ms", ({ ms, ...given }) => {
    expect(receivedDeadlineMs(head(given))).toBeCloseTo(ms, 6);
  });

  test("is looked for only where something says so", () => {
    expect(bringsDeadline(head({}))).toBe(false);
    for (const given of [{ own: "1" }, { envoy: "1" }, { grpc: "1S" }]) expect(bringsDeadline(head(given))).toBe(true);
    expect(head({ envoy: "1" }).seen & OTHER_DEADLINES).not.toBe(0);
  });
});

describe("what is left, in the caller's own terms", () => {
  test.each([
    { leftMs: 1_234.9, envoy: "1234", grpc: "1234m" },
    { leftMs: 0.2, envoy: "1", grpc: "1m" },
    { leftMs: 86_400_000, envoy: "86400000", grpc: "86400000m" },
    { leftMs: 100_000_000, envoy: "100000000", grpc: "100000S" },
    { leftMs: Number.POSITIVE_INFINITY, envoy: "9", grpc: "9S" },
  ])("$leftMs ms are $envoy and $grpc", ({ leftMs, envoy, grpc }) => {
    const fields = head({ envoy: "9", grpc: "9S" });
    restateDeadline(fields, leftMs);
    expect([fields.get("x-envoy-expected-rq-timeout-ms"), fields.get("grpc-timeout")]).toEqual([envoy, grpc]);
  });

  test("adds no line that the caller had not sent", () => {
    const fields = head({ grpc: "9S" });
    restateDeadline(fields, 10);
    expect(fields.lines).not.toMatch(/envoy/i);
  });
});

import { Fields, SEEN } from "@weft/http";
import { describe, expect, test } from "vitest";
import { bringsDeadline, OTHER_DEADLINES, receivedDeadlineMs, restateDeadline } from "./received-deadline.ts";

interface Given {
  readonly own?: string;
  readonly envoy?: string;
  readonly grpc?: string;
}

/** A head with these deadlines, as the parser makes one. */
function head({ own = "", envoy, grpc = "" }: Given): Parameters<typeof receivedDeadlineMs>[0] & Fields {
  const fields = Fields.ofLines(envoy === undefined ? "" : `X-Envoy-Expected-Rq-Timeout-Ms: ${envoy}\r\n`);
  return Object.assign(fields, {
    deadline: own,
    grpcTimeout: grpc,
    seen: envoy === undefined ? 0 : SEEN.expectedTimeout,
  });
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
    { grpc: "2S", ms: 2_000 },
    { grpc: "2s", ms: Number.POSITIVE_INFINITY },
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

describe("what is left, in Envoy's terms", () => {
  test.each([
    { leftMs: 1_234.9, envoy: "1234" },
    { leftMs: 0.2, envoy: "1" },
    { leftMs: 86_400_000, envoy: "86400000" },
    { leftMs: Number.POSITIVE_INFINITY, envoy: "9" },
  ])("$leftMs ms are $envoy", ({ leftMs, envoy }) => {
    const fields = head({ envoy: "9" });
    restateDeadline(fields, leftMs);
    expect(fields.get("x-envoy-expected-rq-timeout-ms")).toBe(envoy);
  });

  test("adds no line that the caller had not sent", () => {
    const fields = head({ grpc: "9S" });
    restateDeadline(fields, 10);
    expect(fields.lines).toBe("");
  });
});

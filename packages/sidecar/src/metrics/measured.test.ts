import { INSTRUMENTS } from "@weft/telemetry";
import { describe, expect, test } from "vitest";
import { fakeView, makeCall } from "../admin/fake-view.suite.ts";
import { ALL_FAMILIES } from "./all-families.ts";
import { Counters } from "./counters.ts";
import { measuredMetrics } from "./measured.ts";
import { processMeter } from "./process-meter.ts";

describe("the numbers in OpenTelemetry's terms", () => {
  test("are those of the text, under attributes for labels", async () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    await makeCall(view, 1, "orders-1");
    const service = counters.service("orders");
    service.callBegan();
    service.callEnded(503, 1, 18, -1, "write", true);
    counters.listener("outbound").callBegan();
    counters.listener("outbound").callEnded(503, 18);
    const meter = processMeter();
    const state = { counters, services: view.services(), readiness: view.state, process: meter.read() };
    const metrics = measuredMetrics({ ...state, logLinesDropped: undefined });
    meter.close();
    const points = Object.fromEntries(metrics.map(({ name, points: all }) => [name, all]));
    const orders = { "server.address": "orders" };
    expect(points["weft.calls"]).toEqual([{ attributes: orders, value: 1 }]);
    expect(points["weft.calls.ended"]).toEqual([
      { attributes: { ...orders, "weft.method": "write", "weft.status": "5xx" }, value: 1 },
    ]);
    expect(points["weft.call.duration"]).toMatchObject([
      { attributes: { ...orders, "weft.method": "write" }, value: { sumMs: 18 } },
    ]);
    expect(points["weft.listener.call.duration"]).toMatchObject([{ attributes: { "weft.listener": "outbound" } }]);
    expect(points["weft.endpoint.attempts"]).toContainEqual({
      attributes: { ...orders, "weft.endpoint": "orders-1" },
      value: 1,
    });
    expect(metrics.find(({ name }) => name === "weft.listener.call.duration")?.unit).toBe("s");
    expect(points["weft.access_log.lines.dropped"]).toEqual([]);
  });

  test("have one name each, and one text each", () => {
    const names = ALL_FAMILIES.map(({ name }) => name);
    const otel = ALL_FAMILIES.flatMap((family) => family.otel ?? []);
    for (const all of [names, otel]) expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
  });

  test("mean in a sidecar what they mean in an app", () => {
    const shared = ALL_FAMILIES.flatMap((family) => {
      const spec = Object.entries(INSTRUMENTS).find(([name]) => name === family.otel)?.[1];
      return spec === undefined ? [] : [{ family, spec }];
    });
    expect(shared.length).toBeGreaterThan(20);
    for (const { family, spec } of shared) {
      const { otel, type, unit, labels } = family;
      expect({ otel, type, unit }).toEqual({ otel, type: spec.kind, unit: spec.unit });
      // Here nothing is said of single errors: the status has its own metric.
      const attributes = labels.map(({ attribute }) => attribute);
      expect(spec.attributes, otel).toEqual(expect.arrayContaining(attributes));
    }
  });
});
